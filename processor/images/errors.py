"""The engine's error, and its codes."""

from typing import Literal

from processor.errors import PermanentError

Code = Literal[
    "empty",
    "unsupported-format",
    "too-many-bytes",
    "too-many-pixels",
    "too-long-side",
    "too-many-scans",
    "too-many-frames",
    "too-many-frame-pixels",
    "too-much-memory",
    "too-large-rendition",
    "too-slow",
    "crop-outside",
    "missing-watermark",
    "cannot-fit",
    "truncated",
    "corrupt",
]


class ImageError(PermanentError):
    """An image that the engine cannot process."""

    def __init__(self, code: Code, message: str, **details: object) -> None:
        super().__init__(code, message, **details)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
