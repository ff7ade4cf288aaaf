"""Hostile files: crashes, memory bombs and endless work."""

import random
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from processor.images.decode import gif, heif
from processor.images.errors import ImageError
from processor.images.recipe import Gif, Jpeg, Png, Recipe, Rendition, Resize, WebP
from processor.images.render import Rendered
from tests.fuzz.seeds import chunk, saved, seeds
from tests.speed import limit
from tests.unit.processor.images.sample_images import (
    decoded,
    encoded,
    quarters,
    render_file,
)

SEEDS = dict(seeds())
# Pillow warns of broken metadata, and goes on.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

FILES = Path(__file__).parent / "files"
HEIC = (FILES / "turned.heic").read_bytes()

SMALL = Recipe([Rendition("a", Jpeg(), resize=Resize(width=64))])
KEPT = Recipe(
    [
        Rendition("a", WebP(effort=0, metadata="keep", gps=True)),
        Rendition("b", Jpeg(metadata="keep-copyright")),
    ],
    gps=True,
)
SIGNATURE = b"\x89PNG\r\n\x1a\n"
SECONDS = limit(6)
"""Processor time at which a file counts as one that never ends; most take milliseconds. A canvas of
96 megapixels is the longest, with 1 to 3 seconds."""


@pytest.fixture(autouse=True)
def _no_file_takes_long() -> Iterator[None]:
    """Every test of this file takes at most ``SECONDS`` of processor time."""
    started = time.process_time()
    yield
    assert time.process_time() - started < SECONDS


def outcome(data: bytes, recipe: Recipe = SMALL) -> Rendered | str:
    """Return the renditions of a file, or the code of its ``ImageError``."""
    try:
        return render_file(data, recipe)
    except ImageError as error:
        return error.code


