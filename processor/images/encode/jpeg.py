"""JPEG files."""

from processor.images.canvas import Canvas
from processor.images.encode.saving import saved
from processor.images.recipe import Jpeg


def write_jpeg(canvas: Canvas, output: Jpeg, exif: bytes) -> bytes:
    """The first frame as JPEG."""
    options = {"quality": output.quality, "subsampling": output.subsampling, "exif": exif}
    try:
        return saved(
            canvas.image,
            "JPEG",
            progressive=output.progressive,
            optimize=output.optimize,
            **options,
        )
    except OSError:
        # libjpeg writes progressive and optimized files in one go, and Pillow's buffer for that
        # (a byte or two for each pixel) is too small for what is all noise. Baseline streams.
        return saved(canvas.image, "JPEG", **options)
