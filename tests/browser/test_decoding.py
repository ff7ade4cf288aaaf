"""The engine decodes files as Chromium does, but for known differences.

Chromium draws each file of the matrix on a canvas in sRGB, and the engine renders it as PNG.
"""

import base64
import io
import tomllib
from collections.abc import Sequence
from fnmatch import fnmatchcase
from itertools import batched
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops
from playwright.sync_api import Browser

from processor.images import ImageError, decode_recipe, open_source, render
from tests.browser.decoding.cuts import cut_files
from tests.browser.decoding.matrix import files
from tests.profiles import NIGHTLY, one_in

RECIPE = decode_recipe(
    b'{"analysis": false, "renditions": [{"name": "plain", "output": {"format": "png"}}]}'
)
DIFFERENCES = Path(__file__).parent / "decoding" / "differences.toml"

TOLERANCES = {"PNG": 3, "JPEG": 6, "WEBP": 6, "AVIF": 6, "BMP": 0, "GIF": 0}
"""Largest difference of a tone. Decoders of lossy formats round and smooth differently, and PNG is
lossless but for the rounding of color conversions."""

BATCH = 50
"""Files that Chromium decodes in one call."""

DRAW = """async files => Promise.all(files.map(async ([type, data]) => {
  const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  const context = canvas.getContext("2d", { colorSpace: "srgb" });
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
  let text = "";
  for (const tone of pixels) text += String.fromCharCode(tone);
  return [canvas.width, canvas.height, btoa(text)];
}))"""


def test_files_are_decoded_as_chromium_does(browser: Browser) -> None:
    """Every file of the matrix has Chromium's size and pixels, or is a known difference."""
    cases = list(files())[:: one_in(10)]
    page = browser.new_page()
    found: dict[str, str] = {}
    for some in batched(cases, BATCH, strict=False):
        encoded = [[_type(name), base64.b64encode(data).decode()] for name, data in some]
        for (name, data), drawn in zip(some, page.evaluate(DRAW, encoded), strict=True):
            if difference := _difference(name, _rendered(data), _drawn(drawn)):
                found[name] = difference
    page.close()
    known = [
        pattern
        for each in tomllib.loads(DIFFERENCES.read_text())["difference"]
        for pattern in each["files"]
    ]
    unknown = {n: why for n, why in found.items() if not any(fnmatchcase(n, k) for k in known)}
    report = [f"{name}: {why}" for name, why in unknown.items()]
    assert not unknown, "\n".join((f"{len(found)} of {len(cases)} files differ.", *report))
    if NIGHTLY:
        gone = [pattern for pattern in known if not any(fnmatchcase(n, pattern) for n in found)]
        assert not gone, f"no file differs: remove these from {DIFFERENCES.name}"


def test_files_that_end_early_are_shown_as_chromium_shows_them(browser: Browser) -> None:
    """The rows that a file has are shown.

    Chromium alone shows a part of a GIF's next row, and not a BMP's row that only lacks the bytes
    that fill it up.
    """
    cases = list(cut_files())
    page = browser.new_page()
    found = []
    for some in batched(cases, BATCH, strict=False):
        encoded = [[_type(name), base64.b64encode(data).decode()] for name, data in some]
        for (name, data), drawn in zip(some, page.evaluate(DRAW, encoded), strict=True):
            ours, theirs = _rendered(data), _drawn(drawn)
            if isinstance(theirs, str) or not theirs.getbbox(alpha_only=True):
                # A file without a complete row is drawn as nothing, and refused by the engine.
                if not isinstance(ours, str):
                    found.append(f"{name}: darkroom shows it")
            elif isinstance(ours, str):
                found.append(f"{name}: {ours}")
            elif (rows := _different_rows(ours, theirs)) > name.startswith(("GIF", "BMP")):
                found.append(f"{name}: {rows} rows differ")
    page.close()
    assert not found, "\n".join(found)


def _different_rows(ours: Image.Image, theirs: Image.Image) -> int:
    apart = ImageChops.difference(ours.convert("RGBa"), theirs.convert("RGBa"))
    lines = (apart.crop((0, y, apart.width, y + 1)).tobytes() for y in range(apart.height))
    return sum(max(line) > TOLERANCES["PNG"] for line in lines)


def _type(name: str) -> str:
    return f"image/{name.partition(' ')[0].lower()}"


def _rendered(data: bytes) -> Image.Image | str:
    """Return the engine's image, or the code of its error."""
    try:
        (plain,) = render(open_source(data), RECIPE).renditions
    except ImageError as error:
        return error.code
    return Image.open(io.BytesIO(plain.data)).convert("RGBA")


def _drawn(result: Sequence[Any] | None) -> Image.Image | str:
    """Return Chromium's image."""
    if result is None:
        return "refused"
    width, height, pixels = result
    return Image.frombytes("RGBA", (width, height), base64.b64decode(pixels))


def _difference(name: str, ours: Image.Image | str, theirs: Image.Image | str) -> str:
    """Return how the images differ; "" if they don't, or neither program shows the file."""
    if isinstance(ours, str) or isinstance(theirs, str):
        return "" if isinstance(ours, type(theirs)) else f"darkroom {ours}, Chromium {theirs}"
    if ours.size != theirs.size:
        return f"darkroom {ours.size}, Chromium {theirs.size}"
    # Canvases hold colors multiplied by alpha.
    apart = ImageChops.difference(ours.convert("RGBa"), theirs.convert("RGBa"))
    most = max(int(band.getextrema()[1]) for band in apart.split())  # type: ignore[arg-type]
    if most <= TOLERANCES[name.partition(" ")[0]]:
        return ""
    tones = apart.convert("RGBA").convert("RGB").convert("L")
    place = max(range(len(tones.tobytes())), key=tones.tobytes().__getitem__)
    x, y = place % ours.width, place // ours.width
    return f"({x}, {y}) is {ours.getpixel((x, y))}, in Chromium {theirs.getpixel((x, y))}"
