"""SVT-AV1 encoder from pillow-avif-plugin; Pillow's own AVIF support lacks it.

Importing ``pillow_avif`` would replace Pillow's plugin, including the decoder. So only its
extension module is loaded, at the first use, and called as ``AvifImagePlugin._save`` does.
"""

import os
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import Any

from PIL import Image

from processor.images.encode.metadata import FileMetadata

STILL_IMAGE = ((b"tune", b"3"),)
"""SVT-AV1's tuning for still images ("IQ")."""


class SvtError(Exception):
    """SVT-AV1 is not installed, or cannot encode an image."""


def encode_svt(
    image: Image.Image,
    quality: int,
    speed: int,
    threads: int,
    metadata: FileMetadata,
    icc: bytes = b"",
) -> bytes:
    """Encode an image of mode L, RGB or RGBA as AVIF. Raises ``SvtError``."""
    module = _module()
    if module is None:
        raise SvtError("pillow-avif-plugin is not installed")
    derived, subsampling, tiles, premultiplied, autotiling = -1, "4:2:0", 0, False, True
    upright = 1  # of EXIF's orientations
    encoder = module.AvifEncoder(
        *image.size, subsampling, derived, derived, quality, speed, threads, "svt", "full",
        tiles, tiles, premultiplied, autotiling, icc, metadata.exif, upright,
        metadata.xmp, STILL_IMAGE,
    )  # fmt: skip
    duration, is_single = 0, True
    try:
        encoder.add(image.tobytes(), duration, *image.size, image.mode, is_single)
        data = encoder.finish()
    except (RuntimeError, ValueError) as error:
        raise SvtError(str(error)) from error
    if not data:
        raise SvtError("nothing was encoded")
    return bytes(data)


@cache
def _module() -> Any | None:  # noqa: ANN401 - the extension module has no types
    # Read when the module is loaded: stops it from writing its settings to standard error.
    os.environ.setdefault("SVT_LOG", "0")
    package = find_spec("pillow_avif")
    spec = package and PathFinder.find_spec("_avif", package.submodule_search_locations)
    if not spec or not spec.loader:
        return None
    try:
        module: Any = module_from_spec(spec)
        spec.loader.exec_module(module)
    except ImportError:
        return None
    return module if module.encoder_codec_available("svt") else None
