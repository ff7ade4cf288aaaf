"""Decoder exceptions as one ``ImageError``."""

from collections.abc import Iterator
from contextlib import contextmanager

from processor.images.errors import ImageError

TRUNCATED = "The file ends before the image does. Upload it again."


@contextmanager
def decoder_errors(action: str) -> Iterator[None]:
    """Raise an ``ImageError`` for any exception of a decoder; ``action`` is "read" or "decoded".

    On hostile input decoders raise nearly every built-in exception, so all are caught. A
    ``MemoryError`` is raised as it is: it is not the file's fault.
    """
    try:
        yield
    except (ImageError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, EOFError) or "truncated" in str(error).lower():
            raise ImageError(
                "truncated",
                TRUNCATED,
                decoder=str(error),
            ) from error
        raise ImageError(
            "corrupt",
            f"The file is damaged: it cannot be {action}. Export it again and upload the new file.",
            decoder=f"{type(error).__name__}: {error}",
        ) from error
