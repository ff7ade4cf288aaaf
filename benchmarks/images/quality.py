"""Correctness of outputs, and their quality compared with the peers'."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter
from ssimulacra2 import compute_ssimulacra2

WORSE_SSIM = 0.003
WORSE_SSIMULACRA2 = 1.0
"""How much lower our scores may be than sharp's. On SSIMULACRA2's scale, 10 points lie
between high and very high quality, and people tell two images side by side apart from about 2;
the contenders' own differences in rounding and in the encoders' settings amount to 0.5."""

COLOR_SHIFT = 1.0
"""Largest mean difference of large areas from the reference, in levels of 255. Ignoring the
orientation or a Display P3 profile gives 2 or more."""


@dataclass(frozen=True, slots=True)
class Score:
    """How close an output is to its reference."""

    format: str
    size: tuple[int, int]
    bytes: int
    color_shift: float
    """Mean difference of large areas, in levels of 255."""
    ssim: float
    """Structural similarity of the luma; 1 is equal."""
    ssimulacra2: float
    """Up to 100; 70 is high quality, 90 is indistinguishable from the original."""


def score(output: Path, reference: Path) -> Score:
    """Compare a file with its reference; transparent parts are shown on white."""
    with Image.open(output) as opened:
        image, format_name = _on_white(opened), opened.format or "?"
        profile = opened.info.get("icc_profile")
    with Image.open(reference) as opened:
        expected = _on_white(opened)
    if profile:
        format_name += " with a profile"
    comparable = image if image.size == expected.size else image.resize(expected.size)
    return Score(
        format_name,
        image.size,
        output.stat().st_size,
        _color_shift(comparable, expected),
        _ssim(comparable, expected),
        float(compute_ssimulacra2(_png(expected), _png(comparable))),
    )


def faults(ours: Score, sharp: Score) -> list[str]:
    """Return what is wrong with the engine's output, in sentences; empty if nothing is."""
    found = []
    if (ours.format, ours.size) != (sharp.format, sharp.size):
        found.append(
            f"It is {ours.format} of {ours.size}, where sharp's is {sharp.format} of {sharp.size}."
        )
    if ours.color_shift > COLOR_SHIFT:
        found.append(f"Its colors are off by {ours.color_shift:.1f} levels on average.")
    if ours.ssim < sharp.ssim - WORSE_SSIM:
        found.append(f"Its SSIM is {ours.ssim:.4f}, sharp's {sharp.ssim:.4f}.")
    if ours.ssimulacra2 < sharp.ssimulacra2 - WORSE_SSIMULACRA2:
        found.append(f"Its SSIMULACRA2 is {ours.ssimulacra2:.1f}, sharp's {sharp.ssimulacra2:.1f}.")
    return found


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def _png(image: Image.Image) -> io.BytesIO:
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=0)
    return file


def _color_shift(image: Image.Image, expected: Image.Image) -> float:
    size = (16, 16)
    small = [
        np.asarray(each.resize(size, Image.Resampling.BOX), np.float64)
        for each in (image, expected)
    ]
    return float(np.abs(small[0] - small[1]).mean())


def _ssim(image: Image.Image, expected: Image.Image) -> float:
    """Return the SSIM (Wang et al., 2004) with a Gaussian window of sigma 1.5, 11 pixels wide."""
    a, b = (np.asarray(each.convert("L"), np.float64) for each in (image, expected))

    def mean(values: Any) -> Any:  # noqa: ANN401  # arrays, for which mypy sees no types
        return gaussian_filter(values, 1.5, truncate=3.5)

    mean_a, mean_b = mean(a), mean(b)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    variances = mean(a * a) - mean_a**2 + mean(b * b) - mean_b**2
    covariance = mean(a * b) - mean_a * mean_b
    similar = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    return float((similar / ((mean_a**2 + mean_b**2 + c1) * (variances + c2))).mean())
