"""EXIF that renditions keep."""

import random
import struct
from typing import Any

import pytest
from PIL import ExifTags, Image, TiffImagePlugin

from processor.images.describe.owner import NOBODY
from processor.images.encode.metadata import MAX_BYTES, NOTHING, exif_bytes, kept_metadata
from processor.images.recipe import Auto, Jpeg

TAG, IFD = ExifTags.Base, ExifTags.IFD
KEEP = Jpeg(metadata="keep")
WITH_GPS = Jpeg(metadata="keep", gps=True)


@pytest.fixture
def original() -> Image.Exif:
    """Give EXIF as a camera writes it."""
    exif = Image.Exif()
    exif[TAG.Make] = "Camera Works"
    exif[TAG.Artist] = "A. Tist"
    exif[TAG.Copyright] = "(c) A. Tist"
    exif[TAG.Orientation] = 6
    exif[TAG.ImageWidth] = 4000
    exif[0x02BC] = b"<x:xmpmeta>somewhere</x:xmpmeta>"
    exif[IFD.Exif] = {
        TAG.DateTimeOriginal: "2024:05:06 07:08:09",
        TAG.ExposureTime: TiffImagePlugin.IFDRational(1, 125),
        TAG.ISOSpeedRatings: 200,
        TAG.ExifImageWidth: 4000,
        TAG.MakerNote: b"secret note",
        TAG.ExifVersion: b"0232",
    }
    exif[IFD.GPSInfo] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)}
    return loaded(exif.tobytes())


def loaded(data: bytes) -> Image.Exif:
    """Return parsed EXIF."""
    exif = Image.Exif()
    exif.load(data)
    return exif


@pytest.mark.parametrize("output", [Jpeg(), Jpeg(gps=True), Auto()])
def test_strip(original: Image.Exif, output: Jpeg) -> None:
    """By default nothing is kept."""
    assert kept_metadata(original, NOBODY, output) == NOTHING


@pytest.mark.parametrize("gps", [True, False])
def test_keep_copyright(original: Image.Exif, *, gps: bool) -> None:
    """Only artist and copyright are kept."""
    back = loaded(exif_bytes(original, Jpeg(metadata="keep-copyright", gps=gps)))
    assert dict(back) == {TAG.Artist: "A. Tist", TAG.Copyright: "(c) A. Tist"}
    assert not back.get_ifd(IFD.Exif)
    assert not back.get_ifd(IFD.GPSInfo)


def test_keep(original: Image.Exif) -> None:
    """Camera and photographer's tags are kept, without pixel layout, location and maker notes."""
    data = exif_bytes(original, KEEP)
    assert data.startswith(b"Exif\0\0")
    back = loaded(data)
    assert (back[TAG.Make], back[TAG.Copyright]) == ("Camera Works", "(c) A. Tist")
    assert back.keys() == {TAG.Make, TAG.Artist, TAG.Copyright, IFD.Exif}
    details = back.get_ifd(IFD.Exif)
    assert details.keys() == {
        TAG.DateTimeOriginal, TAG.ExposureTime, TAG.ISOSpeedRatings, TAG.ExifVersion,
    }  # fmt: skip
    assert float(details[TAG.ExposureTime]) == pytest.approx(1 / 125)
    assert (details[TAG.ISOSpeedRatings], details[TAG.ExifVersion]) == (200, b"0232")
    assert b"somewhere" not in data
    assert b"secret" not in data


PLACES = {
    "ground": {33550: (0.5, 0.5, 0.0), 33922: (0.0, 0.0, 0.0, 13.4, 52.5, 0.0), 34264: (1.0,) * 16},
    "keys": {34735: (1, 1, 0, 1), 34736: (6378137.0,), 34737: "WGS 84 / Berlin|"},
    "gdal": {42112: "<GDALMetadata>Berlin</GDALMetadata>", 42113: "0"},
    "texts": {TAG.ImageDescription: "Berlin", TAG.XPComment: b"B\0e\0", TAG.XPKeywords: b"B\0"},
    "embedded": {0x02BC: b"<x/>", 0x83BB: b"\x1c\2\x5a\0\6Berlin", 0x8649: b"8BIM", 37724: b"x"},
    "raw": {TAG.DNGPrivateData: b"Berlin", 50341: b"PrintIM", 59932: b"padding", 61000: "private"},
}


@pytest.mark.parametrize("tags", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("output", [KEEP, WITH_GPS, Jpeg(metadata="keep-copyright")])
def test_no_place_in_other_tags(original: Image.Exif, tags: dict[int, Any], output: Jpeg) -> None:
    """Tags with a place (GeoTIFF, OGC 19-008r4, section 7), or with anything, are not kept."""
    expected = exif_bytes(original, output)
    for tag, value in tags.items():
        original[tag] = value
    assert exif_bytes(original, output) == expected


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (TAG.MakerNote, b"Berlin"),
        (TAG.UserComment, b"ASCII\0\0\0Berlin"),
        (TAG.SubjectLocation, (1, 2)),
        (0x9214, (1, 2)),
        (TAG.RelatedSoundFile, "a.wav"),
        (TAG.ImageUniqueID, "0123"),
        (0x9402, TiffImagePlugin.IFDRational(1013, 1)),  # air pressure
        (0x9403, TiffImagePlugin.IFDRational(3, 1)),  # depth of water
        (0xA436, "Berlin"),  # title
        (0xEA1C, b"padding"),
    ],
)
def test_no_place_in_camera_tags(original: Image.Exif, tag: int, value: Any) -> None:
    """Comments, titles and surroundings are not kept."""
    expected = exif_bytes(original, KEEP)
    original.get_ifd(IFD.Exif)[tag] = value
    assert exif_bytes(original, KEEP) == expected


