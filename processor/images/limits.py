"""Limits on the size, memory and time of an image."""

from dataclasses import dataclass

from processor.images.errors import ImageError

BASE_MEMORY = 200
"""Megabytes that Python, boto3, the engine and a large file take beside the pixels."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits, checked from an image's header before it is decoded, except for the time."""

    max_bytes: int = 64 * 1024 * 1024
    """Largest file, in bytes."""

    max_pixels: int = 100_000_000
    """Largest width x height of an original."""

    max_side: int = 32_768
    """Longest side of an original, in pixels."""

    max_scans: int = 100
    """Scans of a progressive JPEG; encoders write about ten. Decoding one takes the time of a whole
    image, however few bytes it has."""

    max_frames: int = 500
    """Frames of an animation."""

    max_frame_pixels: int = 50_000_000
    """Largest width x height x frames of an animation, whose frames are all decoded at once."""

    max_output_pixels: int = 50_000_000
    """Largest width x height x frames of a rendition."""

    max_still_pixels: int = 4096 * 4096
    """Largest width x height of a rendition. Encoders and filters take up to 35 bytes a pixel: 25
    million pixels with a tiled watermark don't fit in 1 GB."""

    max_memory: int = 600 * 1024 * 1024
    """Memory for decoding, in bytes, by the estimate of ``decode/memory.py``. The rest of 1 GB is
    for Python, the file and the renditions."""

    max_seconds: float = 45.0
    """Time for all renditions of an image; checked after each step."""

    @classmethod
    def within(cls, megabytes: int) -> "Limits":
        """Return the limits for a function with this much memory. The defaults are for 1024 MB."""
        default, share = cls(), max(0.1, (megabytes - BASE_MEMORY) / (1024 - BASE_MEMORY))
        return cls(
            max_frame_pixels=round(default.max_frame_pixels * share),
            max_output_pixels=round(default.max_output_pixels * share),
            max_still_pixels=round(default.max_still_pixels * share),
            max_memory=round(default.max_memory * share),
        )

    def check_bytes(self, count: int) -> None:
        """Refuse an empty file or one of more than ``max_bytes``."""
        if count == 0:
            raise ImageError("empty", "The file is empty. Upload it again.")
        if count > self.max_bytes:
            raise ImageError(
                "too-many-bytes",
                f"The file has {count:,} bytes; at most {self.max_bytes:,} are accepted. "
                "Upload a smaller version of the image.",
            )

    def check_size(self, width: int, height: int) -> None:
        """Refuse an image whose header has too many pixels, or none."""
        if width < 1 or height < 1:
            raise ImageError(
                "corrupt", f"The file is damaged: its size is {width} x {height} pixels."
            )
        if max(width, height) > self.max_side:
            raise ImageError(
                "too-long-side",
                f"The image is {width} x {height} pixels; a side may have at most "
                f"{self.max_side:,}. Upload a smaller version.",
            )
        if width * height > self.max_pixels:
            raise ImageError(
                "too-many-pixels",
                f"The image is {width} x {height} = {width * height:,} pixels; at most "
                f"{self.max_pixels:,} are accepted. Upload a smaller version.",
            )

    def check_scans(self, count: int) -> None:
        """Refuse a JPEG with too many scans."""
        if count > self.max_scans:
            raise ImageError(
                "too-many-scans",
                f"The JPEG has {count:,} scans; at most {self.max_scans} are accepted. "
                "Export it again and upload the new file.",
            )

    def check_frames(self, frames: int, width: int, height: int) -> None:
        """Refuse an animation with too many frames, or too many pixels in all of them."""
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
                f"{most:,} pixels are allowed{' for each' if of_frames else ''}. Choose a smaller "
                "resize.",
            )

    def check_memory(self, count: int) -> None:
        """Refuse an image whose decoding would take too much memory."""
        if count > self.max_memory:
            raise ImageError(
                "too-much-memory",
                f"Decoding the image would take about {count >> 20:,} MB of memory; at most "
                f"{self.max_memory >> 20:,} MB are available. Upload a smaller version, or a JPEG "
                "that is not progressive.",
            )

    def check_time(self, seconds: float) -> None:
        """Refuse an image that has taken too long."""
        if seconds > self.max_seconds:
            raise ImageError(
                "too-slow",
                f"The renditions took more than {self.max_seconds:g} seconds. Upload a smaller or "
                "simpler version, or choose a recipe with fewer or smaller renditions.",
            )


DEFAULT_LIMITS = Limits()
"""The limits of a function with 1024 MB of memory."""
