"""What a camera wrote about a photograph: only what is safe to show."""

from datetime import datetime
from typing import Any

import msgspec
from PIL import ExifTags, Image

LONGEST = 100
"""Most characters of a name that are shown."""

MOST = 1e10
"""No camera counts or measures that far."""

Tag = ExifTags.Base


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a picture was taken: degrees north and east, meters above the sea."""

    latitude: float
    longitude: float
    altitude: float | None = None


class Photo(msgspec.Struct, frozen=True, omit_defaults=True):
    """How and when a picture was taken, as far as the file says."""

    make: str | None = None
    model: str | None = None
    lens: str | None = None
    taken: str | None = None
    """ISO 8601; local time unless it says otherwise."""
    exposure: float | None = None
    """Seconds."""
    aperture: float | None = None
    """f-number."""
    iso: int | None = None
    focal_length: float | None = None
    """Millimeters."""
    place: Place | None = None


def photo(exif: Image.Exif, *, gps: bool) -> Photo | None:
    """The safe part of a file's EXIF; None if there is nothing. The place only if asked for."""
    try:
        camera = exif.get_ifd(ExifTags.IFD.Exif)
        place = _place(exif.get_ifd(ExifTags.IFD.GPSInfo)) if gps else None
    except Exception:  # noqa: BLE001  # what hostile EXIF does to its parser is not foreseeable
        return None
    found = Photo(
        make=_text(exif.get(Tag.Make)),
        model=_text(exif.get(Tag.Model)),
        lens=_text(camera.get(Tag.LensModel)),
        taken=_time(camera.get(Tag.DateTimeOriginal), camera.get(Tag.OffsetTimeOriginal)),
        exposure=_number(camera.get(Tag.ExposureTime)),
        aperture=_number(camera.get(Tag.FNumber)),
        iso=_whole(camera.get(Tag.ISOSpeedRatings)),
        focal_length=_number(camera.get(Tag.FocalLength)),
        place=place,
    )
    return found if found != Photo() else None


def _text(value: Any) -> str | None:  # noqa: ANN401
    if not isinstance(value, str):
        return None
    shown = "".join(each for each in value if each.isprintable()).strip()[:LONGEST]
    return shown or None


def _number(value: Any) -> float | None:  # noqa: ANN401
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return round(number, 6) if 0 <= number < MOST else None


def _whole(value: Any) -> int | None:  # noqa: ANN401
    number = _number(value[0] if isinstance(value, tuple) and value else value)
    return None if number is None else int(number)


def _time(value: Any, offset: Any) -> str | None:  # noqa: ANN401
    """EXIF writes ``2024:05:31 10:20:30``, and since 2.31 the offset from UTC apart."""
    local, zone = _text(value) or "", _text(offset) or ""
    for text, form in ((local + zone, "%Y:%m:%d %H:%M:%S%z"), (local, "%Y:%m:%d %H:%M:%S")):
        try:
            return datetime.strptime(text, form).isoformat()  # noqa: DTZ007  # EXIF's own is local
        except ValueError:
            continue
    return None


def _place(gps: dict[int, Any]) -> Place | None:
    latitude = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef))
    longitude = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef))
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    altitude = _number(gps.get(ExifTags.GPS.GPSAltitude))
    below = gps.get(ExifTags.GPS.GPSAltitudeRef) in (1, b"\x01")
    return Place(latitude, longitude, -altitude if altitude and below else altitude)


def _degrees(value: Any, side: Any) -> float | None:  # noqa: ANN401
    """Degrees, minutes and seconds as one number; south and west are negative."""
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    parts = [part for part in map(_number, value) if part is not None]
    if len(parts) != 3:
        return None
    degrees = sum(part / 60.0**power for power, part in enumerate(parts))
    return round(-degrees if side in ("S", "W") else degrees, 6)
