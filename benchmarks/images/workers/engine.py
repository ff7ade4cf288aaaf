"""Worker of this project's image engine."""

import json
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from serve import serve

from processor.images import WatermarkImages, decode_recipe, open_source, render

PARTS = ("pillow", "cykooz-resizer", "pillow-avif-plugin", "pi-heif", "isal", "zlib-ng")

watermark_images = WatermarkImages(lambda name: (Path(sys.argv[1]) / name).read_bytes())


def run(data: bytes, recipe: dict[str, Any]) -> dict[str, bytes]:
    """Render as the pipeline does."""
    decoded = decode_recipe(json.dumps(recipe).encode())
    source = open_source(data)
    encoded = render(source, decoded, watermark_images=watermark_images).renditions
    return {f"{each.name}.{each.extension}": each.data for each in encoded}


def versions() -> dict[str, str]:
    """Return the versions of the installed libraries."""
    found = {}
    for part in PARTS:
        try:
            found[part] = version(part)
        except PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    serve(versions(), run)
