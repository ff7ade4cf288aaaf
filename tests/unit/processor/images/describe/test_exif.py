"""EXIF facts of a photograph."""

import random
import struct
from typing import Any

import msgspec
import pytest
from PIL import ExifTags, Image, TiffImagePlugin

from processor.catalog.attributes import serialize
from processor.images.describe.exif import (
    MAX_TEXT,
    Exif,
    Place,
    read_exif,
)

TAG, IFD, GPS = ExifTags.Base, ExifTags.IFD, ExifTags.GPS
RATIO = TiffImagePlugin.IFDRational
Tags = dict[int, Any]

BERLIN: Tags = {
    GPS.GPSLatitudeRef: "N",
    GPS.GPSLatitude: (52.0, 31.0, 12.0),
    GPS.GPSLongitudeRef: "E",
    GPS.GPSLongitude: (13.0, 24.0, 18.0),
    GPS.GPSAltitudeRef: b"\0",
    GPS.GPSAltitude: 34.0,
}


def written(tags: Tags | None = None, camera: Tags | None = None, gps: Tags | None = None) -> Any:
    """Return EXIF as it is read from a file."""
    exif = Image.Exif()
    for tag, value in (tags or {}).items():
        exif[tag] = value
    if camera:
        exif[IFD.Exif] = camera
    if gps:
        exif[IFD.GPSInfo] = gps
    read = Image.Exif()
    read.load(exif.tobytes())
    return read


def told(camera: Tags) -> Exif:
    """Return the facts, which must not be empty."""
    found = read_exif(written({TAG.Make: "x"}, camera), gps=False)
    assert found is not None
    return found


def test_what_is_told() -> None:
    """Camera, lens, time and exposure are returned, and nothing else."""
    exif = written(
        {TAG.Make: "Camera Works", TAG.Model: "CW 1", TAG.Artist: "A. Tist", TAG.Software: "x"},
        {
            TAG.LensModel: "50 mm f/1.8",
            TAG.DateTimeOriginal: "2024:05:31 10:20:30",
            TAG.OffsetTimeOriginal: "+02:00",
            TAG.ExposureTime: RATIO(1, 125),
            TAG.FNumber: RATIO(28, 10),
            TAG.ISOSpeedRatings: 400,
            TAG.FocalLength: RATIO(50, 1),
            TAG.BodySerialNumber: "123456",
            TAG.UserComment: b"secret",
            TAG.MakerNote: b"secret",
        },
        BERLIN,
    )
    found = read_exif(exif, gps=False)
    assert found == Exif(
        make="Camera Works",
        model="CW 1",
        lens="50 mm f/1.8",
        taken="2024-05-31T10:20:30+02:00",
        exposure=0.008,
        aperture=2.8,
        iso=400,
        focal_length=50,
    )


def test_the_place_only_if_asked_for() -> None:
    """The location is returned only with ``gps``."""
    assert read_exif(written(gps=BERLIN), gps=False) is None
    found = read_exif(written(gps=BERLIN), gps=True)
    assert found == Exif(place=Place(52.52, 13.405, 34))
    assert "place" not in msgspec.to_builtins(
        read_exif(written({TAG.Make: "x"}, gps=BERLIN), gps=False)
    )


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({GPS.GPSLatitudeRef: "S", GPS.GPSLongitudeRef: "W"}, Place(-52.52, -13.405, 34)),
        ({GPS.GPSAltitudeRef: b"\1"}, Place(52.52, 13.405, -34)),
        ({GPS.GPSAltitude: None}, Place(52.52, 13.405)),
        ({GPS.GPSLatitude: (0.0, 0.0, 0.0), GPS.GPSLongitude: (0.0, 0.0, 0.0)}, Place(0, 0, 34)),
        ({GPS.GPSLatitude: None}, None),
        ({GPS.GPSLongitude: None}, None),
        ({GPS.GPSLatitude: (91.0, 0.0, 0.0)}, None),
        ({GPS.GPSLongitude: (180.0, 1.0, 0.0)}, None),
        ({GPS.GPSLatitude: (52.0, 31.0)}, None),
        ({GPS.GPSLatitude: (RATIO(52, 0), RATIO(1, 1), RATIO(1, 1))}, None),
    ],
    ids=str,
)
def test_place(change: Tags, place: Place | None) -> None:
    """South, west and below sea level are negative; invalid locations are omitted."""
    gps = {tag: value for tag, value in (BERLIN | change).items() if value is not None}
    found = read_exif(written({TAG.Make: "x"}, gps=gps), gps=True)
    assert found == Exif(make="x", place=place)


