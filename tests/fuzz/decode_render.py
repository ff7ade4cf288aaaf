"""Fuzz target: decodes and renders any bytes; only ``ImageError`` may be raised.

The first byte chooses the recipe, and whether a PNG's checksums are fixed; the rest is the file,
or, after the byte ``TEXT``, the text of a watermark, which may also be refused with the recipe.
Pillow's and the project's Python code is instrumented, which shows the fuzzer what an input
reaches. The codecs are compiled: their memory errors show only as crashes.

``python -m tests.fuzz.decode_render FILE...`` renders files as the fuzzer does.
"""

import hashlib
import io
import json
import os
import struct
import sys
import traceback
import warnings
import zlib
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["PIL", "pi_heif", "processor"]):
    # The engine imports these for the first image that needs them.
    import pi_heif  # noqa: F401
    from PIL import Image, ImageDraw, ImageFont  # noqa: F401

    import processor.images.color_management
    import processor.images.steps.text_watermark  # noqa: F401
    from processor.images import ImageError, Limits, decode_recipe, open_source, render

from tests.fuzz.seeds import TEXT

LIMITS = Limits(
    max_bytes=1 << 20,
    max_pixels=1_000_000,
    max_side=4096,
    max_frames=20,
    max_frame_pixels=2_000_000,
    max_output_pixels=1_000_000,
    max_memory=100 << 20,
    max_seconds=5,
)
"""Small: runs are quick, and memory beyond ``-rss_limit_mb`` is a finding."""

RECIPES = [
    decode_recipe(b'{"analysis": false, "renditions": [{"name": "a", %s}]}' % rendition)
    for rendition in (
        b'"output": {"format": "jpeg", "metadata": "keep", "gps": true}',
        b'"output": {"format": "png", "metadata": "keep"}',
        b'"output": {"format": "webp", "effort": 0, "metadata": "keep-copyright"}',
        b'"output": {"format": "avif", "speed": 10, "metadata": "keep"}',
        b'"output": {"format": "gif", "colors": 16}',
        b'"output": {"format": "auto"}',
        b'"output": {"format": "png", "colors": 8}, "trim": {}',
        b'"output": {"format": "webp", "lossless": true, "effort": 0}, "rotate": {"angle": 30}',
        (
            b'"output": {"format": "jpeg", "max_bytes": 900},'
            b' "resize": {"width": 16, "height": 16, "fit": "cover", "gravity": "attention"}'
        ),
        (
            b'"output": {"format": "png", "animation": "first-frame"}, "resize": {"width": 8},'
            b' "crop": {"left": 0.25, "top": 0, "width": 0.5, "height": 1, "unit": "fraction"}'
        ),
        b'"output": {"format": "jpeg", "progressive": false}, "resize": {"long_edge": 3}',
        b'"color": "keep", "output": {"format": "png", "metadata": "keep-copyright"}, "trim": {}',
        (
            b'"color": "keep", "output": {"format": "webp", "effort": 0, "metadata": "keep"},'
            b' "watermark": {"text": "x"}, "background": "#ff0000"'
        ),
        (
            b'"color": "keep", "output": {"format": "jpeg", "metadata": "keep-copyright"},'
            b' "densities": [1, 2.5], "resize": {"width": 9}'
        ),
        (
            b'"color": "keep", "output": {"format": "avif", "speed": 10,'
            b' "metadata": "keep-copyright"}, "normalize": 0.01'
        ),
        b'"output": {"format": "png"}, "circle": true',
        b'"output": {"format": "gif"}, "resize": {"width": 30, "height": 5, "fit": "contain"}',
    )
]
RECIPES += (
    decode_recipe(
        b'{"truncated": "refuse", "renditions": [{"name": "a", "output": {"format": "png"}}]}'
    ),
    decode_recipe(
        b'{"gps": true, "renditions": ['
        b'{"name": "a", "output": {"format": "webp", "effort": 0}, "densities": [1, 2],'
        b' "resize": {"width": 9, "height": 6, "fit": "cover", "gravity": "entropy"}},'
        b'{"name": "b", "output": {"format": "png"}, "normalize": 0.01, "sharpen": {},'
        b' "watermark": {"text": "x"}, "pad": {"top": 2}}]}'
    ),
)

FINDINGS = os.environ.get("FUZZ_FINDINGS")
"""Folder for inputs that raise; without it, the first one ends the run."""

PNG = b"\x89PNG\r\n\x1a\n"


def one_input(data: bytes) -> None:
    """Render the file in ``data``; only ``ImageError`` is caught."""
    if len(data) < 2:
        return
    choice, file = data[0], data[1:]
    if choice & 128:
        file = with_checksums(file)
    try:
        if choice == TEXT:
            watermark(file)
        else:
            render(open_source(file, LIMITS), RECIPES[choice % 128 % len(RECIPES)], LIMITS)
    except ImageError:
        pass
    except Exception as error:
        if FINDINGS is None:
            raise
        collect(data, error, Path(FINDINGS))


def watermark(data: bytes) -> None:
    """Render a text watermark: a byte for its options, and the text."""
    options = {
        "text": data[1:].decode(errors="ignore"),
        "tiled": bool(data[0] & 1),
        "rotation": 90 * (data[0] >> 1 & 1) + 20 * (data[0] >> 2 & 1),
        "position": ("center", "top-left", "bottom-right", "right")[data[0] >> 3 & 3],
        "size": (0.05, 0.4)[data[0] >> 5 & 1],
        **({"max_width": 0.3} if data[0] & 64 else {}),
        **({"shadow": "#112233"} if data[0] & 128 else {}),
    }
    rendition = {"name": "a", "output": {"format": "png"}, "watermark": options}
    try:
        recipe = decode_recipe(json.dumps({"analysis": False, "renditions": [rendition]}).encode())
    except ValueError:
        return
    render(open_source(BACKGROUND, LIMITS), recipe, LIMITS)


def background() -> bytes:
    """Return the image that texts are drawn on."""
    file = io.BytesIO()
    Image.new("RGB", (90, 60), (90, 120, 150)).save(file, "BMP")
    return file.getvalue()


BACKGROUND = background()


def with_checksums(data: bytes) -> bytes:
    """Return a PNG with correct checksums: most mutations would be refused early otherwise."""
    if not data.startswith(PNG):
        return data
    parts, place = [PNG], len(PNG)
    while place + 12 <= len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        body = data[place + 4 : place + 8 + length]
        parts += data[place : place + 4], body, struct.pack(">I", zlib.crc32(body))
        place += 12 + length
    return b"".join((*parts, data[place:]))


def collect(data: bytes, error: Exception, folder: Path) -> None:
    """Store the first input that raises ``error`` at its place in the code."""
    trace = traceback.extract_tb(error.__traceback__)
    places = [(frame.filename, frame.lineno) for frame in trace]
    name = hashlib.sha256(repr((type(error), places)).encode()).hexdigest()[:12]
    file = folder / f"{type(error).__name__}-{name}"
    if not file.exists():
        file.write_bytes(data)
        file.with_suffix(".txt").write_text("".join(traceback.format_exception(error)))


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # Pillow's, about invalid metadata
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
