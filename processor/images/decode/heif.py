"""HEIC and AVIF detection and color, and HEIC decoding by pi-heif where it is installed."""

import re
from collections.abc import Iterator
from itertools import islice

from processor.images.decode import av1
from processor.images.decode.animation import MAX_PLAYS

BRANDS = {
    "AVIF": {b"avif", b"avis"},
    "HEIF": {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"},
}
"""File brands of each format (ISO/IEC 23008-12, annex B; AV1 Image File Format, 1.2)."""

FILE_TYPE = re.compile(rb"(....)ftyp", re.DOTALL)

MAX_ENTRIES, MAX_STRINGS = 10_000, 4096
"""Item info entries of a file, and bytes of the strings of one. Real files have far fewer."""

REPEATED = 1
"""Flag of an edit list: it is played again."""

MAX_PROPERTIES = 0x7FFF
"""The largest index of a property, which has 15 bits."""
MAX_ITEM = 1 << 12
"""Bytes of an item that are read, for its header."""
MAX_LINKS = 1 << 20
"""Bytes of the links between items and properties that are searched."""


def detect_format(data: bytes) -> str | None:
    """Return AVIF or HEIF by the brands in the file type box (ISO/IEC 14496-12, 4.3), or None."""
    found = FILE_TYPE.match(data)
    if not found:
        return None
    box = data[8 : min(int.from_bytes(found[1]), 1024)]
    brands = {box[0:4], *(box[at : at + 4] for at in range(8, len(box), 4))}
    return next((name for name, known in BRANDS.items() if brands & known), None)


def check_items(data: bytes) -> None:
    """Refuse a file with an item whose type or strings are no text: pi-heif 1.4.0 crashes on it.

    Searches everything but the media data (ISO/IEC 14496-12, 8.1.1) for item info entries
    (8.11.6.2), wherever they are. Raises ``ValueError``.
    """
    place, entries = 0, 0
    while place < len(data):
        length, kind = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8]
        if length == 1:
            length = int.from_bytes(data[place + 8 : place + 16])
        if length < 8:
            length = len(data) - place
        end = min(place + length, len(data))
        at = data.find(b"infe", place, end) if kind != b"mdat" else -1
        while at >= 0:
            entries += 1
            if entries > MAX_ENTRIES:
                raise ValueError("too many items")
            _check_item(data, at, end)
            at = data.find(b"infe", at + 1, end)
        place += length


def _check_item(data: bytes, at: int, end: int) -> None:
    """Check an item info entry: its type is ASCII, its name and further strings are UTF-8."""
    size, start = int.from_bytes(data[max(0, at - 4) : at]), at + 4
    if size == 1:
        size, start = int.from_bytes(data[start : start + 8]), start + 8
    stop = at - 4 + size if size else end
    version = data[start : start + 1]
    # Version, flags, number (16 or 32 bits), protection
    start += 10 if version > b"\2" else 8
    if version > b"\1":
        if not data[start : start + 4].isascii():
            raise ValueError(f"item type {data[start : start + 4]!r}")
        start += 4
    if stop <= end:  # or it is no entry
        strings = data[start : max(start, stop)] if stop - start <= MAX_STRINGS else b"\xff"
        strings.decode()


def code_points(data: bytes) -> tuple[int, int] | None:
    """Return ``ColourPrimaries`` and ``TransferCharacteristics`` of the primary image, or None.

    They are in the first box ``colr`` of type ``nclx`` among its properties (ISO/IEC 14496-12,
    8.11.4, 8.11.14 and 12.1.5; ISO/IEC 23008-12, 9.3), else in the image itself, which is read of
    AV1 alone.
    """
    meta = child(data, b"meta", 0, len(data))
    if not meta:
        return None
    inside = meta[0] + 4, meta[1]
    primary = child(data, b"pitm", *inside)
    properties = child(data, b"iprp", *inside)
    if not primary or not properties:
        return None
    number = int.from_bytes(data[primary[0] + 4 : primary[1]][: 4 if data[primary[0]] else 2])
    container = child(data, b"ipco", *properties)
    linked = child(data, b"ipma", *properties)
    if not container or not linked:
        return None
    known = list(islice(boxes(data, *container), MAX_PROPERTIES))
    is_av1 = False
    for index in _linked(data[linked[0] : min(linked[1], linked[0] + MAX_LINKS)], number):
        kind, start, end = known[index - 1] if 0 < index <= len(known) else (b"", 0, 0)
        if kind == b"colr" and data[start : start + 4] == b"nclx" and end - start >= 11:
            both = int.from_bytes(data[start + 4 : start + 8])
            return both >> 16, both & 0xFFFF
        is_av1 |= kind == b"av1C"
    return av1.code_points(_item(data, inside, number)) if is_av1 else None


