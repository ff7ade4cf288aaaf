"""What a picture may cost before the engine refuses it."""

from dataclasses import dataclass

from processor.images.errors import ImageError

ALWAYS = 200
"""Megabytes that Python, boto3, the engine and a large file take beside the pictures."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that are checked from a picture's header, before a pixel is decoded: all but time."""

    max_bytes: int = 64 * 1024 * 1024
    """Largest file, in bytes."""

    max_pixels: int = 100_000_000
    """Largest width x height."""

    max_side: int = 32_768
    """Longest edge, in pixels."""

    max_scans: int = 100
    """Most passes over the picture in a progressive JPEG; encoders write about ten. Each costs the
    time of a whole decoding, however few bytes it has."""

    max_frames: int = 500
    """Most pictures of an animation."""

    max_frame_pixels: int = 50_000_000
    """Largest width x height x frames of an animation, all of which are decoded at once."""

    max_output_pixels: int = 50_000_000
    """Largest width x height x frames of a rendition."""

    max_still_pixels: int = 4096 * 4096
    """Largest width x height of a rendition. Encoders and filters take up to 35 bytes for each of
    its pixels: 25 million, with a watermark all over them, would not fit in 1 GB any more."""

    max_memory: int = 600 * 1024 * 1024
    """Most memory, in bytes, that decoding may take by the estimate of ``memory.py``. The rest of
    1 GB is for Python, the file, and the renditions."""

    max_seconds: float = 45.0
    """Longest time that all renditions of a picture may take. Looked at between steps."""

    @classmethod
    def within(cls, megabytes: int) -> "Limits":
        """The limits for a function of so much memory. The defaults are those for 1024 MB."""
        usual, share = cls(), max(0.1, (megabytes - ALWAYS) / (1024 - ALWAYS))
        return cls(
            max_frame_pixels=round(usual.max_frame_pixels * share),
            max_output_pixels=round(usual.max_output_pixels * share),
            max_still_pixels=round(usual.max_still_pixels * share),
            max_memory=round(usual.max_memory * share),
        )

    def check_bytes(self, count: int) -> None:
        """Refuse an empty file or one of more than ``max_bytes``."""
        if count == 0:
            raise ImageError("empty", "The file is empty. Upload it again.")
        if count > self.max_bytes:
            raise ImageError(
                "too-many-bytes",
                f"The file has {count:,} bytes; at most {self.max_bytes:,} are accepted. "
                "Upload a smaller version of the picture.",
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

    def check_frames(self, frames: int, width: int, height: int) -> None:
        """Refuse an animation whose frames are too many, or too large all together."""
        if frames > self.max_frames:
            raise ImageError(
                "too-many-frames",
                f"The animation has more than {self.max_frames:,} frames. Shorten it.",
                frames=frames,
            )
        if frames > 1 and frames * width * height > self.max_frame_pixels:
            raise ImageError(
                "too-many-frame-pixels",
                f"The animation has {frames:,} frames of {width} x {height} = "
                f"{frames * width * height:,} pixels; at most {self.max_frame_pixels:,} are "
                "accepted. Make it smaller or shorter.",
            )

    def check_output(self, name: str, width: int, height: int, frames: int) -> None:
        """Refuse a rendition that would be too large."""
        pixels = width * height
        if pixels > self.max_still_pixels or pixels * frames > self.max_output_pixels:
            of_frames = f" in {frames:,} frames" if frames > 1 else ""
            most = min(self.max_still_pixels, self.max_output_pixels // frames)
            raise ImageError(
                "too-large-rendition",
                f"The rendition {name!r} would be {width} x {height} pixels{of_frames}; at most "
                f"{most:,} pixels are made{' of each' if of_frames else ''}. Ask for a smaller "
                "one.",
            )

    def check_memory(self, count: int) -> None:
        """Refuse a picture whose decoding would take too much memory."""
        if count > self.max_memory:
            raise ImageError(
                "too-much-memory",
                f"Decoding the picture would take about {count >> 20:,} MB of memory; at most "
                f"{self.max_memory >> 20:,} MB are given. Upload a smaller version, or a JPEG "
                "that is not progressive.",
            )

    def check_time(self, seconds: float) -> None:
        """Give a picture up that has taken too long."""
        if seconds > self.max_seconds:
            raise ImageError(
                "too-slow",
                f"The renditions took more than {self.max_seconds:g} seconds. Upload a smaller or "
                "simpler version, or ask for fewer or smaller renditions.",
            )


DEFAULT_LIMITS = Limits()
"""The limits of a function with 1024 MB of memory."""
