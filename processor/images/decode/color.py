"""Color of an original: its ICC profile, or one made from its other descriptions of color."""

import math
from functools import cache

from processor.images.icc import BT709, D65, P3, SRGB, Curve, Parametric, Primaries, rgb_profile

ILLUMINANT_C = (0.310, 0.316)

PRIMARIES = {
    1: BT709,
    4: Primaries((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), ILLUMINANT_C),
    5: Primaries((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), D65),
    6: Primaries((0.63, 0.34), (0.31, 0.595), (0.155, 0.07), D65),
    7: Primaries((0.63, 0.34), (0.31, 0.595), (0.155, 0.07), D65),
    8: Primaries((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), ILLUMINANT_C),
    9: Primaries((0.708, 0.292), (0.17, 0.797), (0.131, 0.046), D65),
    10: Primaries((1.0, 0.0), (0.0, 1.0), (0.0, 0.0), (1 / 3, 1 / 3)),
    11: Primaries(P3.red, P3.green, P3.blue, (0.314, 0.351)),
    12: P3,
    22: Primaries((0.63, 0.34), (0.295, 0.605), (0.155, 0.077), D65),
}
"""``ColourPrimaries`` (ITU-T H.273, table 2)."""

TELEVISION = (1, 6, 14, 15)
"""``TransferCharacteristics`` of BT.601, BT.709 and BT.2020, which describe cameras."""
BT1886 = Parametric(2.4)
"""Curve of the displays for them (ITU-R BT.1886)."""

CURVES = {
    4: Parametric(2.2),
    5: Parametric(2.8),
    7: Parametric(1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0912),
    8: Parametric(1.0),
    13: SRGB,
    17: Parametric(2.6, (52.37 / 48) ** (1 / 2.6)),
}
"""``TransferCharacteristics`` (H.273, table 3), from tone to light."""

PQ, HLG = 16, 18
HDR_PEAK = 1000 / 203
"""Light of the brightest highlight, where 1 is white: 1000 and 203 cd/m2 (ITU-R BT.2408)."""
SAMPLES = 1024

GAMMA, GAMMA_TOLERANCE = 1 / 2.2, 0.05
"""Exponent that PNG encoders write for sRGB, and the difference that libpng ignores."""


def cicp_profile(primaries: int, transfer: int, *, is_video: bool = False) -> bytes | None:
    """Return the profile of code points of H.273; None for sRGB, and for unknown ones.

    As in browsers, an unspecified or television curve means sRGB in AVIF and HEIC (``is_video``),
    and primaries that are unspecified are those of sRGB; in PNG both have to be known.
    """
    if is_video:
        chosen = PRIMARIES.get(primaries, BT709)
        curve = _curve(transfer) or SRGB
        if transfer in TELEVISION:
            curve = SRGB
    elif primaries in PRIMARIES and (known := _curve(transfer)):
        chosen, curve = PRIMARIES[primaries], known
    else:
        return None
    return None if (chosen, curve) == (BT709, SRGB) else rgb_profile(chosen, curve)


def is_known(primaries: int, transfer: int) -> bool:
    """Whether these code points describe a color space completely."""
    return primaries in PRIMARIES and _curve(transfer) is not None


def gamma_profile(gamma: float, primaries: Primaries | None) -> bytes | None:
    """Return the profile of tones that are light to the power of ``gamma``; None for sRGB.

    Without primaries, those of sRGB are meant.
    """
    if primaries is None and abs(gamma / GAMMA - 1) <= GAMMA_TOLERANCE:
        return None
    try:
        return rgb_profile(primaries or BT709, Parametric(1 / gamma))
    except (ValueError, ZeroDivisionError):
        return None


@cache
def _curve(transfer: int) -> Curve | None:
    if transfer in TELEVISION:
        return BT1886
    if transfer in (PQ, HLG):
        light = pq_light if transfer == PQ else hlg_light
        return tuple(tone_mapped(light(number / (SAMPLES - 1))) for number in range(SAMPLES))
    return CURVES.get(transfer)


def pq_light(tone: float) -> float:
    """Return the light of a PQ tone, where 1 is white (SMPTE ST 2084; BT.2100, table 4)."""
    m1, m2 = 2610 / 16384, 2523 / 32
    c1, c2, c3 = 3424 / 4096, 2413 / 128, 2392 / 128
    power = math.pow(tone, 1 / m2)
    light = max(power - c1, 0) / (c2 - c3 * power)
    return math.pow(light, 1 / m1) * 10_000 / 203


def hlg_light(tone: float) -> float:
    """Return the light of an HLG tone on a display of 1000 cd/m2, where 1 is white.

    The display's gamma of 1.2 belongs to the luminance; here it is applied to each channel, which
    saturates colors a little (BT.2100, table 5).
    """
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = tone * tone / 3 if tone <= 0.5 else (math.exp((tone - c) / a) + b) / 12
    return HDR_PEAK * math.pow(scene, 1.2)


def tone_mapped(light: float) -> float:
    """Return HDR light, 0 to ``HDR_PEAK``, as light of an SDR display, 0 to 1.

    White becomes half of the display's light; highlights fill the rest, on a quadratic Bezier curve
    that continues the line. Chromium maps HDR images like this (SMPTE ST 2094-50, "reference white
    tone mapping").
    """
    white, bend = 0.5, 0.65
    if light <= 1:
        return white * light
    if light >= HDR_PEAK:
        return 1.0
    middle = 1 - bend + bend / white, (1 - bend) * white + bend
    across = 1 - 2 * middle[0] + HDR_PEAK, 2 * (middle[0] - 1), 1 - light
    root = math.sqrt(across[1] ** 2 - 4 * across[0] * across[2])
    place = (root - across[1]) / (2 * across[0])
    return white + place * (2 * (middle[1] - white) + place * (white - 2 * middle[1] + 1))
