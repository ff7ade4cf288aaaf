"""The one error that the engine raises about a picture."""

from typing import Literal

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


class ImageError(Exception):
    """A picture that cannot be processed, now or later: trying again changes nothing.

    ``code`` is stable and meant for programs, ``message`` is a sentence for the person who
    uploaded the picture, ``details`` is for the log and may quote the decoder.
    """

    def __init__(self, code: Code, message: str, **details: object) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message
        self.details = details

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