def png(width: int, height: int, *chunks: bytes, rows: bytes = b"", bits: int = 8) -> bytes:
    """Return a gray PNG with more chunks before the pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(rows or b"\0" * (height * (width * bits // 8 + 1)), 1))
    return SIGNATURE + header + b"".join(chunks) + data + chunk(b"IEND", b"")


def tiff(*tags: tuple[int, int, int, int], after: int = 0, body: bytes = b"") -> bytes:
    """Return a TIFF with one directory of (number, type, count, value) at its start."""
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return b"II*\0\x08\0\0\0" + directory + struct.pack("<I", after) + body


GRAY: tuple[tuple[int, int, int, int], ...] = (
    (256, 3, 1, 16), (257, 3, 1, 16), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
    (273, 4, 1, 200), (277, 3, 1, 1), (278, 3, 1, 16), (279, 4, 1, 256),
)  # fmt: skip
"""The tags of a TIFF of 16 x 16 gray pixels."""


# --- Bombs: few bytes that become many ------------------------------------------------------------


def test_a_bomb_within_the_limits_is_an_image() -> None:
    """90 million black pixels, 90 kB of file and 90 MB of memory, are rendered."""
    data = png(30_000, 3_000)
    assert len(data) < 500_000
    rendered = outcome(data)
    assert isinstance(rendered, Rendered)
    assert (rendered.renditions[0].width, rendered.renditions[0].height) == (64, 6)


@pytest.mark.parametrize(
    ("size", "code"),
    [
        ((30_000, 3_334), "too-many-pixels"),
        ((32_769, 1), "too-long-side"),
        ((1, 65_535), "too-long-side"),
        ((2**31 - 1, 2**31 - 1), "too-long-side"),
        ((0, 16), "corrupt"),
    ],
)
def test_a_bomb_beyond_the_limits_is_refused_unopened(size: tuple[int, int], code: str) -> None:
    """A PNG is refused by its header alone."""
    assert outcome(png(*size, rows=b"\0")) == code


@pytest.mark.parametrize("frame", [(0, 0, 40_000, 40_000), (65_535, 65_535, 65_535, 65_535)])
@pytest.mark.parametrize("disposal", [0, 2, 3])
def test_a_gif_frame_that_leaves_the_canvas_is_measured(
    frame: tuple[int, int, int, int], disposal: int
) -> None:
    """A frame beyond the canvas is refused before Pillow opens the file and allocates it."""
    for place in (0, 1):
        parts = [_frame(0, 0, 4, 4, disposal)] * 2
        parts[place] = _frame(*frame, disposal)
        assert outcome(_gif(*parts), KEPT) == "too-long-side"


def test_gif_extensions_are_read_as_pillow_reads_them() -> None:
    """A frame behind an invalid extension is measured too."""
    hidden = b"\x21\xf9\0" + b"\0" + _frame(0, 0, 40_000, 40_000)
    assert gif.measure(_gif(hidden), 9)[1:] == (40_000, 40_000)
    hidden = b"\x21\xff\x0bNETSCAPE2.0\0" + b"\0" + _frame(0, 0, 40_000, 40_000)
    assert gif.measure(_gif(hidden), 9)[1:] == (40_000, 40_000)


def test_webp_canvases_are_measured_before_they_are_made() -> None:
    """The canvas size is checked before libwebp opens the file and allocates it."""
    data = SEEDS["animated-0.webp"]
    place = data.index(b"VP8X") + 12
    assert outcome(data[:place] + b"\xff" * 6 + data[place + 6 :], KEPT) == "too-long-side"
    assert outcome(data[:place] + b"\x20\x4e\0" * 2 + data[place + 6 :]) == "too-many-pixels"


@pytest.mark.parametrize(
    "make",
    [
        lambda bomb: chunk(b"zTXt", b"Title\0\0" + bomb),
        lambda bomb: chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + bomb),
        lambda bomb: chunk(b"iCCP", b"profile\0\0" + bomb),
    ],
    ids=["zTXt", "iTXt", "iCCP"],
)
@pytest.mark.parametrize("count", [1, 60])
def test_png_texts_and_profiles_that_are_bombs(make: Callable[[bytes], bytes], count: int) -> None:
    """A 1 MB chunk of 200 MB text is refused or skipped, and never decompressed."""
    bomb = zlib.compress(b"\0" * (200 << 20 if count == 1 else 1 << 20), 9)
    result = outcome(png(16, 16, *[make(bomb)] * count), KEPT)
    assert isinstance(result, Rendered) or result in ("corrupt", "truncated")


@pytest.mark.parametrize("megabytes", [1, 16])
def test_huge_profiles(megabytes: int) -> None:
    """A profile of up to 16 MB, the largest that JPEG can hold, is read and ignored."""
    rubbish = random.Random(1).randbytes(megabytes * 1_000_000)
    assert isinstance(outcome(encoded(quarters(), "JPEG", icc_profile=rubbish)), Rendered)
    real = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    padded = encoded(quarters(), "JPEG", icc_profile=real + rubbish)
    assert isinstance(outcome(padded), Rendered)


@pytest.mark.parametrize("count", [500, 501, 60_000])
def test_endless_gifs(count: int) -> None:
    """Frames are counted before any is decoded, up to one more than allowed."""
    result = outcome(_gif(*[_frame(0, 0, 2, 2)] * count), KEPT)
    assert isinstance(result, Rendered) if count == 500 else result == "too-many-frames"


@pytest.mark.parametrize("count", [0, 2, 499, 501, 2**31 - 1])
def test_apng_that_lies_about_its_frames(count: int) -> None:
    """An animated PNG with a wrong frame count gives an error or an image."""
    data = SEEDS["animated-0.png"]
    place = data.index(b"acTL") + 4
    lying = chunk(b"acTL", struct.pack(">I", count) + data[place + 4 : place + 8])
    result = outcome(data[: place - 8] + lying + data[place + 12 :], KEPT)
    assert isinstance(result, Rendered) or result in (
        "truncated", "corrupt", "too-many-frames",
    )  # fmt: skip


@pytest.mark.parametrize("size", [(64, 64), (2**31 - 1, 1), (1, 2**31 - 1), (0, 0)])
def test_apng_frames_that_leave_the_canvas(size: tuple[int, int]) -> None:
    """An animation with a frame larger than the image shows its default image."""
    data = SEEDS["animated-0.png"]
    place = data.rindex(b"fcTL") + 4
    body = data[place : place + 4] + struct.pack(">II", *size) + data[place + 12 : place + 26]
    broken = data[: place - 8] + chunk(b"fcTL", body) + data[place + 30 :]
    rendered = outcome(broken, KEPT)
    assert isinstance(rendered, Rendered)
    assert rendered.header.frames == 1


def test_webp_frames_that_leave_the_canvas() -> None:
    """A frame outside the canvas is refused."""
    data = SEEDS["animated-1.webp"]
    place = data.index(b"ANMF") + 8
    assert outcome(data[:place] + b"\xff" * 3 + data[place + 3 :], KEPT) == "corrupt"


# --- Headers that lie ----------------------------------------------------------------------------

PLACES: dict[str, tuple[str, bytes, int, str]] = {
    "jpeg": ("RGB.jpg", b"\xff\xc0", 5, ">HH"),
    "jpeg progressive": ("RGB-progressive.jpg", b"\xff\xc2", 5, ">HH"),
    "png": ("RGB.png", b"IHDR", 4, ">II"),
    "gif": ("still-0.gif", b"GIF8", 6, "<HH"),
    "bmp": ("RGB.bmp", b"BM", 18, "<ii"),
    "bmp run lengths": ("run-lengths-8.bmp", b"BM", 18, "<ii"),
    "webp lossy": ("RGB-0.webp", b"\x9d\x01\x2a", 3, "<HH"),
    "webp extended": ("exif.webp", b"VP8X", 12, "<HH"),
    "avif": ("RGB.avif", b"ispe", 8, ">II"),
    "heic": ("heic", b"ispe", 8, ">II"),
}
"""A file, and how far after which bytes its width and height stand (of JPEG, height and width)."""


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("size", [(1, 1), (5, 3), (200, 300), (9_000, 9_000), (16_000, 6_000)])
def test_headers_that_lie(kind: str, size: tuple[int, int]) -> None:
    """A header with a wrong size gives an error, or an image of that size."""
    name, mark, after, form = PLACES[kind]
    data = HEIC if name == "heic" else SEEDS[name]
    place = data.index(mark) + after
    lying = data[:place] + struct.pack(form, *size) + data[place + struct.calcsize(form) :]
    if kind == "png":
        lying = lying[:29] + struct.pack(">I", zlib.crc32(lying[12:29])) + lying[33:]
    result = outcome(lying)
    if isinstance(result, Rendered):
        assert max(result.renditions[0].width, result.renditions[0].height) <= max(64, *size)


@pytest.mark.parametrize("height", [-17, -(2**31), 2**31 - 1, 0, -1])
@pytest.mark.parametrize("name", ["RGB.bmp", "run-lengths-8.bmp"])
def test_bmp_heights(name: str, height: int) -> None:
    """A negative height means top-down rows; invalid ones are refused."""
    data = SEEDS[name]
    result = outcome(data[:22] + struct.pack("<i", height) + data[26:])
    assert isinstance(result, Rendered) == (height == -17 and name == "RGB.bmp") or height == -1


@pytest.mark.parametrize(
    "data",
    [
        tiff(*GRAY, after=8, body=b"\1" * 400),
        tiff(*GRAY[:5], (273, 4, 1, 0xFFFFFF00), *GRAY[6:]),
        tiff(*GRAY[:5], (273, 4, 2**31, 0), *GRAY[6:]),
        tiff(*GRAY[:8], (279, 4, 1, 2**32 - 1)),
        tiff((256, 3, 2**32 - 1, 16), *GRAY[1:]),
        tiff(*GRAY[:2], (258, 3, 65_535, 8), *GRAY[3:], body=b"\0" * 140_000),
        tiff(*GRAY[:6], (277, 3, 1, 65_535), *GRAY[7:]),
        tiff(*GRAY, (330, 4, 1, 8), (34_665, 4, 1, 8), body=b"\1" * 400),
        tiff(*GRAY[:5], (322, 4, 1, 2**31), (323, 4, 1, 2**31), (324, 4, 1, 8), (325, 4, 1, 8)),
        tiff((256, 3, 1, 1), *GRAY, body=b"\1" * 400),
        tiff(*GRAY, *((number, 4, 1, 0) for number in range(300, 60_000)), body=b"\1" * 400),
        tiff(*GRAY, *((41_000, 2, 2**20, 0),) * 60_000, body=b"\1" * (1 << 20)),
    ],
    ids=[
        "circular", "strip beyond the end", "gigantic count", "gigantic strip", "gigantic width",
        "65,535 values", "65,535 samples", "directory of its own", "gigantic tiles", "two widths",
        "60,000 tags", "60,000 texts of 1 MB",
    ],
)  # fmt: skip
def test_hostile_tiffs(data: bytes) -> None:
    """Directories that form a cycle, or point outside the file, give an error or an image."""
    assert isinstance(outcome(data, KEPT), Rendered | str)


# --- Metadata ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "block",
    [
        tiff((34_665, 4, 1, 8), (34_853, 4, 1, 8), after=8),
        tiff(*((34_665, 4, 1, 8),) * 5_000),
        tiff(*((271, 2, 60_000, 0),) * 4_000),
        tiff((274, 3, 2**31, 6)),
        tiff((274, 2, 4, 0x31313131)),
        tiff((274, 3, 1, 9)),
        tiff((271, 2, 60_000, 8), body=b"A" * 60_000),
        tiff((34_853, 4, 1, 26), body=tiff((1, 2, 2, 78), (2, 5, 3, 8), (4, 10, 1, 0))[8:]),
        b"II*\0\xff\xff\xff\xff",
        b"MM\0*",
        b"",
    ],
    ids=[
        "nested in itself", "5,000 directories", "4,000 texts", "2 billion orientations",
        "orientation as text", "orientation 9", "60,000 letters", "broken place",
        "beyond the end", "cut off", "empty",
    ],
)  # fmt: skip
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP"])
def test_hostile_exif(block: bytes, format_name: str) -> None:
    """Invalid metadata doesn't prevent rendering: it is omitted."""
    block = block[:65_000]
    rendered = outcome(encoded(quarters(), format_name, exif=b"Exif\0\0" + block), KEPT)
    assert isinstance(rendered, Rendered)
    assert (rendered.header.width, rendered.header.height) == (120, 80)


