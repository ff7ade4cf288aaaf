"""Resampling of an image's region to a size, by cykooz-resizer or Pillow."""

from typing import Literal

from PIL import Image

from processor.images.plan.geometry import WHOLE, Box, Size

try:
    from cykooz_resizer import CropBox, FilterType, ResizeAlg, ResizeOptions, Resizer
except ImportError:  # no wheel for this machine's architecture
    Resizer = None

Kernel = Literal["lanczos3", "mitchell", "nearest"]

PILLOW = {
    "lanczos3": Image.Resampling.LANCZOS,
    # Pillow has no Mitchell-Netravali; its cubic (a = -0.5) is the nearest kernel.
    "mitchell": Image.Resampling.BICUBIC,
    "nearest": Image.Resampling.NEAREST,
}


def scale(
    image: Image.Image, size: Size, region: Box = WHOLE, kernel: Kernel = "lanczos3"
) -> Image.Image:
    """Return ``region`` of the image, scaled to ``size``."""
    if region == WHOLE and image.size == size:
        return image
    if kernel == "nearest" or Resizer is None or image.mode not in ("L", "RGB", "RGBA"):
        return scale_with_pillow(image, size, region, kernel)
    left, top, right, bottom = _pixels(region, image)
    scaled = Image.new(image.mode, size, None)
    options = ResizeOptions(
        resize_alg=ResizeAlg.convolution(getattr(FilterType, kernel)),
        crop_box=CropBox(left, top, right - left, bottom - top),
    )
    Resizer().resize_pil(image, scaled, options)
    return scaled


def scale_with_pillow(
    image: Image.Image, size: Size, region: Box = WHOLE, kernel: Kernel = "lanczos3"
) -> Image.Image:
    """Return the same, scaled by Pillow: for modes and machines without cykooz-resizer."""
    return image.resize(size, PILLOW[kernel], _pixels(region, image))


def _pixels(region: Box, image: Image.Image) -> tuple[float, float, float, float]:
    left, top, right, bottom = region
    return left * image.width, top * image.height, right * image.width, bottom * image.height
