"""EXIF facts of a photograph that are safe to publish: camera, settings, time and location."""

from datetime import datetime
from typing import Any

import msgspec
from PIL import ExifTags, Image

MAX_TEXT = 100
"""Characters of a text that are kept."""

MAX_NUMBER = 1e10
"""Larger numbers are invalid."""

Tag = ExifTags.Base


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where an image was taken: degrees north and east, meters above sea level."""

    latitude: float
    longitude: float
    altitude: float | None = None


class Exif(msgspec.Struct, frozen=True, omit_defaults=True):
    """How and when an image was taken, as far as the file says."""

    make: str | None = None
    model: str | None = None
    lens: str | None = None
    taken: str | None = None
    """ISO 8601; local time unless it has an offset."""
    exposure: float | None = None
    """Seconds."""
    aperture: float | None = None
    """f-number."""
    iso: int | None = None
    focal_length: float | None = None
    """Millimeters."""
    place: Place | None = None


def read_exif(exif: Image.Exif, *, gps: bool) -> Exif | None:
    """Return the facts of a file's EXIF, with the place only if ``gps``; None if it has none."""
    try:
        camera = exif.get_ifd(ExifTags.IFD.Exif)
        place = _place(exif.get_ifd(ExifTags.IFD.GPSInfo)) if gps else None
    except Exception:  # noqa: BLE001 - Pillow raises all kinds of errors over broken EXIF
        return None
    found = Exif(
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
    return found if found != Exif() else None


def _text(value: Any) -> str | None:  # noqa: ANN401
    if not isinstance(value, str):
        return None
    shown = "".join(each for each in value if each.isprintable()).strip()[:MAX_TEXT]
    return shown or None


def _number(value: Any) -> float | None:  # noqa: ANN401
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return round(number, 6) if 0 <= number < MAX_NUMBER else None


def _whole(value: Any) -> int | None:  # noqa: ANN401
    number = _number(value[0] if isinstance(value, tuple) and value else value)
    return None if number is None else int(number)


def _time(value: Any, offset: Any) -> str | None:  # noqa: ANN401
    """Return EXIF's ``2024:05:31 10:20:30``, and its offset from UTC if any, as ISO 8601."""
    local, zone = _text(value) or "", _text(offset) or ""
    for text, form in ((local + zone, "%Y:%m:%d %H:%M:%S%z"), (local, "%Y:%m:%d %H:%M:%S")):
        try:
            return datetime.strptime(text, form).isoformat()  # noqa: DTZ007  # EXIF's time is local
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
    """Return degrees, minutes and seconds as one number; south and west are negative."""
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    parts = [part for part in map(_number, value) if part is not None]
    if len(parts) != 3:
        return None
    degrees = sum(part / 60.0**power for power, part in enumerate(parts))
    return round(-degrees if side in ("S", "W") else degrees, 6)
