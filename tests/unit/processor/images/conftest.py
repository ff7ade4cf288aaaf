"""Fixtures of the image engine's tests."""

import struct

import pytest


@pytest.fixture(scope="session")
def wide_gamut() -> bytes:
    """Give an ICC profile with Display P3's primaries and a gamma of 2.2.

    Written by hand after ICC.1:2022: a v2 matrix profile has a header, a table of tags, three
    primaries (adapted to D50), a white point, and a tone curve.
    """

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in values)

    def text(tag: bytes, content: bytes) -> bytes:
        body = tag + b"\0\0\0\0" + struct.pack(">I", len(content) + 1) + content + b"\0"
        return body + b"\0" * 78 if tag == b"desc" else b"text\0\0\0\0" + content + b"\0"

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    tags = {
        b"desc": text(b"desc", b"Wide"),
        b"cprt": text(b"text", b"CC0"),
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.5151, 0.2412, -0.0011),
        b"gXYZ": xyz(0.2919, 0.6922, 0.0419),
        b"bXYZ": xyz(0.1572, 0.0666, 0.7841),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, bodies = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, body in tags.items():
        padded = body + b"\0" * (-len(body) % 4)
        table += name + struct.pack(">II", start + len(bodies), len(body))
        bodies += padded
    size = start + len(bodies)
    header = struct.pack(
        ">I4sI4s4s4s12x4s4s24xiii48x",
        size, b"\0\0\0\0", 0x02400000, b"mntr", b"RGB ", b"XYZ ", b"acsp", b"\0\0\0\0",
        round(0.9642 * 65536), 65536, round(0.8249 * 65536),
    )  # fmt: skip
    assert len(header) == 128
    return header + table + bodies
