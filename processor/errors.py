"""What makes an original fail for good, besides the picture itself (``ImageError``)."""

from typing import Literal

Code = Literal["missing-original", "key-too-long", "too-costly", "unknown-recipe"]


class PermanentError(Exception):
    """An original that cannot be processed, now or later; fields as in ``ImageError``."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message
