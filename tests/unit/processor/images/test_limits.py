"""Limits, and their checks before an image is decoded."""

import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest
from PIL import ImageFile

from processor.images.errors import Code, ImageError
from processor.images.limits import Limits
from processor.images.recipe import Jpeg, Png, Recipe, Rendition, Resize, WebP
from tests.unit.processor.images.sample_images import encoded, quarters, render_file

DOCUMENT = (Path(__file__).parents[4] / "docs" / "reference" / "limits.md").read_text()
PLAIN = Recipe([Rendition("web", Png())])
ENLARGED = Recipe([Rendition("web", Png(), resize=Resize(width=240, enlarge=True))])


def png() -> bytes:
    """Return a PNG of 120 x 80 pixels."""
    return encoded(quarters(), "PNG")


def jpeg() -> bytes:
    """Return a JPEG of 120 x 80 pixels with 10 scans."""
    return encoded(quarters(), "JPEG", progressive=True)


def animation(format_name: str = "GIF") -> bytes:
    """Return an animation of 3 frames of 120 x 80 pixels."""
    frames = [quarters().rotate(angle) for angle in (0, 90, 180)]
    return encoded(frames[0], format_name, save_all=True, append_images=frames[1:], duration=50)


ROWS: list[tuple[str, int, str, Callable[[], bytes], Recipe, str]] = [
    ("max_bytes", len(png()), "too-many-bytes", png, PLAIN, "bytes; at most"),
    ("max_pixels", 120 * 80, "too-many-pixels", png, PLAIN, "120 x 80 = 9,600 pixels; at most 9,5"),
    ("max_side", 120, "too-long-side", png, PLAIN, "120 x 80 pixels; a side may have at most 119"),
    ("max_scans", 10, "too-many-scans", jpeg, PLAIN, "10 scans; at most 9"),
    ("max_frames", 3, "too-many-frames", animation, PLAIN, "more than 2 frames"),
    (
        "max_frame_pixels", 3 * 9_600, "too-many-frame-pixels", animation, PLAIN,
        "3 frames of 120 x 80 = 28,800 pixels; at most 28,799",
    ),
    (
        "max_output_pixels", 3 * 240 * 160, "too-large-rendition", animation, ENLARGED,
        "'web' would be 240 x 160 pixels in 3 frames; at most 38,399 pixels are allowed for each",
    ),
    (
        "max_still_pixels", 240 * 160, "too-large-rendition", png, ENLARGED,
        "'web' would be 240 x 160 pixels; at most 38,399 pixels",
    ),
    ("max_memory", 2 * 1024 * 1024 + 4 * 9_600, "too-much-memory", png, PLAIN, "about 2 MB"),
]  # fmt: skip
"""A limit, the lowest value that accepts a file, and the error at one less."""


@pytest.mark.parametrize(
    ("name", "enough", "code", "make", "recipe", "words"), ROWS, ids=[row[0] for row in ROWS]
)
def test_refuses_what_is_beyond(
    name: str,
    enough: int,
    code: str,
    make: Callable[[], bytes],
    recipe: Recipe,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file at the limit is rendered; one beyond is refused without decoding, with a reason."""
    data = make()
    assert render_file(data, recipe, limits(name, enough)).renditions
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("it was decoded"))
    with pytest.raises(ImageError, match=re.escape(words)) as refusal:
        render_file(data, recipe, limits(name, enough - 1))
    assert refusal.value.code == code
    assert refusal.value.message.endswith(".")


def test_gives_up_what_takes_too_long() -> None:
    """The time is checked after each step."""
    Limits(max_seconds=1).check_time(1)
    with pytest.raises(ImageError, match="took more than 0 seconds") as refusal:
        render_file(png(), PLAIN, Limits(max_seconds=0))
    assert refusal.value.code == "too-slow"


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def headers(width: int, height: int) -> dict[str, bytes]:
    """Return files of each format that end, or have no pixels, after their header."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    frame = struct.pack(">BHHB", 8, height & 0xFFFF, width & 0xFFFF, 1) + b"\1\x11\0"
    tags = ((256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8))
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    extended = b"VP8X" + struct.pack("<II", 10, 0)
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return {
        "PNG": b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b""),
        "JPEG": b"\xff\xd8\xff\xc0\0\x0b" + frame + b"\xff\xda\0\x08\1\1\0\0\x3f\0",
        "GIF": b"GIF89a" + struct.pack("<HHBBB", width & 0xFFFF, height & 0xFFFF, 0, 0, 0),
        "BMP": b"BM"
        + struct.pack("<IHHIIiiHH", 54, 0, 0, 54, 40, width, height, 1, 24)
        + bytes(24),
        "TIFF": b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + directory + bytes(4),
        "WEBP": b"RIFF" + struct.pack("<I", 22) + b"WEBP" + extended + sides,
    }


