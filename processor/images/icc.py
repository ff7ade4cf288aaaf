"""ICC matrix profiles, written from primaries and a tone curve; Display P3.

Sources: ICC.1:2022 (profile version 4.4, https://www.color.org/specification/ICC.1-2022-05.pdf);
B. Lindbloom, "RGB/XYZ matrices" and "Chromatic adaptation".
"""

import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

Point = tuple[float, float]
"""Chromaticity: x and y of CIE 1931."""
Row = tuple[float, float, float]
Matrix = tuple[Row, Row, Row]


class Primaries(NamedTuple):
    """Chromaticities of a color space."""

    red: Point
    green: Point
    blue: Point
    white: Point


D65: Point = (0.3127, 0.3290)
BT709 = Primaries((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), D65)
P3 = Primaries((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), D65)

D50: Row = (0.9642, 1.0, 0.8249)
"""White of the profile connection space (7.2.16)."""

BRADFORD: Matrix = (
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)
"""Cone responses of XYZ, in which white points are adapted (annex E)."""


class Parametric(NamedTuple):
    """Curve from tone x to light, both 0 to 1: (a x + b) ** g from x = d on, c x below (10.18)."""

    g: float
    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0


Sampled = tuple[float, ...]
"""Curve as light, 0 to 1, at evenly spaced tones (10.6)."""
Curve = Parametric | Sampled

SRGB = Parametric(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
"""IEC 61966-2-1."""


@lru_cache(maxsize=32)
def rgb_profile(primaries: Primaries, curve: Curve, name: str = "RGB") -> bytes:
    """Return a profile for displays with these primaries and this curve.

    Raises ``ValueError`` for primaries that are no triangle, or a white without light.
    """
    try:
        adaptation = _adaptation(_xyz(primaries.white))
        columns = _product(adaptation, _to_xyz(primaries))
        return _profile(adaptation, columns, curve, name)
    except (ZeroDivisionError, OverflowError, struct.error) as error:
        raise ValueError(f"primaries {primaries}") from error


def display_p3() -> bytes:
    """Return the profile of Display P3: the primaries of DCI P3, and the curve of sRGB."""
    return rgb_profile(P3, SRGB, "Display P3")


def _profile(adaptation: Matrix, columns: Matrix, curve: Curve, name: str) -> bytes:
    red, green, blue = zip(*columns, strict=True)
    tones = _curve(curve)
    tags = [
        (b"desc", _text(name)),
        (b"cprt", _text("CC0")),
        (b"wtpt", _numbers(b"XYZ ", D50)),
        (b"chad", _numbers(b"sf32", [number for row in adaptation for number in row])),
        (b"rXYZ", _numbers(b"XYZ ", red)),
        (b"gXYZ", _numbers(b"XYZ ", green)),
        (b"bXYZ", _numbers(b"XYZ ", blue)),
        (b"rTRC", tones),
        (b"gTRC", tones),
        (b"bTRC", tones),
    ]
    start = 128 + 4 + 12 * len(tags)
    table, bodies, places = struct.pack(">I", len(tags)), b"", dict[bytes, int]()
    for tag, body in tags:
        if body not in places:
            places[body] = start + len(bodies)
            bodies += body + bytes(-len(body) % 4)
        table += tag + struct.pack(">II", places[body], len(body))
    header = struct.pack(
        ">I4xI4s4s4s12x4s28x3i48x",
        start + len(bodies), 0x04400000, b"mntr", b"RGB ", b"XYZ ", b"acsp",
        *(round(number * 65536) for number in D50),
    )  # fmt: skip
    return header + table + bodies


def _text(text: str) -> bytes:
    """Return text as ``multiLocalizedUnicodeType`` (10.15)."""
    coded = text.encode("utf-16-be")
    return struct.pack(">4s4xII4sII", b"mluc", 1, 12, b"enUS", len(coded), 28) + coded


def _numbers(kind: bytes, numbers: Sequence[float]) -> bytes:
    """Return numbers as ``XYZType`` or ``s15Fixed16ArrayType`` (10.31, 10.22)."""
    return kind + bytes(4) + _fixed(numbers)


def _curve(curve: Curve) -> bytes:
    """Return a curve as ``parametricCurveType`` or ``curveType``."""
    if isinstance(curve, Parametric):
        return struct.pack(">4s4xHxx", b"para", 3) + _fixed(curve)
    samples = [round(65535 * min(1.0, max(0.0, light))) for light in curve]
    return struct.pack(f">4s4xI{len(samples)}H", b"curv", len(samples), *samples)


def _fixed(numbers: Sequence[float]) -> bytes:
    """Return numbers as s15Fixed16Number (4.6)."""
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def _xyz(point: Point) -> Row:
    """Return the color of luminance 1 with a chromaticity."""
    x, y = point
    return x / y, 1.0, (1 - x - y) / y


def _to_xyz(primaries: Primaries) -> Matrix:
    """Return the matrix from linear RGB to XYZ, whose white has luminance 1."""
    red, green, blue = (
        (x, y, 1 - x - y) for x, y in (primaries.red, primaries.green, primaries.blue)
    )
    columns = _transposed((red, green, blue))
    shares = _applied(_inverse(columns), _xyz(primaries.white))
    return _product(columns, _diagonal(shares))


def _adaptation(white: Row) -> Matrix:
    """Return the Bradford matrix that adapts ``white`` to D50."""
    before, after = _applied(BRADFORD, white), _applied(BRADFORD, D50)
    gains = after[0] / before[0], after[1] / before[1], after[2] / before[2]
    return _product(_inverse(BRADFORD), _product(_diagonal(gains), BRADFORD))


def _diagonal(row: Row) -> Matrix:
    return (row[0], 0.0, 0.0), (0.0, row[1], 0.0), (0.0, 0.0, row[2])


def _transposed(matrix: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    return (a, d, g), (b, e, h), (c, f, i)


def _applied(matrix: Matrix, vector: Row) -> Row:
    first, second, third = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return first, second, third


def _product(left: Matrix, right: Matrix) -> Matrix:
    first, second, third = (_applied(left, column) for column in _transposed(right))
    return _transposed((first, second, third))


def _inverse(matrix: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    minors = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    whole = a * minors[0][0] + b * minors[1][0] + c * minors[2][0]
    first, second, third = (tuple(minor / whole for minor in row) for row in minors)
    return first, second, third  # type: ignore[return-value]
