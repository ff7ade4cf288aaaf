"""Resampling by kernels."""

import importlib.util
import sys
from collections.abc import Callable
from typing import get_args

import pytest
from PIL import Image, ImageStat

from processor.images.plan.geometry import Box
from processor.images.steps import resampling as module
from processor.images.steps.resampling import PILLOW, Kernel, scale, scale_with_pillow
from tests.unit.processor.images.sample_images import (
    assert_similar,
    decoded,
    quarters,
)

Scale = Callable[..., Image.Image]
MODES = ["L", "RGB", "RGBA", "CMYK"]
KERNELS: tuple[Kernel, ...] = get_args(Kernel)

every_mode = pytest.mark.parametrize("mode", MODES)
every_kernel = pytest.mark.parametrize("kernel", KERNELS)


@pytest.fixture(params=[scale, scale_with_pillow])
def engine(request: pytest.FixtureRequest) -> Scale:
    """Give the function that scales with the fast resizer, and the one with Pillow."""
    if request.param is scale:
        pytest.importorskip("cykooz_resizer")
    return request.param  # type: ignore[no-any-return]


@every_mode
@every_kernel
@pytest.mark.parametrize("size", [(60, 40), (13, 90), (240, 160), (1, 1)])
def test_size_and_mode(engine: Scale, mode: str, kernel: Kernel, size: tuple[int, int]) -> None:
    """Every mode is scaled to any size, and kept."""
    scaled = engine(quarters(mode=mode), size, kernel=kernel)
    assert (scaled.size, scaled.mode) == (size, mode)


@pytest.fixture
def photograph(sample: Callable[[str], bytes]) -> Image.Image:
    """Give a photograph of 300 x 200 pixels."""
    return decoded(sample("coffee.png")).convert("RGB").resize((300, 200))


@every_mode
@pytest.mark.parametrize("size", [(64, 48), (33, 70), (400, 300)])
@pytest.mark.parametrize("region", [(0, 0, 1, 1), (0.21, 0.1, 0.77, 0.93)])
def test_both_engines_look_alike(
    mode: str,
    size: tuple[int, int],
    region: Box,
    photograph: Image.Image,
) -> None:
    """Pillow gives the same image as the fast resizer."""
    pytest.importorskip("cykooz_resizer")
    image = photograph.convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    assert_similar(scale(image, size, region), scale_with_pillow(image, size, region), 1)


@every_kernel
def test_the_region_alone_is_shown(engine: Scale, kernel: Kernel) -> None:
    """Pixels outside the region affect only its very edge."""
    scaled = engine(quarters(), (30, 20), (0.55, 0.6, 0.95, 0.95), kernel)
    assert scaled.crop((3, 3, 27, 17)).getcolors() == [(24 * 14, (255, 255, 0))]


@every_kernel
def test_regions_need_not_begin_at_whole_pixels(engine: Scale, kernel: Kernel) -> None:
    """Regions start at fractions of a pixel."""
    ramp = Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_90)
    ramp = ramp.resize((32, 8), Image.Resampling.BOX)
    means = [
        ImageStat.Stat(engine(ramp, (8, 8), (at / 32, 0, (at + 16) / 32, 1), kernel)).mean[0]
        for at in (8, 8.5, 9)
    ]
    assert means[2] - means[0] == pytest.approx(8, abs=0.5)
    if kernel != "nearest":
        assert means[1] - means[0] == pytest.approx(4, abs=0.5)


@every_mode
def test_the_same_size_is_the_same_image(mode: str) -> None:
    """An image that has the size is returned unchanged."""
    image = quarters(mode=mode)
    assert scale(image, image.size) is image


@every_mode
@pytest.mark.parametrize("size", [(37, 23), (500, 333)])
def test_nearest_uses_the_pixels_that_there_are(
    engine: Scale, mode: str, size: tuple[int, int]
) -> None:
    """Nearest adds no colors."""
    image = quarters(mode=mode)
    colors = {color for _, color in image.getcolors() or ()}
    scaled = engine(image, size, (0.1, 0.1, 0.9, 0.8), "nearest")
    assert {color for _, color in scaled.getcolors(99) or ()} == colors


def test_mitchell_is_softer_than_lanczos(engine: Scale) -> None:
    """The kernels overshoot an enlarged edge by different amounts."""
    edge = Image.new("L", (40, 4), 60)
    edge.paste(200, (20, 0, 40, 4))
    highest = {kernel: max(engine(edge, (400, 4), kernel=kernel).tobytes()) for kernel in KERNELS}
    assert highest["nearest"] == 200
    assert 200 < highest["mitchell"] < highest["lanczos3"] < 220


@pytest.mark.parametrize("kernel", ["lanczos3", "mitchell"])
def test_fine_patterns_become_gray(engine: Scale, kernel: Kernel) -> None:
    """Patterns too fine for the size are averaged, without moiré."""
    stripes = Image.new("L", (400, 40))
    for x in range(0, 400, 2):
        stripes.paste(255, (x, 0, x + 1, 40))
    low, high = engine(stripes, (97, 10), kernel=kernel).crop((4, 0, 93, 10)).getextrema()
    assert 118 <= low <= high <= 137  # type: ignore[operator]


def test_without_the_package_pillow_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without cykooz-resizer, which lacks some architectures, Pillow scales."""
    monkeypatch.setitem(sys.modules, "cykooz_resizer", None)
    spec = module.__spec__
    assert spec is not None
    assert spec.loader is not None
    without = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(without)
    assert without.Resizer is None
    expected = quarters().resize((30, 20), PILLOW["lanczos3"])
    assert_similar(without.scale(quarters(), (30, 20)), expected, 0)


@pytest.mark.parametrize("under", ["red", "white"])
def test_transparent_pixels_do_not_bleed(engine: Scale, under: str) -> None:
    """The color under transparent pixels doesn't show at the edges after scaling."""
    image = Image.new("RGB", (120, 80), under).convert("RGBA")
    image.putalpha(0)
    image.paste((0, 0, 255, 255), (0, 0, 62, 80))
    scaled = engine(image, (30, 20))
    red, alpha = scaled.getchannel("R"), scaled.getchannel("A")
    visible = [r for r, a in zip(red.tobytes(), alpha.tobytes(), strict=True) if a > 16]
    assert set(alpha.tobytes()) - {0, 255}, "the edge is not soft"
    assert max(visible) < 8
