"""Metadata of renditions: EXIF, XMP and IPTC with the part of the original's that the output keeps.

Tags are those of Exif 3.0 (CIPA DC-008), which builds on TIFF 6.0. Only tags on a list are kept:
files carry locations in tags of many other standards (GeoTIFF, DNG, maker notes), and in
descriptions and comments that programs write.
"""

import struct
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from PIL import ExifTags, Image

from processor.images.describe.owner import (
    BY_LINE,
    CHARACTER_SET,
    COPYRIGHT_NOTICE,
    CREDIT,
    NOBODY,
    PHOTOGRAPHER,
    UTF_8,
    Owner,
)
from processor.images.recipe import Output

MAX_BYTES = 65_533
"""Bytes: the length of JPEG's APP1 segment has 16 bits and includes its own two bytes."""

IFD, TAG = ExifTags.IFD, ExifTags.Base

COPYRIGHT = (TAG.Artist, TAG.Copyright)

GENERAL = (
    TAG.Make, TAG.Model, TAG.Software, TAG.DateTime, TAG.XResolution, TAG.YResolution,
    TAG.ResolutionUnit, *COPYRIGHT,
)  # fmt: skip
"""Tags of the first directory that ``keep`` keeps."""

TEXTS = (TAG.Make, TAG.Model, TAG.Software, *COPYRIGHT)

CAMERA = (
    TAG.ExifVersion, TAG.FlashPixVersion,
    # Times
    TAG.DateTimeOriginal, TAG.DateTimeDigitized, TAG.SubsecTime, TAG.SubsecTimeOriginal,
    TAG.SubsecTimeDigitized, TAG.OffsetTime, TAG.OffsetTimeOriginal, TAG.OffsetTimeDigitized,
    # Exposure
    TAG.ExposureTime, TAG.FNumber, TAG.ExposureProgram, TAG.ISOSpeedRatings, TAG.SensitivityType,
    TAG.StandardOutputSensitivity, TAG.RecommendedExposureIndex, TAG.ISOSpeed,
    TAG.ISOSpeedLatitudeyyy, TAG.ISOSpeedLatitudezzz, TAG.ShutterSpeedValue, TAG.ApertureValue,
    TAG.BrightnessValue, TAG.ExposureBiasValue, TAG.MaxApertureValue, TAG.SubjectDistance,
    TAG.MeteringMode, TAG.LightSource, TAG.Flash, TAG.FlashEnergy, TAG.ExposureIndex,
    TAG.ExposureMode, TAG.WhiteBalance, TAG.GainControl, TAG.SubjectDistanceRange,
    # Camera and lens
    TAG.FocalLength, TAG.FocalLengthIn35mmFilm, TAG.LensSpecification, TAG.LensMake,
    TAG.LensModel, TAG.LensSerialNumber, TAG.BodySerialNumber, TAG.CameraOwnerName, PHOTOGRAPHER,
    # Processing in the camera
    TAG.SensingMethod, TAG.FileSource, TAG.SceneType, TAG.CustomRendered, TAG.DigitalZoomRatio,
    TAG.SceneCaptureType, TAG.Contrast, TAG.Saturation, TAG.Sharpness, TAG.CompositeImage,
)  # fmt: skip
"""Tags of the Exif directory that ``keep`` keeps."""

LOCATION = tuple(ExifTags.GPS)
"""Tags of the GPS directory. ``gps`` keeps them all."""

VERSION = 2, 0
"""IIM data set 2:00. Its current value is 4."""

PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/">\
{properties}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>"""
"""XMP packet (ISO 16684-1, 7.3)."""


class FileMetadata(NamedTuple):
    """Metadata of an encoded file, each part b"" for none."""

    exif: bytes = b""
    """With its 6-byte header."""
    xmp: bytes = b""
    iptc: bytes = b""
    """IIM, which JPEG stores."""


NOTHING = FileMetadata()


def kept_metadata(original: Image.Exif, owner: Owner, output: Output) -> FileMetadata:
    """Return the part of the metadata that ``output`` keeps.

    Never raises: tags that are broken, or can't be written, are omitted.
    """
    if output.metadata == "strip":
        return NOTHING
    return FileMetadata(exif_bytes(original, output, owner), xmp_packet(owner), iim(owner))


