"""HEIC and AVIF detection, and HEIC decoding by pi-heif where it is installed."""

import re

BRANDS = {
    "AVIF": {b"avif", b"avis"},
    "HEIF": {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"},
}
"""File brands of each format (ISO/IEC 23008-12, annex B; AV1 Image File Format, 1.2)."""

FILE_TYPE = re.compile(rb"(....)ftyp", re.DOTALL)

ITEM = re.compile(rb"infe(?=\x02.{7}(.{4})|[\x03-\xff].{9}(.{4}))", re.DOTALL)
"""An item info entry up to its type: version, flags, number (16 or 32 bits), protection."""


def detect_format(data: bytes) -> str | None:
    """Return AVIF or HEIF by the brands in the file type box (ISO/IEC 14496-12, 4.3), or None."""
    found = FILE_TYPE.match(data)
    if not found:
        return None
    box = data[8 : min(int.from_bytes(found[1]), 1024)]
    brands = {box[0:4], *(box[at : at + 4] for at in range(8, len(box), 4))}
    return next((name for name, known in BRANDS.items() if brands & known), None)


def check_items(data: bytes) -> None:
    """Refuse a file with an item type that isn't ASCII: pi-heif 1.4.0 crashes on it.

    Searches everything but the media data (ISO/IEC 14496-12, 8.1.1) for item info entries
    (8.11.6.2), wherever they are. Raises ``ValueError``.
    """
    place = 0
    while place < len(data):
        length, kind = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8]
        if length == 1:
            length = int.from_bytes(data[place + 8 : place + 16])
        if length < 8:
            length = len(data) - place
        if kind != b"mdat":
            for item in ITEM.finditer(data, place, place + length):
                if not (item[1] or item[2]).isascii():
                    raise ValueError(f"item type {item[1] or item[2]!r}")
        place += length


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
