"""What has to be known of a JPEG file before it is decoded, and Pillow does not tell."""

import re

SEGMENT = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)
"""A marker; before it, encoders may fill with 0xff."""

AFTER_SCAN = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)
"""The marker that ends a scan: inside, 0xff is followed by 0x00 or is a restart marker."""

START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
WITHOUT_LENGTH = {0x01, 0xD8, *range(0xD0, 0xD8)}


def count_scans(data: bytes) -> int:
    """How many passes over the picture a file makes; 1 unless it is progressive.

    Stops at the end of the picture: what phones append to it (a film, another picture) does not
    count. Source: ITU-T T.81, annex B.
    """
    scans = 0
    found = SEGMENT.match(data, 0)
    while found:
        marker, place = found[1][0], found.end()
        if marker == END_OF_IMAGE:
            break
        if marker not in WITHOUT_LENGTH:
            place += int.from_bytes(data[place : place + 2])
        if marker == START_OF_SCAN:
            scans += 1
            found = AFTER_SCAN.search(data, place)
        else:
            found = SEGMENT.search(data, place)
    return scans