@pytest.mark.parametrize(
    ("size", "code"),
    [
        ((10_001, 10_000), "too-many-pixels"),
        ((32_769, 1), "too-long-side"),
        ((1, 40_000), "too-long-side"),
    ],
)
@pytest.mark.parametrize("format_name", headers(1, 1))
def test_the_header_suffices(format_name: str, size: tuple[int, int], code: str) -> None:
    """A file of a few bytes is refused by the size in its header."""
    data = headers(*size)[format_name]
    assert len(data) < 200
    with pytest.raises(ImageError) as refusal:
        render_file(data, PLAIN)
    assert refusal.value.code == code


@pytest.mark.parametrize("format_name", ["AVIF", "HEIC"])
def test_the_header_of_a_box_format_suffices(format_name: str) -> None:
    """The same for formats with longer headers."""
    path = Path(__file__).parent / "files" / "turned.heic"
    data = path.read_bytes() if format_name == "HEIC" else encoded(quarters(), "AVIF")
    place = data.index(b"ispe") + 8
    lying = data[:place] + struct.pack(">II", 10_001, 10_000) + data[place + 8 :]
    with pytest.raises(ImageError) as refusal:
        render_file(lying, PLAIN)
    assert refusal.value.code == "too-many-pixels"


@pytest.mark.parametrize("output", [Jpeg(), WebP(animation="first-frame")])
def test_a_first_frame_is_no_animation(output: Jpeg | WebP) -> None:
    """If only the first frame is rendered, the others don't count for the rendition."""
    rendition = Rendition("web", output)
    assert render_file(animation(), Recipe([rendition]), Limits(max_output_pixels=9_600)).renditions


def test_the_document_names_every_limit() -> None:
    """limits.md has a row for each limit, with its default and the code of its error."""
    rows = dict(re.findall(r"^\| `(max_\w+)` \| ([\d,.]+) \|", DOCUMENT, re.MULTILINE))
    defaults = Limits()
    assert rows == {field.name: f"{getattr(defaults, field.name):,}" for field in fields(Limits)}
    codes = re.findall(r"^\| `(max_\w+)` .* `([\w-]+)` \|$", DOCUMENT, re.MULTILINE)
    tested = {name: code for name, _, code, *_ in ROWS} | {"max_seconds": "too-slow"}
    assert dict(codes) == tested


def test_the_document_names_limits_of_other_memory() -> None:
    """limits.md has the limits of functions with other sizes of memory, rounded."""
    rows = re.findall(r"^\| (\d+) MB[^|]* \| (.+) \|$", DOCUMENT, re.MULTILINE)
    assert len(rows) == 3
    for megabytes, cells in rows:
        scaled = Limits.within(int(megabytes))
        assert cells.split(" | ") == [
            f"{scaled.max_still_pixels / 1e6:.1f} million",
            f"{scaled.max_output_pixels / 1e6:.1f} million",
            f"{scaled.max_memory >> 20:,} MB",
        ]


def test_the_document_names_every_code() -> None:
    """limits.md has an example of the message of each code."""
    rows = re.findall(r"^\| `([a-z-]+)` \| [^|]+\. \|$", DOCUMENT, re.MULTILINE)
    assert sorted(rows) == sorted(get_args(Code))


@pytest.mark.parametrize(
    ("check", "arguments"),
    [
        ("bytes", (67_108_865,)),
        ("size", (10_001, 10_000)),
        ("size", (32_769, 1)),
        ("scans", (101,)),
        ("frames", (501, 1, 1)),
        ("frames", (51, 1_000, 1_000)),
        ("output", ("web", 4_097, 4_096, 1)),
        ("memory", (601 << 20,)),
        ("time", (46,)),
    ],
)
def test_the_document_quotes_the_sentences(check: str, arguments: tuple[Any, ...]) -> None:
    """The examples in limits.md are the engine's messages."""
    with pytest.raises(ImageError) as refusal:
        getattr(Limits(), f"check_{check}")(*arguments)
    assert f"| `{refusal.value.code}` | {refusal.value.message} |" in DOCUMENT


def limits(name: str, value: int) -> Limits:
    """Return the default limits with one changed."""
    return Limits(**{name: value})


@pytest.mark.parametrize(("megabytes", "share"), [(512, 0.38), (1024, 1), (1769, 1.9), (1, 0.1)])
def test_limits_follow_the_memory(megabytes: int, share: float) -> None:
    """A function with more memory accepts larger images, one with less smaller ones."""
    usual, limits = Limits(), Limits.within(megabytes)
    for name in ("max_memory", "max_still_pixels", "max_output_pixels", "max_frame_pixels"):
        assert getattr(limits, name) == pytest.approx(share * getattr(usual, name), rel=0.01)
    assert limits.max_pixels == usual.max_pixels
