"""Orientation of every format: the table in docs/reference/inputs.md.

Each value is the one that Chromium applies, where it shows the format.
"""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from processor.images.decode.orientation import of_tiff
from processor.images.decode.source import open_source
from processor.images.recipe import Png, Recipe, Rendition
from processor.images.steps.orient import TURNS
from tests.unit.processor.images.sample_images import (
    assert_similar,
    decoded,
    encoded,
    quarters,
    render_file,
)
from tests.unit.processor.images.stored_frames import chunk

STORED = quarters(24, 16)
ORIENTATION, DESCRIPTION = 0x0112, 0x010E
BYTE, ASCII, SHORT, LONG, RATIONAL, SBYTE, UNDEFINED, SSHORT, SLONG, FLOAT, DOUBLE = (
    1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12,
)  # fmt: skip
FORMATS = {
    BYTE: "B", ASCII: "B", SHORT: "H", LONG: "I", RATIONAL: "II", SBYTE: "b", UNDEFINED: "B",
    SSHORT: "h", SLONG: "i", FLOAT: "f", DOUBLE: "d",
}  # fmt: skip


def tiff(
    value: int = 6, kind: int = SHORT, count: int = 1, order: str = "<", tag: int = ORIENTATION
) -> bytes:
    """Return EXIF with one tag, from its TIFF header on."""
    values = [value, 1] if kind == RATIONAL else [value] * count
    raw = struct.pack(order + FORMATS[kind] * count, *values)
    inside = raw if len(raw) <= 4 else struct.pack(order + "I", 26)
    entry = struct.pack(order + "HHI", tag, kind, count) + inside.ljust(4, b"\0")
    header = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "IH", 8, 1)
    return header + entry + bytes(4) + (raw if len(raw) > 4 else b"")


def xmp(value: int) -> bytes:
    """Return XMP with an orientation."""
    space = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{space}">'
        f'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="{value}"/>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


def jpeg(*segments: bytes, after_tables: bool = False) -> bytes:
    """Return a JPEG with APP1 segments."""
    data = encoded(STORED, "JPEG", quality=95, subsampling=0)
    at = data.index(b"\xff\xda") if after_tables else 2
    parts = (b"\xff\xe1" + struct.pack(">H", len(each) + 2) + each for each in segments)
    return data[:at] + b"".join(parts) + data[at:]


def png(*chunks: bytes, at: bytes = b"IDAT") -> bytes:
    """Return a PNG with chunks before another one."""
    data = encoded(STORED, "PNG")
    place = data.index(at) - 4
    return data[:place] + b"".join(chunks) + data[place:]


def exif(value: int) -> Image.Exif:
    """Return EXIF for Pillow to write."""
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = value
    return tags


HEIC = (Path(__file__).parents[1] / "files" / "oriented.heic").read_bytes()
IROT, IMIR = 0x86, 0x87
"""Links of the image with its sixth and seventh property (ISO/IEC 23008-12, 9.3.2)."""
TURNS_OF_BOXES = {
    1: (None, None), 2: (None, 1), 3: (2, None), 4: (None, 0), 5: (1, 0), 6: (3, None),
    7: (3, 0), 8: (1, None),
}  # fmt: skip
"""Quarter turns to the left (``irot``), then the exchanged sides (``imir``, 0 for top and bottom),
as AVIF has them for each orientation of EXIF (ISO/IEC 23008-12, 6.5.10 and 6.5.12)."""


def heic(orientation: int, exif: int = 1) -> bytes:
    """Return a HEIC with the boxes of an orientation, and another orientation in EXIF."""
    data = bytearray(HEIC)
    links = data.index(b"ipma")
    for kind, link, value in zip(
        (b"irot", b"imir"), (IROT, IMIR), TURNS_OF_BOXES[orientation], strict=True
    ):
        if value is None:
            data[data.index(link, links)] = 0
        else:
            data[data.index(kind) + 4] = value
    tag = struct.pack(">HHI", ORIENTATION, SHORT, 1)
    data[data.index(tag) + 9] = exif
    return bytes(data)


XMP = b"http://ns.adobe.com/xap/1.0/\0"
E = b"Exif\0\0"
PROFILE = b"\nexif\n  %d\n%s\n" % (len(E + tiff()), (E + tiff()).hex().encode())
WEBP: dict[str, Any] = {"lossless": True}

