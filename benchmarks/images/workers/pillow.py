"""Worker of Pillow with pi-heif, used as its documentation advises.

It is the peer for HEIC, which the packages of sharp and libvips cannot decode.
"""

import io
from importlib.metadata import version
from typing import Any

import pi_heif
from PIL import Image, ImageCms, ImageOps
from serve import serve

SRGB = ImageCms.createProfile("sRGB")

pi_heif.register_heif_opener()


def run(data: bytes, recipe: dict[str, Any]) -> dict[str, bytes]:
    """Render the only rendition of a recipe, in JPEG and without a watermark."""
    rendition, *others = recipe["renditions"]
    output, box = rendition["output"], rendition["resize"]
    if others or "watermark" in rendition or output["format"] != "jpeg":
        raise NotImplementedError("this worker makes one JPEG")
    image: Image.Image = Image.open(io.BytesIO(data))
    image.thumbnail((box["width"], box["height"]), Image.Resampling.LANCZOS)
    image = ImageOps.exif_transpose(image)
    if profile := image.info.get("icc_profile"):
        embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        image = ImageCms.profileToProfile(image, embedded, SRGB) or image
    file = io.BytesIO()
    quality, progressive = output["quality"], output["progressive"]
    image.save(file, "JPEG", quality=quality, progressive=progressive, optimize=True)
    return {f"{rendition['name']}.jpg": file.getvalue()}


if __name__ == "__main__":
    serve({part: version(part) for part in ("pillow", "pi-heif")}, run)