def test_letters_outside_ascii(original: Image.Exif) -> None:
    """A copyright in UTF-8 keeps its bytes."""
    original[TAG.Copyright] = "© Jörg".encode().decode("latin-1")  # as Pillow reads it
    assert "© Jörg".encode() + b"\0" in exif_bytes(original, Jpeg(metadata="keep-copyright"))


def test_gps(original: Image.Exif) -> None:
    """The location is kept only with ``gps``."""
    assert not loaded(exif_bytes(original, KEEP)).get_ifd(IFD.GPSInfo)
    place = loaded(exif_bytes(original, WITH_GPS)).get_ifd(IFD.GPSInfo)
    assert place[1] == "N"
    assert [float(part) for part in place[2]] == [52.0, 31.0, 12.0]


def test_nothing_there() -> None:
    """An image without EXIF gets none."""
    assert exif_bytes(Image.Exif(), WITH_GPS) == b""


def test_only_dropped_tags() -> None:
    """No empty EXIF is written."""
    exif = Image.Exif()
    exif[TAG.Orientation] = 3
    assert exif_bytes(exif, KEEP) == b""


def test_too_large(original: Image.Exif) -> None:
    """EXIF too large for a JPEG segment is reduced to the copyright."""
    texts = TAG.LensMake, TAG.LensModel, TAG.CameraOwnerName
    original.get_ifd(IFD.Exif).update(dict.fromkeys(texts, "x" * 30_000))
    data = exif_bytes(original, KEEP)
    assert 0 < len(data) <= MAX_BYTES
    assert dict(loaded(data)) == {TAG.Artist: "A. Tist", TAG.Copyright: "(c) A. Tist"}


@pytest.mark.parametrize("value", [None, object(), -1, 1 << 80, bytes(70_000), ["a", 1, None], {}])
def test_unwritable_value(original: Image.Exif, value: Any) -> None:
    """A value that can't be written is omitted, and no other."""
    original[TAG.Software] = value
    original.get_ifd(IFD.Exif)[TAG.FNumber] = value
    back = loaded(exif_bytes(original, KEEP))
    assert back[TAG.Make] == "Camera Works"
    assert back.get_ifd(IFD.Exif)[TAG.ISOSpeedRatings] == 200


def entry(tag: int, kind: int, count: int, value: int) -> bytes:
    """Return one entry of a directory (TIFF 6.0, section 2)."""
    return struct.pack("<HHLL", tag, kind, count, value)


@pytest.mark.parametrize(
    "entries",
    [
        [entry(IFD.Exif, 4, 1, 8)],  # points to itself
        [entry(IFD.Exif, 4, 1, 0xFFFFFFFF), entry(IFD.GPSInfo, 4, 1, 7)],
        [entry(IFD.Exif, 2, 1, 8), entry(IFD.GPSInfo, 5, 3, 8)],  # of wrong types
        [entry(TAG.Artist, 2, 0xFFFFFFFF, 0), entry(TAG.Copyright, 12, 9, 9)],
        [entry(TAG.XResolution, 5, 1, 8), entry(TAG.Make, 99, 1, 1)],
        [entry(tag, 4, 1, 8) for tag in range(300)],
    ],
    ids=["circular", "outside", "types", "huge", "odd", "many"],
)
@pytest.mark.filterwarnings("ignore::UserWarning")  # what Pillow says of broken EXIF
def test_hostile(entries: list[bytes]) -> None:
    """Broken EXIF gives its readable part, and raises nothing."""
    data = b"Exif\0\0II*\0" + struct.pack("<LH", 8, len(entries)) + b"".join(entries) + bytes(4)
    for output in (KEEP, WITH_GPS, Jpeg(metadata="keep-copyright")):
        loaded(exif_bytes(loaded(data), output) or b"Exif\0\0II*\0\x08\0\0\0" + bytes(6))


@pytest.mark.parametrize("seed", range(150))
@pytest.mark.filterwarnings("ignore::UserWarning")  # what Pillow says of broken EXIF
def test_random_damage(original: Image.Exif, seed: int) -> None:
    """EXIF with broken bytes never raises."""
    chance = random.Random(seed)
    data = bytearray(original.tobytes())
    for _ in range(chance.randint(1, 12)):
        data[chance.randrange(14, len(data))] = chance.randrange(256)
    try:
        damaged = loaded(bytes(data))
    except Exception:  # noqa: BLE001 - then there is nothing to keep
        return
    exif_bytes(damaged, WITH_GPS)
