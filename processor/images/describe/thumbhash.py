"""ThumbHash: a placeholder of about 25 bytes to show while an image loads.

The format is Evan Wallace's: https://evanw.github.io/thumbhash/.
"""

import math
from itertools import batched

from PIL import Image

SAMPLE_EDGE = 32
"""Long edge of the copy that is hashed, in pixels; the hash has at most 7 waves across."""

Channel = list[list[float]]
"""Rows of values."""


def thumbhash(image: Image.Image) -> bytes:
    """Return the ThumbHash of an image of any mode."""
    small = image.convert("RGBA")
    small.thumbnail((SAMPLE_EDGE, SAMPLE_EDGE), Image.Resampling.BOX)
    width, height = small.size
    lightness, yellowness, redness, alpha, has_alpha = _channels(small)
    most = 5 if has_alpha else 7
    across = max(1, _round(most * width / max(width, height)))
    down = max(1, _round(most * height / max(width, height)))
    l_mean, l_waves, l_scale = _waves(lightness, max(3, across), max(3, down))
    p_mean, p_waves, p_scale = _waves(yellowness, 3, 3)
    q_mean, q_waves, q_scale = _waves(redness, 3, 3)
    is_landscape = width > height
    head = (
        _round(63 * l_mean)
        | _round(31.5 + 31.5 * p_mean) << 6
        | _round(31.5 + 31.5 * q_mean) << 12
        | _round(31 * l_scale) << 18
        | has_alpha << 23
    )
    tail = (
        (down if is_landscape else across)
        | _round(63 * p_scale) << 3
        | _round(63 * q_scale) << 9
        | is_landscape << 15
    )
    packed = bytearray(head.to_bytes(3, "little") + tail.to_bytes(2, "little"))
    waves = [*l_waves, *p_waves, *q_waves]
    if has_alpha:
        a_mean, a_waves, a_scale = _waves(alpha, 5, 5)
        packed.append(_round(15 * a_mean) | _round(15 * a_scale) << 4)
        waves += a_waves
    halves = [_round(15 * wave) for wave in waves] + [0] * (len(waves) % 2)
    packed.extend(low | high << 4 for low, high in zip(halves[::2], halves[1::2], strict=True))
    return bytes(packed)


def _channels(image: Image.Image) -> tuple[Channel, Channel, Channel, Channel, bool]:
    """Return lightness, yellow-blue, red-green and alpha, from -1 to 1, and whether alpha is used.

    Transparent pixels get the mean color.
    """
    width = image.width
    values = [value / 255 for value in image.tobytes()]
    pixels = list(batched(values, 4, strict=True))
    opaque = sum(pixel[3] for pixel in pixels)
    mean = [sum(p[n] * p[3] for p in pixels) / opaque if opaque else 0.0 for n in range(3)]
    filled = [
        [mean[n] * (1 - pixel[3]) + pixel[n] * pixel[3] for n in range(3)] for pixel in pixels
    ]

    def rows(values: list[float]) -> Channel:
        return [values[start : start + width] for start in range(0, len(values), width)]

    return (
        rows([(r + g + b) / 3 for r, g, b in filled]),
        rows([(r + g) / 2 - b for r, g, b in filled]),
        rows([r - g for r, g, _ in filled]),
        rows([pixel[3] for pixel in pixels]),
        opaque < len(pixels),
    )


def _waves(channel: Channel, across: int, down: int) -> tuple[float, list[float], float]:
    """Return the mean, the amplitudes of the lowest cosine waves from 0 to 1, and their scale."""
    height, width = len(channel), len(channel[0])
    along = [
        [math.cos(math.pi / width * cx * (x + 0.5)) for x in range(width)] for cx in range(across)
    ]
    # Rows first, then columns: a cosine transform is separable.
    rows = [[sum(map(float.__mul__, row, wave)) for wave in along] for row in channel]
    mean, amplitudes, scale = 0.0, [], 0.0
    for cy in range(down):
        wave = [math.cos(math.pi / height * cy * (y + 0.5)) for y in range(height)]
        for cx in range(across):
            if cx * down >= across * (down - cy):
                break
            amplitude = sum(rows[y][cx] * wave[y] for y in range(height)) / (width * height)
            if cx or cy:
                amplitudes.append(amplitude)
                scale = max(scale, abs(amplitude))
            else:
                mean = amplitude
    if scale:
        amplitudes = [0.5 + 0.5 / scale * amplitude for amplitude in amplitudes]
    return mean, amplitudes, scale


def _round(value: float) -> int:
    """Round halves up, as the format's reference implementation does."""
    return math.floor(value + 0.5)