def exif_bytes(original: Image.Exif, output: Output, owner: Owner = NOBODY) -> bytes:
    """Return the EXIF that ``output`` keeps, with its 6-byte header; b"" for none."""
    named = _kept(original, COPYRIGHT)
    if owner.creators:
        named.setdefault(TAG.Artist, "; ".join(owner.creators).encode())
    if owner.copyright:
        named.setdefault(TAG.Copyright, owner.copyright.encode())
    copyright_only = _written(named)
    if output.metadata == "keep-copyright":
        return copyright_only
    general = _kept(original, GENERAL) | named
    directories = {IFD.Exif: CAMERA} | ({IFD.GPSInfo: LOCATION} if output.gps else {})
    for ifd, tags in directories.items():
        if kept := _kept(_entries(original, ifd), tags, within=ifd):
            general[ifd] = kept
    return _written(general) or copyright_only


def xmp_packet(owner: Owner) -> bytes:
    """Return an XMP packet that names the owner; b"" without one.

    Properties are those that the IPTC Photo Metadata Standard names.
    """
    properties = ""
    if owner.creators:
        items = "".join(f"<rdf:li>{escape(each)}</rdf:li>" for each in owner.creators)
        properties += f"<dc:creator><rdf:Seq>{items}</rdf:Seq></dc:creator>"
    if owner.copyright:
        item = f'<rdf:li xml:lang="x-default">{escape(owner.copyright)}</rdf:li>'
        properties += f"<dc:rights><rdf:Alt>{item}</rdf:Alt></dc:rights>"
    if owner.credit:
        properties += f"<photoshop:Credit>{escape(owner.credit)}</photoshop:Credit>"
    return PACKET.format(properties=properties).encode(errors="ignore") if properties else b""


def escape(text: str) -> str:
    """Return a text as XML. The same function of ``xml.sax`` takes long to import."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def iim(owner: Owner) -> bytes:
    """Return IPTC data sets that name the owner; b"" without one (IIM 4.2, section 1.5)."""
    values = [
        *((BY_LINE, each) for each in owner.creators),
        *((name, text) for name, text in ((CREDIT, owner.credit),) if text),
        *((name, text) for name, text in ((COPYRIGHT_NOTICE, owner.copyright),) if text),
    ]
    if not values:
        return b""
    data_sets = [(CHARACTER_SET, UTF_8), (VERSION, b"\0\4")]
    data_sets += [(name, text.encode(errors="ignore")) for name, text in values]
    return b"".join(
        struct.pack(">BBBH", 0x1C, *name, len(value)) + value for name, value in data_sets
    )


def _entries(original: Image.Exif, ifd: int) -> Mapping[int, Any]:
    try:
        return dict(original.get_ifd(ifd))
    except Exception:  # noqa: BLE001 - Pillow raises all kinds of errors over broken EXIF
        return {}


def _value(entries: Mapping[int, Any] | Image.Exif, tag: int) -> Any:  # noqa: ANN401 - of any kind
    try:
        value = entries[tag]
    except Exception:  # noqa: BLE001 - as above
        return None
    if tag in TEXTS and isinstance(value, str) and not value.isascii():
        # Pillow reads texts as Latin-1, and would write those outside ASCII as question marks.
        return value.encode("latin-1", "replace")
    return value


def _kept(
    entries: Mapping[int, Any] | Image.Exif, tags: Iterable[int], within: int | None = None
) -> dict[int, Any]:
    """Return those of ``tags`` that can be read and written."""
    kept = {}
    for tag in tags:
        value = _value(entries, tag)
        single = {tag: value}
        if value is not None and _written(single if within is None else {within: single}):
            kept[tag] = value
    return kept


def _written(tags: dict[int, Any]) -> bytes:
    """Return the tags as bytes; b"" if there are none, or they can't be written."""
    if not tags:
        return b""
    exif = Image.Exif()
    try:
        for tag, value in tags.items():
            exif[tag] = value
        data = exif.tobytes()
    except Exception:  # noqa: BLE001 - as above
        return b""
    return data if len(data) <= MAX_BYTES else b""
