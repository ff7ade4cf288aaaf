"""What a picture may cost before the engine refuses it."""

from dataclasses import dataclass

from processor.images.errors import ImageError


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that are checked from a picture's header, before a pixel is decoded."""

    max_bytes: int = 64 * 1024 * 1024
    """Largest file, in bytes."""

    max_pixels: int = 100_000_000
    """Largest width x height."""

    max_side: int = 32_768
    """Longest edge, in pixels."""

    max_scans: int = 100
    """Most passes over the picture in a progressive JPEG; encoders write about ten. Each costs the
    time of a whole decoding, however few bytes it has."""

    def check_bytes(self, count: int) -> None:
        """Refuse an empty file or one of more than ``max_bytes``."""
        if count == 0:
            raise ImageError("empty", "The file is empty. Upload it again.")
        if count > self.max_bytes:
            raise ImageError(
                "too-many-bytes",
                f"The file has {count:,} bytes; at most {self.max_bytes:,} are accepted.",
            )

    def check_size(self, width: int, height: int) -> None:
        """Refuse a picture whose header names more pixels than are accepted."""
        if width < 1 or height < 1:
            raise ImageError("corrupt", f"The file says it is {width} x {height} pixels.")
        if max(width, height) > self.max_side:
            raise ImageError(
                "too-long-side",
                f"The picture is {width} x {height} pixels; a side may have at most "
                f"{self.max_side:,}.",
            )
        if width * height > self.max_pixels:
            raise ImageError(
                "too-many-pixels",
                f"The picture is {width} x {height} = {width * height:,} pixels; at most "
                f"{self.max_pixels:,} are accepted.",
            )

    def check_scans(self, count: int) -> None:
        """Refuse a JPEG that would be decoded again and again."""
        if count > self.max_scans:
            raise ImageError(
                "too-many-scans",
                f"The JPEG is made of {count:,} passes; at most {self.max_scans} are accepted. "
                "Export it again and upload the new file.",
            )
