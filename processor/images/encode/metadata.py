"""EXIF of renditions: the part of the original's that the output keeps.

Tags are those of Exif 3.0 (CIPA DC-008), which builds on TIFF 6.0.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from PIL import ExifTags, Image

from processor.images.recipe import Output

MAX_BYTES = 65_533
"""Bytes: the length of JPEG's APP1 segment has 16 bits and includes its own two bytes."""

IFD, TAG = ExifTags.IFD, ExifTags.Base

COPYRIGHT = (TAG.Artist, TAG.Copyright)

POINTERS = (IFD.Exif, IFD.GPSInfo, IFD.Interop, TAG.SubIFDs)

PIXEL_LAYOUT = (
    TAG.Orientation, TAG.ImageWidth, TAG.ImageLength, TAG.ExifImageWidth, TAG.ExifImageHeight,
    TAG.StripOffsets, TAG.StripByteCounts, TAG.TileOffsets, TAG.TileByteCounts,
    TAG.JpegIFOffset, TAG.JpegIFByteCount, TAG.JPEGTables, TAG.ColorMap,
)  # fmt: skip
"""Tags that describe the original's pixels."""

XMP, IPTC, PHOTOSHOP = 0x02BC, 0x83BB, 0x8649
EMBEDDED = (TAG.MakerNote, TAG.DNGPrivateData, TAG.InterColorProfile, XMP, IPTC, PHOTOSHOP)
"""Tags with data in other formats, which may contain the location or thumbnails."""

DROPPED = {*POINTERS, *PIXEL_LAYOUT, *EMBEDDED}


def exif_bytes(original: Image.Exif, output: Output) -> bytes:
    """Return the EXIF that ``output`` keeps, with its 6-byte header; b"" for none.

    Never raises: tags that are broken, or can't be written, are omitted.
    """
    if output.metadata == "strip":
        return b""
    copyright_only = _written(_kept(original, COPYRIGHT))
    if output.metadata == "keep-copyright":
        return copyright_only
    general = _kept(original, [tag for tag in _tags(original) if tag not in DROPPED])
    for ifd in (IFD.Exif, IFD.GPSInfo) if output.gps else (IFD.Exif,):
        entries = _entries(original, ifd)
        kept = _kept(entries, [tag for tag in _tags(entries) if tag not in DROPPED], within=ifd)
        if kept:
            general[ifd] = kept
    return _written(general) or copyright_only


def _tags(entries: Iterable[int]) -> list[int]:
    try:
        return list(entries)
    except Exception:  # noqa: BLE001 - Pillow raises all kinds of errors over broken EXIF
        return []


def _entries(original: Image.Exif, ifd: int) -> Mapping[int, Any]:
    try:
        return dict(original.get_ifd(ifd))
    except Exception:  # noqa: BLE001 - as above
        return {}


def _value(entries: Mapping[int, Any] | Image.Exif, tag: int) -> Any:  # noqa: ANN401 - of any kind
    try:
        return entries[tag]
    except Exception:  # noqa: BLE001 - as above
        return None


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
