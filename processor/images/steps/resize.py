"""Crop to the box's shape and scale to its size."""

from dataclasses import replace

from PIL import Image

from processor.images.canvas import Canvas, Job

try:
    from cykooz_resizer import CropBox, FilterType, ResizeAlg, ResizeOptions, Resizer
except ImportError:  # no wheel for this machine's architecture
    Resizer = None


def resize(canvas: Canvas, job: Job) -> Canvas:
    """Scale the part of the picture that the rendition shows, with Lanczos3."""
    image, geometry = canvas.image, job.geometry
    if geometry.is_whole and image.size == geometry.size:
        return canvas
    left, top, right, bottom = geometry.crop
    box = (left * image.width, top * image.height, right * image.width, bottom * image.height)
    if Resizer is None or image.mode not in ("L", "RGB", "RGBA"):
        return replace(canvas, image=image.resize(geometry.size, Image.Resampling.LANCZOS, box))
    scaled = Image.new(image.mode, geometry.size)
    options = ResizeOptions(
        resize_alg=ResizeAlg.convolution(FilterType.lanczos3),
        crop_box=CropBox(box[0], box[1], box[2] - box[0], box[3] - box[1]),
    )
    Resizer().resize_pil(image, scaled, options)
    return replace(canvas, image=scaled)