def test_nothing_to_tell() -> None:
    """Without EXIF, or without anything safe in it, the result is None."""
    assert read_exif(Image.Exif(), gps=True) is None
    assert read_exif(written({TAG.Artist: "A. Tist"}), gps=True) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  Camera Works \0\0", "Camera Works"),
        ("a\x1b[31mb\r\n\u202ec", "a[31mbc"),
        ("x" * 5000, "x" * MAX_TEXT),
        ("\0", None),
        ("   ", None),
    ],
)
def test_names(text: str, shown: str | None) -> None:
    """Texts are cut off, and have no control characters."""
    exif = Image.Exif()
    exif[TAG.Make] = text
    exif[TAG.Model] = "m"
    assert read_exif(exif, gps=False) == Exif(make=shown, model="m")


@pytest.mark.parametrize(
    ("taken", "offset", "told_as"),
    [
        ("2024:05:31 10:20:30", None, "2024-05-31T10:20:30"),
        ("2024:05:31 10:20:30", "-05:30", "2024-05-31T10:20:30-05:30"),
        ("2024:05:31 10:20:30\0", "Z", "2024-05-31T10:20:30+00:00"),
        ("0000:00:00 00:00:00", None, None),
        ("    :  :     :  :  ", None, None),
        ("2024:13:31 10:20:30", None, None),
        ("yesterday", None, None),
    ],
)
def test_time(taken: str, offset: str | None, told_as: str | None) -> None:
    """The time is ISO 8601, with the offset from UTC if the camera wrote one."""
    camera: Tags = {TAG.DateTimeOriginal: taken}
    if offset:
        camera[TAG.OffsetTimeOriginal] = offset
    assert told(camera).taken == told_as


def test_an_offset_that_is_none() -> None:
    """An invalid offset doesn't invalidate the time."""
    camera: Tags = {TAG.DateTimeOriginal: "2024:05:31 10:20:30", TAG.OffsetTimeOriginal: "   :  "}
    assert told(camera).taken == "2024-05-31T10:20:30"


@pytest.mark.parametrize(
    ("value", "exposure"),
    [
        (RATIO(1, 3), 0.333333), (RATIO(0, 1), 0), (RATIO(1, 0), None), (RATIO(0, 0), None),
        (RATIO(4294967295, 1), 4294967295), (-1.0, None), ("fast", None), (b"\xff\xfe", None),
        (float("nan"), None), (float("inf"), None), ((1.0, 2.0), None),
    ],
)  # fmt: skip
def test_numbers(value: Any, exposure: float | None) -> None:
    """Values that are not numbers, or out of range, are omitted."""
    exif = Image.Exif()
    exif[TAG.Make] = "x"
    exif.get_ifd(IFD.Exif)[TAG.ExposureTime] = value
    found = read_exif(exif, gps=False)
    assert found == Exif(make="x", exposure=exposure)


@pytest.mark.parametrize(
    ("value", "iso"),
    [(100, 100), ((200, 400), 200), ((), None), ("x", None), (None, None)],
)
def test_sensitivity(value: Any, iso: int | None) -> None:
    """The first of several numbers is used."""
    exif = Image.Exif()
    exif[TAG.Make] = "x"
    exif.get_ifd(IFD.Exif)[TAG.ISOSpeedRatings] = value
    assert read_exif(exif, gps=False) == Exif(make="x", iso=iso)


def with_double(tag: int, number: float) -> bytes:
    """Return EXIF with a 64-bit number, which no camera writes."""
    camera = struct.pack("<HHHII", 1, tag, 12, 1, 44) + struct.pack("<I", 0)
    head = b"II*\0" + struct.pack("<I", 8) + struct.pack("<HHHIII", 1, IFD.Exif, 4, 1, 26, 0)
    return head + camera + struct.pack("<d", number)


@pytest.mark.parametrize("number", [0.008, 1e37, 1e40, 1e125, 1e300])
@pytest.mark.parametrize("tag", [TAG.ExposureTime, TAG.ISOSpeedRatings])
def test_the_catalog_can_hold_what_is_told(tag: int, number: float) -> None:
    """DynamoDB accepts every number that is returned, however large it is in the file."""
    exif = Image.Exif()
    exif.load(with_double(tag, number))
    assert exif.get_ifd(IFD.Exif)[tag] == number
    found = read_exif(exif, gps=False)
    if found is not None:
        serialize(msgspec.to_builtins(found))


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow tells what it passes over
def test_hostile_exif() -> None:
    """Invalid EXIF raises nothing, and all returned texts are printable."""
    good = written(
        {TAG.Make: "Camera Works"},
        {TAG.ExposureTime: RATIO(1, 125), TAG.DateTimeOriginal: "2024:05:31 10:20:30"},
        BERLIN,
    ).tobytes()
    chance = random.Random(1)
    for _ in range(2000):
        data = bytearray(good)
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(14, len(data))] = chance.randrange(256)
        exif = Image.Exif()
        try:
            exif.load(bytes(data))
        except Exception:  # noqa: BLE001, S112  # refused when the file was opened
            continue
        found = read_exif(exif, gps=True)
        assert found is None or isinstance(found, Exif)
        msgspec.json.encode(found)
