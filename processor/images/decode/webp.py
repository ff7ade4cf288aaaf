"""Canvas size of a WebP, read before libwebp opens it and allocates the canvas.

Source: RFC 9649, sections 2.5 to 2.7 and 3.4 (lossless); RFC 6386, section 9.1 (lossy).
"""

Size = tuple[int, int]

FOURTEEN_BITS = 0x3FFF


def size(data: bytes) -> Size | None:
    """Return width and height of the canvas in pixels, or None if the header is invalid."""
    if len(data) < 30:
        return None
    match data[12:16]:
        case b"VP8X":
            return _number(data[24:27]) + 1, _number(data[27:30]) + 1
        case b"VP8L":
            bits = _number(data[21:25])
            return (bits & FOURTEEN_BITS) + 1, (bits >> 14 & FOURTEEN_BITS) + 1
        case b"VP8 ":
            return _number(data[26:28]) & FOURTEEN_BITS, _number(data[28:30]) & FOURTEEN_BITS
        case _:
            return None


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")