CASES: dict[str, tuple[bytes, int]] = {
    # JPEG
    "jpeg exif": (jpeg(E + tiff()), 6),
    "jpeg exif, big-endian": (jpeg(E + tiff(order=">")), 6),
    "jpeg exif after the tables": (jpeg(E + tiff(), after_tables=True), 6),
    "jpeg exif with padding that is not 0": (jpeg(b"Exif\0\xff" + tiff()), 6),
    "jpeg exif without its header": (jpeg(tiff()), 1),
    "jpeg two exif": (jpeg(E + tiff(6), E + tiff(3)), 6),
    "jpeg two exif, the first without": (jpeg(E + tiff(tag=DESCRIPTION), E + tiff(3)), 1),
    "jpeg xmp": (jpeg(XMP + xmp(6)), 1),
    "jpeg exif and xmp": (jpeg(E + tiff(6), XMP + xmp(3)), 6),
    "jpeg exif without, and xmp": (jpeg(E + tiff(tag=DESCRIPTION), XMP + xmp(6)), 1),
    "jpeg exif 0": (jpeg(E + tiff(0)), 1),
    "jpeg exif 9": (jpeg(E + tiff(9)), 1),
    **{
        f"jpeg exif of type {kind}": (jpeg(E + tiff(kind=kind)), 6 if kind == SHORT else 1)
        for kind in FORMATS
    },
    "jpeg exif of two values": (jpeg(E + tiff(count=2)), 1),
    "jpeg exif of no value": (jpeg(E + tiff(count=0)), 1),
    # PNG
    "png eXIf": (png(chunk(b"eXIf", tiff())), 6),
    "png two eXIf": (png(chunk(b"eXIf", tiff(6)), chunk(b"eXIf", tiff(3))), 6),
    "png eXIf after the pixels": (png(chunk(b"eXIf", tiff()), at=b"IEND"), 1),
    "png eXIf with the header of JPEG's": (png(chunk(b"eXIf", E + tiff())), 1),
    "png eXIf of type 4": (png(chunk(b"eXIf", tiff(kind=LONG))), 1),
    "png xmp": (png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(6))), 1),
    "png exif as text": (png(chunk(b"tEXt", b"Raw profile type exif\0" + PROFILE)), 1),
    "png exif as compressed text": (
        png(chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(PROFILE))), 1,
    ),
    "png eXIf inside a text": (
        png(chunk(b"tEXt", b"Comment\0" + chunk(b"eXIf", tiff())), at=b"IEND"), 1,
    ),
    # WebP
    "webp exif": (encoded(STORED, "WEBP", exif=exif(6), **WEBP), 1),
    "webp xmp": (encoded(STORED, "WEBP", xmp=xmp(6), **WEBP), 1),
    # AVIF: Pillow writes irot and imir for an orientation in EXIF.
    **{
        f"avif irot and imir of {value}": (
            encoded(STORED, "AVIF", exif=exif(value), quality=95, subsampling="4:4:4"), value,
        )
        for value in range(1, 9)
    },
    "avif exif": (
        encoded(STORED, "AVIF", exif=exif(6), quality=95, subsampling="4:4:4").replace(
            b"irot\3", b"irot\0"
        ), 1,
    ),
    # HEIC: no browser but Safari shows it; the boxes mean the same.
    **{f"heic irot and imir of {value}": (heic(value), value) for value in range(1, 9)},
    "heic exif": (heic(1, exif=6), 1),
    "heic exif, and irot and imir": (heic(6, exif=3), 6),
    "avif xmp": (encoded(STORED, "AVIF", xmp=xmp(6), quality=95, subsampling="4:4:4"), 1),
    # TIFF: no browser but Safari shows it. The tag is the format's own.
    "tiff tag": (encoded(STORED, "TIFF", tiffinfo={ORIENTATION: 6}), 6),
    "tiff xmp": (encoded(STORED, "TIFF", tiffinfo={700: xmp(6)}), 1),
    "tiff xmp and tag": (encoded(STORED, "TIFF", tiffinfo={ORIENTATION: 3, 700: xmp(6)}), 3),
    # No orientation
    "gif": (encoded(STORED, "GIF"), 1),
    "bmp": (encoded(STORED, "BMP"), 1),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_orientation(name: str) -> None:
    """The rendition is turned as the table says, and the header has its size."""
    data, expected = CASES[name]
    shown = STORED.transpose(TURNS[expected]) if expected > 1 else STORED
    header = open_source(data).header
    assert (header.width, header.height) == shown.size
    recipe = Recipe([Rendition("a", Png())], analysis=False)
    image = decoded(render_file(data, recipe).renditions[0].data).convert("RGB")
    assert_similar(image, shown, 8)


def test_every_orientation_of_animated_png() -> None:
    """All frames are turned."""
    data = encoded(STORED, "PNG", save_all=True, append_images=[STORED.rotate(180)], duration=90)
    at = data.index(b"IDAT") - 4
    data = data[:at] + chunk(b"eXIf", tiff(6)) + data[at:]
    recipe = Recipe([Rendition("a", Png())], analysis=False)
    image = Image.open(io.BytesIO(render_file(data, recipe).renditions[0].data))
    assert image.size == (16, 24)


@given(st.binary(max_size=100))
def test_any_exif(data: bytes) -> None:
    """Broken EXIF raises nothing."""
    for start in (b"", b"II*\0", b"MM\0*", b"II*\0\x08\0\0\0"):
        assert 1 <= of_tiff(start + data) <= 8
