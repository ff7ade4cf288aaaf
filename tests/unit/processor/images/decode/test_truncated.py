"""Files that end before the image does. What is shown is what Chromium shows."""

import random
import re
import struct
import zlib
from contextlib import suppress
from typing import Any

import pytest
from PIL import Image

from processor.images.decode.png_part import PASSES
from processor.images.decode.source import open_source
from processor.images.decode.truncated import is_complete
from processor.images.errors import ImageError
from processor.images.limits import DEFAULT_LIMITS
from processor.images.recipe import Jpeg, Png, Recipe, Rendition, Resize, WebP
from processor.images.render import Rendered, render
from tests.unit.processor.images.sample_images import (
    assert_similar,
    decoded,
    difference,
    encoded,
    quarters,
)
from tests.unit.processor.images.stored_frames import BLUE, GREEN, RED, Stored, apng, chunk, gif

SIZE = 256, 192
END = b"\xff\xd9"


def photograph(mode: str = "RGB") -> Image.Image:
    """Return an image with detail everywhere."""
    noise = Image.frombytes("RGB", SIZE, random.Random(1).randbytes(3 * SIZE[0] * SIZE[1]))
    return Image.blend(quarters(*SIZE), noise, 0.2).convert(mode)


def jpeg(mode: str = "RGB", **options: Any) -> bytes:
    """Return a JPEG of the photograph."""
    return encoded(photograph(mode), "JPEG", **{"quality": 85, **options})


def rendered(data: bytes, *renditions: Rendition, **options: Any) -> Rendered:
    """Render a file, by default to PNG."""
    recipe = Recipe(list(renditions) or [Rendition("a", Png())], **options)
    return render(open_source(data), recipe, DEFAULT_LIMITS)


def first(done: Rendered) -> Image.Image:
    """Return the first rendition's pixels."""
    return decoded(done.renditions[0].data)


