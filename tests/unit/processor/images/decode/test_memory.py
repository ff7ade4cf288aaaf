"""Measured memory of decoding, and its estimate."""

import json
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from processor.images.decode.png_part import PASSES
from processor.images.decode.source import open_source
from processor.images.errors import ImageError
from processor.images.limits import Limits
from tests.fuzz.seeds import chunk
from tests.profiles import sampled
from tests.unit.processor.images.png_files import key
from tests.unit.processor.images.sample_images import encoded, quarters

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")

FILES = Path(__file__).parents[1] / "files"
SIZE = WIDTH, HEIGHT = 2400, 1800

MEASURE = """
import json, sys
from pathlib import Path
from processor.images.decode import heif
from processor.images.decode.decoder import decode
from processor.images.decode.source import open_source
from processor.images.steps.standardize import standardize

def status(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024

data = Path(sys.argv[1]).read_bytes()
heif.register()
Path("/proc/self/clear_refs").write_text("5")
before = status("VmRSS")
source, scale = open_source(data), float(sys.argv[2])
animated = source.header.frames > 1
estimated = source.memory.peak(scale, animated=animated)
standardize(decode(source, scale, animated=animated))
print(json.dumps({"estimated": estimated, "peak": status("VmHWM") - before}))
"""
"""Run in its own process: memory that was used before is not measured again."""


def noisy(mode: str) -> Image.Image:
    """Return an image with some noise, as photographs have it."""
    image = quarters(*SIZE)
    image.putalpha(Image.linear_gradient("L").resize(SIZE))
    image.paste(Image.effect_noise((600, 600), 40).convert("RGB"), (900, 600))
    if mode == "I;16":
        return image.convert("L").convert("I").point(lambda tone: tone * 257).convert("I;16")
    if mode in ("I", "F"):
        return image.convert("L").convert(mode)
    return image.convert(mode) if mode in ("RGBA", "LA") else image.convert("RGB").convert(mode)


def file(format_name: str, mode: str = "RGB", **options: Any) -> Callable[[], bytes]:
    """Return a function that encodes a still image."""
    return lambda: encoded(noisy(mode), format_name, **options)


def animation(format_name: str, mode: str = "RGB", **options: Any) -> Callable[[], bytes]:
    """Return a function that encodes an animation of 6 frames."""

    def make() -> bytes:
        first = noisy(mode).reduce(2) if mode != "P" else noisy("RGB").reduce(2).convert("P")
        turns = [first.rotate(number * 30) for number in range(1, 6)]
        return encoded(first, format_name, save_all=True, append_images=turns, **options)

    return make


