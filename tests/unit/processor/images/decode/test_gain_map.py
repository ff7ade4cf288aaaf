"""Detection of HDR gain maps."""

import struct

import pytest

from processor.images.decode.gain_map import has_gain_map
from processor.images.decode.source import open_source
from processor.images.recipe import Png, Recipe, Rendition
from tests.unit.processor.images.sample_images import (
    assert_similar,
    decoded,
    encoded,
    quarters,
    render_file,
)

BASE = encoded(quarters(), "JPEG", quality=95, subsampling="4:4:4")
GAIN_MAP = encoded(quarters(60, 40, "L"), "JPEG")
XMP = b'<rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"/>'
ULTRA_HDR = 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP
ISO = 0xE2, b"urn:iso:std:iso:ts:21496:-1\0\0\0\0\0"
APPLE = b"<apdi:AuxiliaryImageType>urn:com:apple:photo:2020:aux:hdrgainmap"
MULTI_PICTURE = 0xE2, b"MPF\0II*\0"


def with_segment(marker: int, content: bytes) -> bytes:
    """Return a JPEG with a segment, and a second image after the first."""
    segment = struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content
    second = GAIN_MAP[:2] + struct.pack(">BBH", 0xFF, 0xE1, len(APPLE) + 2) + APPLE + GAIN_MAP[2:]
    return BASE[:2] + segment + BASE[2:] + second


@pytest.mark.parametrize("segment", [ULTRA_HDR, ISO, MULTI_PICTURE], ids=["XMP", "ISO", "Apple"])
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_jpeg_with_a_gain_map(segment: tuple[int, bytes]) -> None:
    """The base image is rendered, and the entry has the fact."""
    data = with_segment(*segment)
    assert open_source(data).header.facts["gain_map"] is True
    (plain,) = render_file(data, Recipe([Rendition("plain", Png())])).renditions
    assert_similar(decoded(plain.data).convert("RGB"), quarters(), 4)


@pytest.mark.parametrize("data", [BASE, with_segment(0xE1, b"Exif\0\0")], ids=["one", "two"])
def test_a_jpeg_without(data: bytes) -> None:
    """Other files don't have it, also with further images after the first."""
    assert "gain_map" not in open_source(data).header.facts


def test_avif() -> None:
    """AVIF and HEIC have a brand for it, or an auxiliary image of Apple's."""
    data = encoded(quarters(), "AVIF")
    assert "gain_map" not in open_source(data).header.facts
    marked = data[:20] + b"tmap" + data[24:]
    assert has_gain_map("AVIF", marked, decoded(data))
    assert has_gain_map("HEIF", data + b"auxC" + APPLE, decoded(data))
