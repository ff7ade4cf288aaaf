"""JPEG encoding."""

from processor.images.canvas import Canvas
from processor.images.encode.saving import saved, without_unused_alpha
from processor.images.recipe import Jpeg


def write_jpeg(canvas: Canvas, output: Jpeg, exif: bytes) -> bytes:
    """Encode the first frame as JPEG."""
    image = without_unused_alpha(canvas.image)
    options = {"quality": output.quality, "subsampling": output.subsampling, "exif": exif}
    try:
        return saved(
            image,
            "JPEG",
            progressive=output.progressive,
            optimize=output.optimize,
            **options,
        )
    except OSError:
        # libjpeg writes progressive and optimized files at once, and Pillow's buffer of one or two
        # bytes a pixel is too small for noise. Baseline files are written in parts.
        return saved(image, "JPEG", **options)