# --- Other things --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(32_768, 8), (8, 32_768), (32_768, 1), (1, 32_768)])
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "TIFF", "BMP"])
def test_strips(size: tuple[int, int], format_name: str) -> None:
    """An extremely long image is scaled to at least one pixel in the other direction."""
    rendered = outcome(encoded(Image.new("RGB", size), format_name))
    assert isinstance(rendered, Rendered)
    assert min(rendered.renditions[0].width, rendered.renditions[0].height) >= 1


def test_a_jpeg_strip_that_is_too_long_is_refused() -> None:
    """JPEG allows 65,500 pixels a side, the engine half of that."""
    assert outcome(encoded(Image.new("L", (65_500, 1)), "JPEG")) == "too-long-side"


@pytest.mark.parametrize("name", [*SEEDS, "heic"])
def test_truncated_files(name: str) -> None:
    """A file that ends after any 16th of it gives an error or a whole image."""
    data = HEIC if name == "heic" else SEEDS[name]
    assert isinstance(outcome(data, KEPT), Rendered)
    for part in range(16):
        result = outcome(data[: len(data) * part // 16], KEPT)
        if isinstance(result, str):
            assert result in ("empty", "unsupported-format", "truncated", "corrupt")


@pytest.mark.parametrize("name", [*SEEDS, "heic"])
def test_damaged_files(name: str) -> None:
    """Random byte changes give an error or an image, the same ones each time."""
    data = HEIC if name == "heic" else SEEDS[name]
    numbers = random.Random(name)
    for _ in range(24):
        damaged = bytearray(data)
        for _ in range(numbers.randint(1, 8)):
            damaged[numbers.randrange(len(data))] = numbers.randrange(256)
        outcome(bytes(damaged))


@pytest.mark.parametrize(
    "data",
    [
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"\xc5\xd0\xd3\xc6" + b"\0" * 60,
        b"%PDF-1.7\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<?xml version='1.0'?><svg/>",
        b"8BPS\0\1" + b"\0" * 60,
        b"\0\0\1\0\1\0" + b"\0" * 60,
        b"\0\0\2\0\1\0" + b"\0" * 60,
        b"icns\0\0\1\0",
        b"\0\0\0\x0cjP  \r\n\x87\n",
        b"\xff\x4f\xff\x51" + b"\0" * 60,
        b"\xff\x0a" + b"\0" * 60,
        b"\x76\x2f\x31\x01" + b"\0" * 60,
        b"P6 9 9 255\n" + b"\0" * 243,
        b"qoif\0\0\0\1\0\0\0\1\3\0",
        b"II+\0\x08\0\0\0" + b"\0" * 60,
        b"DDS |" + b"\0" * 120,
        b"FLIF",
        b"\xd7\xcd\xc6\x9a" + b"\0" * 60,
        b"SIMPLE  =",
        b"\x1f\x8b\x08\0",
        b"PK\3\4",
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
        b"RIFF\0\0\0\0AVI LIST",
        b"<html>",
        b"\0" * 100,
    ],
    ids=lambda data: repr(data[:12]),
)
def test_other_formats_are_refused_by_their_content(data: bytes) -> None:
    """Other formats, which Pillow or Ghostscript could read, are refused."""
    assert outcome(data) == "unsupported-format"
    assert outcome(data + SEEDS["RGB.png"]) == "unsupported-format"


@pytest.mark.parametrize(
    "appended", [b"%PDF-1.7\n", b"<script>alert(1)</script>", b"PK\3\4" + b"\0" * 99, b"MZ"]
)
@pytest.mark.parametrize("name", ["RGB.jpg", "RGB.png", "still-0.gif", "RGB.bmp"])
def test_polyglots_are_cleaned(name: str, appended: bytes) -> None:
    """Data that is appended to an image is in none of its renditions."""
    rendered = outcome(SEEDS[name] + appended, KEPT)
    assert isinstance(rendered, Rendered)
    assert all(appended not in each.data for each in rendered.renditions)


# --- What the fuzzer found -----------------------------------------------------------------------


def test_a_palette_image_without_a_palette() -> None:
    """A palette PNG without a palette is refused."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 3, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 20))
    assert outcome(SIGNATURE + header + pixels + chunk(b"IEND", b"")) == "corrupt"


@pytest.mark.parametrize("kind", [b"E\x88\x8cf", b"\xff\xff\xff\xff"])
def test_heic_items_of_a_kind_that_is_no_text(kind: bytes) -> None:
    """Invalid item types, on which pi-heif 1.4.0 crashes the process, are refused."""
    place = HEIC.index(b"Exif")
    assert outcome(HEIC[:place] + kind + HEIC[place + 4 :]) == "corrupt"
    moved = HEIC[:place] + b"infe\2\0\0" + kind
    assert outcome(moved + HEIC[place + 11 :]) == "corrupt"


def with_item(entry: bytes) -> bytes:
    """Return a HEIC with another entry of the item that has EXIF."""
    at = HEIC.index(b"Exif") - 16
    data = HEIC[:at] + entry + HEIC[at + 21 :]
    for name in (b"iinf", b"meta"):
        place = data.index(name) - 4
        length = int.from_bytes(data[place : place + 4]) + len(entry) - 21
        data = data[:place] + struct.pack(">I", length) + data[place + 4 :]
    return data


@pytest.mark.parametrize("is_long", [False, True])
@pytest.mark.parametrize(
    ("strings", "is_text"),
    [
        (b"\0application/rdf+xml\0", True), ("é\0a/b\0".encode(), True),
        (b"\0applic\xff\xffion/rdf+xml\0", False), (b"\xff\0a/b\0", False),
        (b"\0a/b\0\xff\0", False), (bytes(5000), False),
    ],
)  # fmt: skip
def test_heic_items_with_strings_that_are_no_text(
    strings: bytes, *, is_text: bool, is_long: bool
) -> None:
    """Invalid names and content types, on which pi-heif 1.4.0 crashes, are refused."""
    body = b"\2\0\0\1\0\2\0\0mime" + strings
    head = (
        struct.pack(">I4sQ", 1, b"infe", 16 + len(body)) if is_long
        else struct.pack(">I4s", 8 + len(body), b"infe")
    )  # fmt: skip
    data = with_item(head + body)
    if is_text:
        heif.check_items(data)
        return
    assert outcome(data) == "corrupt"
    kind = with_item(head + body.replace(b"mime", b"m\xffme"))
    assert outcome(kind) == "corrupt"


def test_very_many_heic_items() -> None:
    """The entries that are checked have a limit."""
    assert outcome(HEIC[:400] + b"infe" * 1_000_000) == "corrupt"


def test_gif_frames_that_grow_are_cut_to_the_first() -> None:
    """All frames of an animation have the first frame's size."""
    data = _gif(_frame(0, 0, 4, 4), _frame(0, 0, 9, 7), _frame(2, 1, 4, 4))
    recipe = Recipe([Rendition("a", Gif()), Rendition("b", WebP()), Rendition("c", Png())])
    rendered = outcome(data, recipe)
    assert isinstance(rendered, Rendered)
    assert {decoded(each.data).size for each in rendered.renditions} == {(4, 4)}


@pytest.mark.parametrize("milliseconds", [40_001, 70_001, 16_000_000])
@pytest.mark.parametrize("output", [Gif(), WebP(), Png()])
def test_frames_that_last_long(output: Gif | WebP | Png, milliseconds: int) -> None:
    """Durations that the output format can't represent are shortened."""
    frames = [quarters(), quarters(), quarters().rotate(90), quarters()]
    data = encoded(
        frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=[milliseconds] * 4
    )
    assert isinstance(outcome(data, Recipe([Rendition("a", output)])), Rendered)


@pytest.mark.parametrize("output", [Gif(), WebP(), Png()])
@pytest.mark.parametrize("count", [2, 3, 40])
def test_frames_that_last_for_ever(output: Gif | WebP | Png, count: int) -> None:
    """Equal frames, written as one, have a total duration that GIF can represent."""
    frame = _frame(0, 0, 4, 4).replace(b"\x21\xf9\4\0\4\0", b"\x21\xf9\4\0\xff\xff")
    assert isinstance(outcome(_gif(*[frame] * count), Recipe([Rendition("a", output)])), Rendered)


def _gif(*frames: bytes) -> bytes:
    """Return a GIF of 4 x 4 pixels and two colors."""
    return b"GIF89a\x04\0\x04\0\x80\0\0\0\0\0\xff\xff\xff" + b"".join(frames) + b";"


def _frame(left: int, top: int, width: int, height: int, disposal: int = 0) -> bytes:
    """Return a GIF frame with pixels for 4 x 4, whatever its size says."""
    image = Image.new("P", (min(width, 16), min(height, 16)), 1)
    image.putpalette(bytes(6))
    pixels = saved(image, "GIF")
    body = pixels[pixels.index(b",") + 10 : -1]
    if pixels[pixels.index(b",") + 9] & 0x80:
        body = body[3 << ((pixels[pixels.index(b",") + 9] & 7) + 1) :]
    control = bytes((0x21, 0xF9, 4, disposal << 2, 4, 0, 0, 0))
    return control + b"," + struct.pack("<HHHHB", left, top, width, height, 0) + body