def run_lengths() -> bytes:
    """Return a BMP with run-length encoding."""
    head = bytearray(encoded(Image.new("P", SIZE), "BMP")[:1078])
    head[30] = 1
    return bytes(head) + (b"\xf0\x07" * (WIDTH // 240) + b"\0\0") * HEIGHT + b"\0\1"


RENDER = """
import sys
from pathlib import Path
from processor.images import decode_recipe, open_source, render

Path("/proc/self/clear_refs").write_text("5")
render(open_source(Path(sys.argv[1]).read_bytes()), decode_recipe(sys.argv[2].encode()))
lines = Path("/proc/self/status").read_text().splitlines()
print(next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")))
"""


def deep(mode: str) -> bytes:
    """Return a PNG of 16 bits with a color key."""
    pixels, channels = noisy(mode).tobytes(), len(mode)
    wide = bytearray(2 * len(pixels))
    wide[::2] = wide[1::2] = pixels
    row = 2 * channels * WIDTH
    rows = b"".join(b"\0" + wide[at : at + row] for at in range(0, len(wide), row))
    header = struct.pack(">IIBBBBB", *SIZE, 16, 2 if channels == 3 else 0, 0, 0, 0)
    parts = chunk(b"IHDR", header), key(*[1] * channels), chunk(b"IDAT", zlib.compress(rows, 1))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


FASTEST: dict[str, Any] = {"compress_level": 1}
FILES_OF = {
    "jpeg": file("JPEG"),
    "jpeg 4:4:4": file("JPEG", subsampling="4:4:4"),
    "jpeg gray": file("JPEG", "L"),
    "jpeg cmyk": file("JPEG", "CMYK"),
    "jpeg progressive": file("JPEG", progressive=True),
    "jpeg progressive 4:4:4": file("JPEG", progressive=True, subsampling="4:4:4"),
    "jpeg progressive gray": file("JPEG", "L", progressive=True),
    "jpeg progressive cmyk": file("JPEG", "CMYK", progressive=True),
    **{f"png {mode}": file("PNG", mode, **FASTEST) for mode in ("1", "L", "LA", "P", "I;16")},
    **{f"png {mode}": file("PNG", mode, **FASTEST) for mode in ("RGB", "RGBA")},
    "png color key": file("PNG", transparency=(1, 2, 3), **FASTEST),
    "png gray key": file("PNG", "L", transparency=3, **FASTEST),
    "png deep color key": lambda: deep("RGB"),
    "png deep gray key": lambda: deep("L"),
    "png animated": animation("PNG", "RGBA", **FASTEST),
    "webp": file("WEBP", method=0),
    "webp alpha": file("WEBP", "RGBA", method=0),
    "webp lossless": file("WEBP", lossless=True, method=0, quality=0),
    "webp animated": animation("WEBP", "RGBA", method=0),
    "avif": file("AVIF", speed=10),
    "avif 4:4:4 alpha": file("AVIF", "RGBA", speed=10, subsampling="4:4:4"),
    "avif animated": animation("AVIF", speed=10),
    "gif": file("GIF", "P"),
    "gif animated": animation("GIF", "P"),
    "gif transparent": animation("GIF", "RGBA", disposal=2),
    **{
        f"tiff {mode}": file("TIFF", mode)
        for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "LA", "I;16", "I", "F")
    },
    "tiff lzw": file("TIFF", compression="tiff_lzw"),
    "tiff one strip": file("TIFF", compression="tiff_lzw", strip_size=1 << 30),
    "tiff jpeg": file("TIFF", compression="jpeg"),
    "tiff deflate 16 bit": file("TIFF", "I;16", compression="tiff_adobe_deflate"),
    "tiff fax": file("TIFF", "1", compression="group4"),
    **{f"bmp {mode}": file("BMP", mode) for mode in ("1", "L", "P", "RGB", "RGBA")},
    "bmp run lengths": run_lengths,
    "heic": (FILES / "large.heic").read_bytes,
}
CUT = (
    "jpeg", "jpeg gray", "jpeg cmyk", "png L", "png P", "png RGB", "png RGBA", "png deep color key",
    "png animated", "gif", "gif animated", "bmp RGB", "bmp P",
)  # fmt: skip
"""Files that are decoded in part, if they end early."""


@pytest.mark.parametrize(
    "kind",
    sampled(
        FILES_OF,
        *("jpeg", "jpeg progressive cmyk", "png RGBA", "png I;16", "png animated", "webp alpha"),
        *("webp animated", "avif 4:4:4 alpha", "avif animated", "gif transparent", "tiff RGB"),
        *("tiff one strip", "tiff deflate 16 bit", "bmp run lengths", "heic"),
    ),
)
def test_decoding_takes_what_was_estimated(kind: str, tmp_path: Path) -> None:
    """No file takes more than the estimate, which is at most 2.5 times the measured peak."""
    measured = measure(FILES_OF[kind](), tmp_path)
    assert measured["peak"] <= measured["estimated"] <= 2.5 * measured["peak"]


@pytest.mark.parametrize("scale", [0.05, 0.15, 0.3])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_is_decoded_smaller_takes_less(
    scale: float,
    progressive: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    """A smaller scale takes less memory, except for a progressive JPEG's coefficients."""
    data = encoded(noisy("RGB"), "JPEG", progressive=progressive)
    measured = measure(data, tmp_path, scale)
    whole = open_source(data).memory.peak(1.0, animated=False)
    assert measured["peak"] <= measured["estimated"] < whole


def test_refuses_before_decoding() -> None:
    """An image that would not fit is refused before it is decoded."""
    needed = open_source(encoded(quarters(), "JPEG")).memory.peak(1.0, animated=False)
    Limits(max_memory=needed).check_memory(needed)
    with pytest.raises(ImageError) as refusal:
        Limits(max_memory=needed - 1).check_memory(needed)
    assert refusal.value.code == "too-much-memory"


def large(format_name: str, side: int, **options: Any) -> bytes:
    """Return a square image with this side in pixels, of one color but for its center."""
    image = Image.new("RGB", (side, side), "olive")
    image.paste(noisy("RGB"), (side // 4, side // 4))
    return encoded(image, format_name, **options)


WIDE = '"resize": {"width": 4096}'
DECORATED = f'{WIDE}, "watermark": {{"text": "x", "tiled": true}}, "circle": true'
AT_THE_LIMITS: dict[str, tuple[Callable[[], bytes], list[str]]] = {
    "100 million pixels, two encoders": (
        lambda: large("JPEG", 10_000),
        [f'"output": {{"format": "jpeg"}}, {WIDE}', f'"output": {{"format": "gif"}}, {DECORATED}'],
    ),
    "89 million pixels, progressive": (
        lambda: large("JPEG", 9_400, progressive=True),
        [f'"output": {{"format": "webp", "effort": 0}}, {WIDE}'],
    ),
    "100 million pixels of PNG": (
        lambda: large("PNG", 10_000, compress_level=1),
        [f'"output": {{"format": "png", "colors": 64}}, {DECORATED}'],
    ),
    "33 million pixels of WebP": (
        lambda: large("WEBP", 5_750, method=0),
        [f'"output": {{"format": "avif", "speed": 10}}, {WIDE}'],
    ),
    "largest AVIF with alpha": (
        lambda: large("JPEG", 4_096),
        ['"output": {"format": "avif", "speed": 9, "encoder": "aom"}, "circle": true'],
    ),
    "largest WebP with alpha": (
        lambda: large("JPEG", 4_096),
        ['"output": {"format": "webp", "effort": 0}, "circle": true'],
    ),
}
"""The largest accepted images, with the largest renditions."""

LAMBDA = 1024 << 20
BOTO3 = 100 << 20
"""Bytes that boto3 and the runtime take besides Python and the engine."""


@pytest.mark.parametrize(
    "case", sampled(AT_THE_LIMITS, "100 million pixels, two encoders", "33 million pixels of WebP")
)
def test_rendering_at_the_limits_fits(case: str, tmp_path: Path) -> None:
    """Whatever the default limits allow fits into a function with 1024 MB."""
    make, renditions = AT_THE_LIMITS[case]
    path = tmp_path / "image"
    path.write_bytes(make())
    named = (f'{{"name": "r{number}", {each}}}' for number, each in enumerate(renditions))
    recipe = f'{{"renditions": [{", ".join(named)}]}}'
    done = subprocess.run(
        [sys.executable, "-c", RENDER, str(path), recipe],
        env={**os.environ, "PYTHON_CPU_COUNT": "2"},
        stdout=subprocess.PIPE,
        check=True,
    )
    assert int(done.stdout) < LAMBDA - BOTO3


def measure(data: bytes, folder: Path, scale: float = 1.0) -> dict[str, int]:
    """Return the peak of a process that decodes ``data``, in bytes, and the estimate."""
    path = folder / "image"
    path.write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path), str(scale)],
        env={**os.environ, "PYTHON_CPU_COUNT": "2"},
        stdout=subprocess.PIPE,
        check=True,
    )
    measured: dict[str, int] = json.loads(done.stdout)
    return measured


@pytest.mark.parametrize("kind", sampled(CUT, "jpeg", "png RGB", "gif"))
def test_decoding_a_part_takes_what_was_estimated(kind: str, tmp_path: Path) -> None:
    """No truncated file takes more than the estimate."""
    data = FILES_OF[kind]()
    measured = measure(data[: len(data) * 4 // 5], tmp_path)
    assert measured["peak"] <= measured["estimated"] <= 3 * measured["peak"]


@pytest.mark.parametrize("part", [0.3, 0.8])
def test_a_part_of_an_interlaced_png_takes_what_was_estimated(part: float, tmp_path: Path) -> None:
    """Blocks are enlarged in strips."""
    pixels = noisy("RGB").tobytes()
    rows = b"".join(
        b"\0" + bytes(x for at in range(left, WIDTH, across) for x in pixel(pixels, at, y))
        for left, top, across, down in PASSES
        for y in range(top, HEIGHT, down)
    )
    header = struct.pack(">IIBBBBB", *SIZE, 8, 2, 0, 0, 1)
    packed = chunk(b"IDAT", zlib.compress(rows, 1))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + packed
    measured = measure(data[: int(len(data) * part)], tmp_path)
    assert measured["peak"] <= measured["estimated"] <= 3 * measured["peak"]


def pixel(pixels: bytes, x: int, y: int) -> bytes:
    """Return a pixel of RGB."""
    at = 3 * (WIDTH * y + x)
    return pixels[at : at + 3]
