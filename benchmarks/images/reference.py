"""Reference outputs: rendered slowly and exactly, and stored without loss.

Every pixel is decoded at full size, converted to sRGB in 16 bits, scaled once with Lanczos3 in
floating point with premultiplied alpha, and rounded at the end.
"""

from pathlib import Path
from typing import Any

import pillow_heif
import pyvips
from inputs import FOLDER, LOGO
from PIL import Image
from workloads import Workload

REFERENCES = FOLDER.parent / "references"
TONES = 257
"""Steps of 16 bits in one of 8."""


def reference(workload: Workload, rendition: dict[str, Any], *, profile: bool) -> Path:
    """Return the PNG of a rendition, rendered if it is missing or older than its input."""
    box = rendition["resize"]
    width, height = (covering if _covers(box) else inside)(workload.size, box)
    source = workload.path(profile=profile)
    marked = "-marked" if "watermark" in rendition else "-cover" if _covers(box) else ""
    path = REFERENCES / f"{source.stem}-{width}x{height}{marked}.png"
    if not path.exists() or path.stat().st_mtime < source.stat().st_mtime:
        path.parent.mkdir(parents=True, exist_ok=True)
        image = _scaled(_full_size(source, profile=profile), width, height)
        if _covers(box):
            left, top = (width - box["width"]) // 2, (height - box["height"]) // 2
            image = image.crop(left, top, box["width"], box["height"])
        if "watermark" in rendition:
            image = _marked(image, rendition["watermark"])
        colors = image.extract_band(0, n=3) / TONES
        if image.bands == 4:
            colors = colors.bandjoin(image.extract_band(3) / TONES)
        colors.rint().cast("uchar").copy(interpretation="srgb").pngsave(str(path), keep="none")
    return path


def inside(size: tuple[int, int], box: dict[str, int]) -> tuple[int, int]:
    """Return the size of an image of ``size`` that fits in ``box``."""
    scale = min(1.0, box["width"] / size[0], box["height"] / size[1])
    return round(size[0] * scale), round(size[1] * scale)


def covering(size: tuple[int, int], box: dict[str, int]) -> tuple[int, int]:
    """Return the size of an image of ``size`` that fills ``box``."""
    scale = min(1.0, max(box["width"] / size[0], box["height"] / size[1]))
    return round(size[0] * scale), round(size[1] * scale)


def _covers(box: dict[str, Any]) -> bool:
    return bool(box.get("fit") == "cover")


def _full_size(path: Path, *, profile: bool) -> pyvips.Image:
    """Return the upright image at full size in sRGB, 0 to 65535, including alpha."""
    image = pyvips.Image.new_from_file(str(_readable(path))).autorot()
    colors = image.extract_band(0, n=3)
    if profile:
        colors = colors.icc_transform("srgb", embedded=True, depth=16, intent="relative")
    else:
        colors = colors * TONES
    colors = colors.cast("float")
    return colors.bandjoin(image.extract_band(3) * TONES) if image.bands == 4 else colors


def _readable(path: Path) -> Path:
    """Return the file, or for a HEIC, which libvips cannot decode, a PNG of the same pixels."""
    if path.suffix != ".heic":
        return path
    png = REFERENCES / f"{path.stem}.png"
    if not png.exists() or png.stat().st_mtime < path.stat().st_mtime:
        pillow_heif.register_heif_opener()
        with Image.open(path) as image:
            image.save(png, icc_profile=image.info.get("icc_profile"), compress_level=1)
    return png


def _scaled(image: pyvips.Image, width: int, height: int) -> pyvips.Image:
    if image.bands == 4:
        image = image.premultiply(max_alpha=255 * TONES)
    image = image.resize(width / image.width, vscale=height / image.height, gap=0)
    if image.bands == 4:
        image = image.unpremultiply(max_alpha=255 * TONES)
    return image


def _marked(image: pyvips.Image, mark: dict[str, Any]) -> pyvips.Image:
    """Return the image with the logo in its lower right corner."""
    logo = pyvips.Image.new_from_file(str(LOGO)) * TONES
    width = round(image.width * mark["scale"])
    logo = _scaled(logo, width, round(logo.height * width / logo.width))
    margin = round(min(image.width, image.height) * mark["margin"])
    left, top = image.width - logo.width - margin, image.height - logo.height - margin
    opacity = logo.extract_band(3) / (255 * TONES)
    below = image.crop(left, top, logo.width, logo.height)
    patch = logo.extract_band(0, n=3) * opacity + below * (1 - opacity)
    return image.insert(patch, left, top)
