"""Scan count and reduced-size decoding of JPEG."""

from collections.abc import Iterator

DRAFT_MARGIN = 1.4
"""Factor by which a JPEG is decoded larger than its largest rendition. At 1.0 the decoder's own
scaling shows: 10 dB PSNR are lost before encoding."""

START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
WITHOUT_LENGTH = {0x01, 0xD8, *range(0xD0, 0xD8)}
IN_SCAN = {0x00, *range(0xD0, 0xD8)}
"""Bytes that follow 0xff inside a scan: stuffing, or a restart marker."""
FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)}
SEQUENTIAL = {0xC0, 0xC1, 0xC9}


def count_scans(data: bytes) -> int:
    """Return the number of scans; 1 unless the file is progressive.

    Stops at the end of the image: phones append videos and other images. Source: ITU-T T.81,
    annex B.
    """
    scans, components, is_sequential = 0, 0, False
    for marker, place in segments(data):
        if marker in FRAMES:
            components = data[place + 7] if place + 7 < len(data) else 0
            is_sequential = marker in SEQUENTIAL
        elif marker == START_OF_SCAN:
            scans += 1
            in_scan = data[place + 2] if place + 2 < len(data) else 0
            if is_sequential and in_scan == components:
                # A sequential JPEG with one scan, as most are: the rest need not be searched.
                return 1
    return scans


def is_one_scan(data: bytes) -> bool:
    """Whether the first scan has all of the image: its rows are complete one after the other."""
    components, is_sequential = 0, False
    for marker, place in segments(data):
        if marker in FRAMES and place + 7 < len(data):
            components, is_sequential = data[place + 7], marker in SEQUENTIAL
        elif marker == START_OF_SCAN:
            return is_sequential and data[place + 2 : place + 3] == bytes([components])
    return False


def draft_scale(scale: float) -> float:
    """Return the scale at which a JPEG is decoded for ``scale``: 1/8, 1/4, 1/2 or 1."""
    wanted = min(1.0, scale * DRAFT_MARGIN)
    return next(each for each in (0.125, 0.25, 0.5, 1.0) if each >= wanted)


def segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield each marker up to the end of the image, and the offset after it."""
    place = 0
    while (place := data.find(b"\xff", place)) >= 0:
        place += 1
        while place < len(data) and data[place] == 0xFF:  # fill bytes
            place += 1
        if place == len(data):
            return
        marker = data[place]
        place += 1
        if marker == END_OF_IMAGE:
            return
        if marker in IN_SCAN:
            continue
        yield marker, place
        if marker not in WITHOUT_LENGTH:
            place += int.from_bytes(data[place : place + 2])
