"""Worker of libvips through pyvips, used as its documentation advises.

``thumbnail_buffer`` shrinks while it decodes and converts to sRGB. Renditions are each scaled from
the next larger one, which is kept in memory: less than half the time of decoding for each.
"""

import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyvips
from serve import serve

AOM_SPEED = 6
"""libvips counts the other way, as ``effort``."""

EXTENSIONS = {"jpeg": "jpg", "png": "png", "webp": "webp", "avif": "avif"}

pyvips.cache_set_max(0)


def run(data: bytes, recipe: dict[str, Any]) -> dict[str, bytes]:
    """Render from large to small."""
    outputs, image = {}, None
    # Asked to convert what has no profile, libvips would take it through sRGB to sRGB.
    profiled = pyvips.Image.new_from_buffer(data, "").get_typeof("icc-profile-data")
    conversion = {"output_profile": "srgb"} if profiled else {}
    for rendition in sorted(recipe["renditions"], key=lambda each: -each["resize"]["width"]):
        box = rendition["resize"]
        if image is None:
            image = pyvips.Image.thumbnail_buffer(
                data,
                box["width"],
                height=box["height"],
                size="down",
                option_string=_options(data),
                **conversion,
            )
        elif max(image.width, image.height) > box["width"]:
            crop = "centre" if box.get("fit") == "cover" else "none"
            image = image.thumbnail_image(
                box["width"], height=box["height"], size="down", crop=crop
            )
        if len(recipe["renditions"]) > 1:
            image = image.copy_memory()
        output = rendition["output"]
        marked = _marked(image, rendition["watermark"]) if "watermark" in rendition else image
        file_name = f"{rendition['name']}.{EXTENSIONS[output['format']]}"
        outputs[file_name] = _encoded(marked, output)
    return outputs


def _options(data: bytes) -> str:
    """Return the options for the loader: all frames of an animation."""
    return "[n=-1]" if data.startswith(b"GIF8") else ""


def _marked(image: pyvips.Image, mark: dict[str, Any]) -> pyvips.Image:
    """Return the image with the logo in its lower right corner."""
    logo = _logo(mark["image"], round(image.width * mark["scale"]))
    margin = round(min(image.width, image.height) * mark["margin"])
    left, top = image.width - logo.width - margin, image.height - logo.height - margin
    bands = image.bands
    return image.composite2(logo, "over", x=left, y=top).extract_band(0, n=bands)


@cache
def _logo(name: str, width: int) -> pyvips.Image:
    path = str(Path(sys.argv[1]) / name)
    return pyvips.Image.thumbnail(path, width, height=width).copy_memory()


def _encoded(image: pyvips.Image, output: dict[str, Any]) -> bytes:
    quality = output.get("quality")
    match output["format"]:
        case "jpeg":
            return bytes(
                image.jpegsave_buffer(
                    Q=quality,
                    optimize_coding=True,
                    interlace=output.get("progressive", False),
                    subsample_mode="on",
                    keep="none",
                )
            )
        case "webp":
            return bytes(image.webpsave_buffer(Q=quality, effort=output["effort"], keep="none"))
        case "png":
            return bytes(image.pngsave_buffer(compression=6, keep="none"))
        case _:
            return bytes(
                image.heifsave_buffer(
                    Q=quality,
                    compression="av1",
                    effort=9 - AOM_SPEED,
                    subsample_mode="on",
                    bitdepth=8,
                    keep="none",
                )
            )


if __name__ == "__main__":
    library = ".".join(str(pyvips.version(part)) for part in range(3))
    serve({"libvips": library, "pyvips": version("pyvips")}, run)
