"""What of the original's EXIF goes into the renditions.

Tags are those of Exif 3.0 (CIPA DC-008), which builds on TIFF 6.0.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from PIL import ExifTags, Image

from processor.images.recipe import Output

LARGEST = 65_533
"""Bytes: JPEG's APP1 segment counts its length, its own two bytes with it, in 16 bits."""

IFD, TAG = ExifTags.IFD, ExifTags.Base

COPYRIGHT = (TAG.Artist, TAG.Copyright)

POINTERS = (IFD.Exif, IFD.GPSInfo, IFD.Interop, TAG.SubIFDs)

UNTRUE = (
    TAG.Orientation, TAG.ImageWidth, TAG.ImageLength, TAG.ExifImageWidth, TAG.ExifImageHeight,
    TAG.StripOffsets, TAG.StripByteCounts, TAG.TileOffsets, TAG.TileByteCounts,
    TAG.JpegIFOffset, TAG.JpegIFByteCount, TAG.JPEGTables, TAG.ColorMap,
)  # fmt: skip
"""Tags that describe pixels other than those of the rendition."""

XMP, IPTC, PHOTOSHOP = 0x02BC, 0x83BB, 0x8649
EMBEDDED = (TAG.MakerNote, TAG.DNGPrivateData, TAG.InterColorProfile, XMP, IPTC, PHOTOSHOP)
"""Tags that hold data of other formats, which may tell the place or hold thumbnails as well."""

DROPPED = {*POINTERS, *UNTRUE, *EMBEDDED}


def exif_bytes(original: Image.Exif, output: Output) -> bytes:
    """The EXIF that ``output`` asks for, with its header of 6 bytes; b"" for none.

    Never raises: what is broken, or cannot be written, is left out.
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
    """Those of ``tags`` that can be read, and written again."""
    kept = {}
    for tag in tags:
        value = _value(entries, tag)
        single = {tag: value}
        if value is not None and _written(single if within is None else {within: single}):
            kept[tag] = value
    return kept


def _written(tags: dict[int, Any]) -> bytes:
    """The bytes of these tags; b"" if there are none, or they cannot be written."""
    if not tags:
        return b""
    exif = Image.Exif()
    try:
        for tag, value in tags.items():
            exif[tag] = value
        data = exif.tobytes()
    except Exception:  # noqa: BLE001 - as above
        return b""
    return data if len(data) <= LARGEST else b""