KINDS: list[dict[str, Any]] = [
    {}, {"subsampling": 0}, {"progressive": True}, {"mode": "L"}, {"mode": "CMYK"},
    {"optimize": True}, {"restart_marker_rows": 1},
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("missing", [1, 2])
def test_without_the_end_marker(kind: dict[str, Any], missing: int) -> None:
    """Nothing of the image is lost if only its end marker is missing, and the entry says so."""
    data = jpeg(**kind)
    assert data.endswith(END)
    whole, part = rendered(data), rendered(data[:-missing])
    assert (whole.warnings, part.warnings) == ((), ("truncated",))
    assert "warnings" not in whole.facts
    assert part.facts["warnings"] == ["truncated"]
    assert difference(first(whole).convert("RGBA"), first(part).convert("RGBA")) < 1


@pytest.mark.parametrize("kind", [{}, {"subsampling": 0}, {"restart_marker_rows": 1}])
@pytest.mark.parametrize("part", [0.3, 0.5, 0.8])
def test_complete_rows_are_shown(kind: dict[str, Any], part: float) -> None:
    """Rows of a sequential JPEG are shown as far as they are complete; the rest is transparent."""
    data = jpeg(**kind)
    image = first(rendered(data[: int(len(data) * part)])).convert("RGBA")
    alpha = image.getchannel("A")
    left, top, right, rows = alpha.getbbox() or (0, 0, 0, 0)
    assert (left, top, right) == (0, 0, 256)
    assert abs(rows - 192 * part) < 24
    shown = (0, 0, 256, rows - 2)
    assert alpha.crop(shown).getextrema() == (255, 255)
    assert_similar(image.crop(shown).convert("RGB"), decoded(data).crop(shown), 1)


def test_what_is_missing_is_white_in_jpeg() -> None:
    """JPEG has no transparency: the missing rows get the background."""
    data = jpeg()
    done = rendered(data[: len(data) // 2], Rendition("a", Jpeg(quality=95)))
    assert first(done).crop((0, 130, 256, 192)).getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize("part", [0.4, 0.7, 0.95])
def test_a_progressive_jpeg_loses_detail(part: float) -> None:
    """All rows of a progressive JPEG are shown, from the scans that there are."""
    data = jpeg(progressive=True)
    done = rendered(data[: int(len(data) * part)])
    assert done.warnings == ("truncated",)
    image = first(done)
    assert image.mode == "RGB"
    assert difference(image, photograph()) < 30


@pytest.mark.parametrize("width", [256, 100, 30])
def test_small_renditions(width: int) -> None:
    """Renditions of every size, decoded at every scale, show the same part."""
    data = jpeg(subsampling=0)
    small = Rendition("a", WebP(lossless=True), resize=Resize(width=width))
    image = first(rendered(data[: len(data) // 2], small, analysis=False)).convert("RGBA")
    rows = (image.getchannel("A").point(lambda a: 255 * (a > 127)).getbbox() or (0,) * 4)[3]
    assert rows / image.height == pytest.approx(0.5, abs=0.08)


def test_a_recipe_may_refuse() -> None:
    """With ``"truncated": "refuse"`` a truncated JPEG is an error, and others are rendered."""
    data = jpeg()
    for each in (data[:-2], data[: len(data) // 2]):
        with pytest.raises(ImageError) as caught:
            rendered(each, truncated="refuse")
        assert caught.value.code == "truncated"
    assert rendered(data, truncated="refuse").warnings == ()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [0.0, 0.02, 0.1])
def test_nothing_to_show(kind: dict[str, Any], part: float) -> None:
    """A file without a complete row is refused."""
    data = jpeg(**kind)
    head = data.index(b"\xff\xda")
    with pytest.raises(ImageError) as caught:
        rendered(data[: int(head * (0.5 + part))])
    assert caught.value.code in ("truncated", "corrupt")


def test_the_end_of_a_thumbnail_is_not_that_of_the_image() -> None:
    """An end marker before the first scan, in a thumbnail, does not count; later ones do."""
    thumbnail = b"Exif\0\0" + encoded(quarters(8, 8), "JPEG")
    data = encoded(photograph(), "JPEG", exif=thumbnail)
    assert is_complete(data)
    assert not is_complete(data[:-2])
    assert is_complete(data + b"a video that a phone appends")


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_gray_and_inks_become_transparent(mode: str) -> None:
    """Rows that are missing are transparent in every color space."""
    data = jpeg(mode)
    image = first(rendered(data[: len(data) // 2])).convert("RGBA")
    assert image.getpixel((5, 5))[3] == 255  # type: ignore[index]
    assert image.crop((0, 130, 256, 192)).getextrema() == ((0, 0),) * 4


@pytest.mark.parametrize("format_name", ["WEBP", "AVIF", "TIFF"])
def test_other_formats_are_refused(format_name: str) -> None:
    """Half a file of a format of which browsers show nothing then is refused."""
    data = encoded(photograph(), format_name)
    with pytest.raises(ImageError):
        rendered(data[: len(data) // 2])


def rows_like(part: Image.Image, whole: Image.Image) -> list[bool]:
    """Return whether each row is the whole image's, and else check that it is transparent."""
    part, whole = part.convert("RGBA"), whole.convert("RGBA")
    assert part.size == whole.size
    same = []
    for row in range(part.height):
        box = 0, row, part.width, row + 1
        same.append(part.crop(box).tobytes() == whole.crop(box).tobytes())
        assert same[-1] or not part.crop(box).getbbox(alpha_only=False)
    return same


LOSSLESS: list[tuple[str, str]] = [
    *(("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
    *(("BMP", mode) for mode in ("1", "L", "P", "RGB")),
    *(("GIF", mode) for mode in ("L", "P")),
]


def lossless(format_name: str, mode: str) -> bytes:
    """Return a file of the photograph."""
    image = photograph()
    options = {"interlace": 0} if format_name == "GIF" else {}
    if mode == "I;16":
        image = image.convert("L").convert("I").point(lambda tone: tone * 257)
    elif mode in ("LA", "RGBA"):
        image.putalpha(Image.linear_gradient("L").resize(SIZE).point(lambda a: max(a, 9)))
    return encoded(image.convert(mode), format_name, **options)


@pytest.mark.parametrize(("format_name", "mode"), LOSSLESS)
@pytest.mark.parametrize("part", [0.3, 0.5, 0.8])
def test_rows_of_other_formats(format_name: str, mode: str, part: float) -> None:
    """The complete rows of a PNG, GIF and BMP are shown; the rest is transparent."""
    data = lossless(format_name, mode)
    done = rendered(data[: int(len(data) * part)])
    assert done.facts["warnings"] == ["truncated"]
    same = rows_like(first(done), first(rendered(data)))
    assert sum(same) == pytest.approx(192 * part, abs=60)
    # The rows of a BMP are stored from the bottom.
    assert same == sorted(same, reverse=format_name != "BMP")


def test_top_down_bmp() -> None:
    """A BMP with a negative height has its top rows first."""
    data = lossless("BMP", "RGB")
    data = data[:22] + struct.pack("<i", -SIZE[1]) + data[26:]
    same = rows_like(first(rendered(data[: len(data) // 2])), first(rendered(data)))
    assert same == [True] * sum(same) + [False] * (192 - sum(same))
    assert sum(same) == 95


@pytest.mark.parametrize("format_name", ["PNG", "GIF"])
@pytest.mark.parametrize("missing", [1, 12])
def test_without_the_last_chunk(format_name: str, missing: int) -> None:
    """Nothing is lost if only the end of a PNG or GIF is missing, and the entry says so."""
    data = lossless(format_name, "P")
    whole, part = rendered(data), rendered(data[: -min(missing, 1 + 11 * (format_name == "PNG"))])
    assert (whole.warnings, part.warnings) == ((), ("truncated",))
    assert first(whole).tobytes() == first(part).tobytes()


def test_a_bmp_without_the_bytes_that_fill_a_row_up() -> None:
    """The last row of a BMP may lack the bytes that no pixel needs."""
    data = encoded(photograph().resize((31, 20)), "BMP")
    assert rendered(data[:-3]).warnings == ()
    assert rendered(data[:-4]).warnings == ("truncated",)


@pytest.mark.parametrize("color_type", [0, 2])
def test_a_key_of_16_bits(color_type: int) -> None:
    """The color key of a truncated PNG is as of a whole one."""
    tones = [bytes([row, 1] * (3 if color_type else 1)) for row in range(64)]
    rows = b"".join(b"\0" + tone * 32 + b"\5\1" * (96 if color_type else 32) for tone in tones)
    data = b"".join((
        b"\x89PNG\r\n\x1a\n",
        chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 16, color_type, 0, 0, 0)),
        chunk(b"tRNS", b"\5\1" * (3 if color_type else 1)),
        chunk(b"IDAT", zlib.compress(rows, 0)),
        chunk(b"IEND", b""),
    ))  # fmt: skip
    image = first(rendered(data[: len(data) // 2])).convert("RGBA")
    shown = image.getchannel("A").getbbox()
    assert shown in ((0, 0, 32, 30), (0, 0, 32, 31))
    assert image.getpixel((3, 20)) == (20, 20, 20, 255)


def adam7(size: tuple[int, int]) -> bytes:
    """Return an interlaced PNG whose pixels are their places, uncompressed."""
    rows = b""
    for left, top, across, down in PASSES:
        for y in range(top, size[1], down):
            rows += b"\0" + bytes(each for x in range(left, size[0], across) for each in (x, y, 9))
    return b"".join((
        b"\x89PNG\r\n\x1a\n",
        chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 1)),
        chunk(b"IDAT", zlib.compress(rows, 0)),
        chunk(b"IEND", b""),
    ))  # fmt: skip


@pytest.mark.parametrize("done", [0, 1, 2, 3, 4, 5, 6])
def test_passes_of_an_interlaced_png(done: int) -> None:
    """Pixels that are missing have the color of the last one on the left and above."""
    size = 16, 16
    passes = [
        len(range(top, 16, down)) * (1 + 3 * len(range(left, 16, across)))
        for left, top, across, down in PASSES
    ]
    data = adam7(size)
    start = data.index(b"IDAT") + 4 + 7
    image = first(rendered(data[: start + sum(passes[: done + 1])])).convert("RGBA")
    across, down = ((8, 8), (4, 8), (4, 4), (2, 4), (2, 2), (1, 2), (1, 1))[done]
    for x, y in ((0, 0), (5, 6), (7, 9), (13, 3), (15, 15)):
        assert image.getpixel((x, y)) == (x - x % across, y - y % down, 9, 255)


def test_a_part_of_the_first_pass() -> None:
    """Of the first pass of an interlaced PNG, eight rows are shown for each that is complete."""
    data = adam7((16, 16))
    image = first(rendered(data[: data.index(b"IDAT") + 4 + 7 + 7])).convert("RGBA")
    assert image.getpixel((15, 7)) == (8, 0, 9, 255)
    assert image.getpixel((0, 8)) == (0, 0, 0, 0)


@pytest.mark.parametrize("part", [0.1, 0.2, 0.4, 0.8])
def test_passes_of_an_interlaced_gif(part: float) -> None:
    """Rows that are missing have the colors of the last one above that is not."""
    data = encoded(photograph("P"), "GIF", interlace=1)
    whole = first(rendered(data)).convert("RGB")
    image = first(rendered(data[: int(len(data) * part)])).convert("RGBA")
    height = (image.getbbox() or (0, 0, 0, 0))[3]
    assert height == 192 or part == 0.1
    size = 8 if part < 0.25 else 4 if part < 0.5 else 2
    for row in range(height):
        above = {row - row % block for block in (1, size // 2 or 1, size)}
        stored = [whole.crop((0, each, 256, each + 1)).tobytes() for each in above]
        assert image.convert("RGB").crop((0, row, 256, row + 1)).tobytes() in stored


FRAMES = [Stored(RED), Stored(GREEN), Stored(BLUE)]


@pytest.mark.parametrize("format_name", ["GIF", "PNG"])
def test_an_animation_has_the_frames_that_there_are(format_name: str) -> None:
    """The last frame of an animation that is cut is shown as far as it goes."""
    data = (gif if format_name == "GIF" else apng)(FRAMES)
    starts = [found.end() for found in re.finditer(b"\\x21\xf9\4|fcTL", data)]
    options = {"lossless": True, "effort": 0}
    animated = Rendition("a", WebP(**options))  # type: ignore[arg-type]
    done = rendered(data[: starts[2]], animated)
    assert done.warnings == ("truncated",)
    assert (done.header.frames, first(done).n_frames) == (2, 2)  # type: ignore[attr-defined]
    cut = data[: starts[2] + (len(data) - starts[2]) // 2]
    if format_name == "PNG":  # two rows, uncompressed
        cut = data[: starts[2] + 26 + 4] + blue_rows(2)
    done = rendered(cut, animated)
    assert done.header.frames == 3
    image = first(done)
    image.seek(2)
    shown = image.convert("RGBA")
    assert shown.getpixel((3, 0)) == (0, 0, 255, 255)
    # GIF shows the frame before, and this PNG replaces it.
    below = (0, 255, 0, 255) if format_name == "GIF" else (0, 0, 0, 0)
    assert shown.getpixel((3, 15)) == below


def blue_rows(rows: int) -> bytes:
    """Return fdAT with some blue rows of 24 pixels, and no end of the stream."""
    stored = zlib.compressobj(0)
    packed = stored.compress((b"\0" + b"\0\0\xff\xff" * 24) * rows) + stored.flush(
        zlib.Z_SYNC_FLUSH
    )
    return chunk(b"fdAT", struct.pack(">I", 4) + packed)[:-4]


@pytest.mark.parametrize(("format_name", "mode"), LOSSLESS)
def test_a_recipe_may_refuse_other_formats(format_name: str, mode: str) -> None:
    """With ``"truncated": "refuse"`` half a file is an error, and a whole one is not."""
    data = lossless(format_name, mode)
    with pytest.raises(ImageError) as caught:
        rendered(data[: len(data) // 2], truncated="refuse")
    assert caught.value.code == "truncated"
    assert rendered(data, truncated="refuse").warnings == ()


@pytest.mark.parametrize(("format_name", "mode"), LOSSLESS)
def test_every_length(format_name: str, mode: str) -> None:
    """A file that is cut anywhere is rendered in part, or refused."""
    options = {"interlace": 1} if format_name == "GIF" else {}
    image = quarters(11, 7).convert("L" if mode == "I;16" else mode).convert(mode)
    data = encoded(image, format_name, **options)
    shown = 0
    for length in range(1, len(data)):
        with suppress(ImageError):
            shown += bool(rendered(data[:length], analysis=False).renditions)
    assert shown