def _item(data: bytes, meta: tuple[int, int], number: int) -> bytes:
    """Return the start of an item's data, from its first extent (ISO/IEC 14496-12, 8.11.3)."""
    found = child(data, b"iloc", *meta)
    if not found:
        return b""
    table = data[slice(*found)]
    version, sizes = table[:1], table[4:6].ljust(2, b"\0")
    offset, length, base = sizes[0] >> 4, sizes[0] & 15, sizes[1] >> 4
    index = sizes[1] & 15 if version > b"\0" else 0
    wide = 4 if version > b"\1" else 2
    place = 6 + wide
    while place < len(table):
        item = int.from_bytes(table[place : place + wide])
        place += wide
        # In versions from 1 on, the way to count offsets: 0 in the file, 1 in the box idat.
        method = int.from_bytes(table[place : place + 2]) & 15 if version > b"\0" else 0
        place += 4 if version > b"\0" else 2
        start = int.from_bytes(table[place : place + base])
        place += base
        extents = int.from_bytes(table[place : place + 2])
        place += 2
        if item == number:
            start += int.from_bytes(table[place + index : place + index + offset])
            within = child(data, b"idat", *meta) if method == 1 else (0, len(data))
            first = within[0] + start if within else len(data)
            return data[first : first + MAX_ITEM] if method < 2 else b""
        place += extents * (index + offset + length)
    return b""


def plays(data: bytes) -> int:
    """Return how often an animated AVIF is played; 0 means forever, as without an edit list.

    A repeated edit list is played for the duration of the track (ISO/IEC 23008-12; ISO/IEC
    14496-12, 8.3.2 and 8.6.6).
    """
    moov = child(data, b"moov", 0, len(data))
    if not moov:
        return 0
    for kind, *track in boxes(data, *moov):
        if kind == b"trak" and _handler(data, *track) == b"pict":
            return _plays(data, *track)
    return 0


def _handler(data: bytes, start: int, end: int) -> bytes:
    """Return the kind of a track."""
    media = child(data, b"mdia", start, end)
    handler = child(data, b"hdlr", *media) if media else None
    return data[handler[0] + 8 : handler[0] + 12] if handler else b""


def _plays(data: bytes, start: int, end: int) -> int:
    header, edits = child(data, b"tkhd", start, end), child(data, b"edts", start, end)
    listed = child(data, b"elst", *edits) if edits else None
    if not header or not listed:
        return 0
    edit, track = data[slice(*listed)], data[slice(*header)]
    if not int.from_bytes(edit[1:4]) & REPEATED:
        return 1
    segment = int.from_bytes(edit[8 : 16 if edit[:1] == b"\1" else 12])
    at, size = (28, 8) if track[:1] == b"\1" else (20, 4)
    duration = int.from_bytes(track[at : at + size])
    if not segment or duration == (1 << 8 * size) - 1:
        return 0
    return min(-(-duration // segment), MAX_PLAYS) or 1


def boxes(data: bytes, place: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield type, start and end of the content of each box (ISO/IEC 14496-12, 4.2)."""
    while place + 8 <= end:
        length, kind, start = (
            int.from_bytes(data[place : place + 4]),
            data[place + 4 : place + 8],
            8,
        )
        if length == 1:
            length, start = int.from_bytes(data[place + 8 : place + 16]), 16
        after = place + length if length else end
        if not place + start <= after <= end:
            return
        yield kind, place + start, after
        place = after


def child(data: bytes, kind: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Return start and end of the content of the first box of a type."""
    return next(((at, to) for found, at, to in boxes(data, start, end) if found == kind), None)


def _linked(links: bytes, number: int) -> list[int]:
    """Return the indexes of an item's properties, from 1 on (ISO/IEC 23008-12, 9.3.2)."""
    is_wide, is_long = bool(links[:1] > b"\0"), bool(links[3:4] and links[3] & 1)
    width, size = (4 if is_wide else 2), (2 if is_long else 1)
    place = 8
    while place + width < len(links):
        item, count = int.from_bytes(links[place : place + width]), links[place + width]
        place += width + 1
        if item == number:
            indexes = (links[at : at + size] for at in range(place, place + count * size, size))
            return [int.from_bytes(index) & (0x7FFF if is_long else 0x7F) for index in indexes]
        place += count * size
    return []


def register() -> bool:
    """Register pi-heif with Pillow; returns whether it is installed."""
    try:
        # Imported for the first HEIC file: most functions never get one.
        import pi_heif  # noqa: PLC0415
    except ImportError:
        return False
    pi_heif.register_heif_opener(
        thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
    )
    return True
