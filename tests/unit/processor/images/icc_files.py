"""ICC profiles of gray and CMYK, written by hand after ICC.1:2022."""

import struct
from itertools import product

D50 = (0.9642, 1.0, 0.8249)


def profile(space: bytes, connection: bytes, kind: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Return a profile of version 2 with these tags beside those that all have."""
    white = b"XYZ " + bytes(4) + struct.pack(">3i", *(round(number * 65536) for number in D50))
    name = b"desc" + bytes(4) + struct.pack(">I", 5) + b"Test\0" + bytes(78)
    tags = {b"desc": name, b"cprt": b"text\0\0\0\0CC0\0", b"wtpt": white} | tags
    table, bodies, start = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for tag, body in tags.items():
        table += tag + struct.pack(">II", start + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    header = struct.pack(
        ">I4xI4s4s4s12x4s28x3i48x",
        start + len(bodies), 0x02400000, kind, space, connection, b"acsp",
        *(round(number * 65536) for number in D50),
    )  # fmt: skip
    return header + table + bodies


def gray_profile(gamma: float) -> bytes:
    """Return a profile of gray tones that are light to a power."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))
    return profile(b"GRAY", b"XYZ ", b"mntr", {b"kTRC": curve})


def cmyk_profile(black: float) -> bytes:
    """Return a profile of four inks, all of which together have the lightness ``black``.

    The way back, from which programs take the black, has only those and none. The inks multiply:
    white is 100, each of CMY alone 55, K alone ``black`` + 8.
    """
    colors = b""
    for c, m, y, k in product((0, 1), repeat=4):
        light = 100 * (0.55 ** (c + m + y)) if not k else (black + 8) * (1 - (c + m + y) / 3)
        lightness = max(black, light)
        a, b = (40 * (m - c), 40 * (y - (c + m) / 2)) if not k else (0, 0)
        colors += bytes([round(lightness * 2.55), round(128 + a), round(128 + b)])
    identity = bytes(range(256))
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + matrix + identity * 4 + colors + identity * 3
    inks = b"\xff" * 16 + bytes(16)
    back = b"mft1" + bytes(4) + bytes([3, 4, 2, 0]) + matrix + identity * 3 + inks + identity * 4
    tags = {b"A2B0": table, b"A2B1": table, b"B2A0": back, b"B2A1": back}
    return profile(b"CMYK", b"Lab ", b"prtr", tags)
