"""Crop to the region, and scaling."""

import pytest
from PIL import Image

from processor.images.canvas import Canvas
from processor.images.recipe import Crop, Resize
from processor.images.steps.resize import resize
from tests.unit.processor.images.sample_images import (
    assert_similar,
    quarters,
    stored,
)
from tests.unit.processor.images.steps.jobs import job, run

modes = pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK"])


@modes
def test_resize(mode: str) -> None:
    """An image of every mode is scaled to fit its box."""
    scaled = run(resize, quarters(mode=mode), resize=Resize(width=60, height=60))
    assert_similar(scaled.convert("RGB"), quarters(60, 40, mode).convert("RGB"), 8)


def test_the_same_size_does_nothing() -> None:
    """An image that has the size is not resampled."""
    canvas = Canvas((quarters(),))
    assert resize(canvas, job(resize=Resize(width=500))).image is canvas.image
    assert resize(canvas, job()).image is canvas.image


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_region_is_found_in_the_stored_image(orientation: int) -> None:
    """The region is that of the upright image, however it is stored."""
    wanted = job(crop=Crop(70, 10, 40, 20), resize=Resize(width=20))
    upright = resize(Canvas((quarters(),)), wanted).image
    assert upright.getcolors() == [(20 * 10, (0, 255, 0))]
    turned = resize(Canvas((stored(quarters(), orientation),), orientation=orientation), wanted)
    assert turned.orientation == orientation
    assert_similar(turned.image, stored(upright, orientation), 0)


def test_all_frames_show_the_same_part() -> None:
    """Every frame is cropped and scaled alike."""
    frames = (quarters(), quarters().transpose(Image.Transpose.ROTATE_180))
    wanted = job(crop=Crop(70, 50, 40, 20), resize=Resize(width=20))
    scaled = resize(Canvas(frames, durations=(40, 60)), wanted)
    assert [frame.getcolors() for frame in scaled.frames] == [
        [(200, (255, 255, 0))],
        [(200, (255, 0, 0))],
    ]


def test_pixels_stay_squares_with_nearest() -> None:
    """The recipe's kernel is used."""
    image = Image.linear_gradient("L").resize((120, 80))
    tones = set(image.tobytes())
    nearest = run(resize, image, resize=Resize(width=37, kernel="nearest"))
    assert set(nearest.tobytes()) <= tones
    smooth = run(resize, quarters(), resize=Resize(width=37))
    assert len(smooth.getcolors(9999) or ()) > 4
