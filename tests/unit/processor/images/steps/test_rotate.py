"""Rotation."""

import math

import pytest
from PIL import Image

from processor.images.canvas import Canvas
from processor.images.plan.geometry import bounds
from processor.images.recipe import Rotate
from processor.images.steps.rotate import rotate
from tests.unit.processor.images.sample_images import assert_similar, quarters
from tests.unit.processor.images.steps.jobs import (
    Pixel,
    job,
    pixel,
    run,
)

BACK = Image.Transpose
RED, LIME, BLUE, YELLOW = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)


@pytest.mark.parametrize(
    ("angle", "turn"),
    [
        (90, BACK.ROTATE_270), (-270, BACK.ROTATE_270), (180, BACK.ROTATE_180),
        (-180, BACK.ROTATE_180), (270, BACK.ROTATE_90), (-90, BACK.ROTATE_90),
    ],
)  # fmt: skip
def test_right_angles(angle: float, turn: Image.Transpose) -> None:
    """A positive angle rotates clockwise, without loss at right angles."""
    assert_similar(run(rotate, quarters(), rotate=Rotate(angle)), quarters().transpose(turn), 0)


@pytest.mark.parametrize("angle", [0, 360, -360])
def test_a_whole_turn_does_nothing(angle: float) -> None:
    """Without rotation, or by 360 degrees, the canvas is returned unchanged."""
    canvas = Canvas((quarters(),))
    assert rotate(canvas, job(rotate=Rotate(angle))) is canvas
    assert rotate(canvas, job()) is canvas


@pytest.mark.parametrize("angle", [1, 30, 45, 89.5, 135, 200, -15, -359])
def test_odd_angles_grow_the_image(angle: float) -> None:
    """The result has the size of the box around the rotated image."""
    turned = run(rotate, quarters(), rotate=Rotate(angle))
    radians = math.radians(angle)
    cosine, sine = abs(math.cos(radians)), abs(math.sin(radians))
    assert turned.width == pytest.approx(120 * cosine + 80 * sine, abs=1)
    assert turned.height == pytest.approx(120 * sine + 80 * cosine, abs=1)


@pytest.mark.parametrize("angle", [10, 45, 100, 225, -30])
def test_odd_angles_turn_clockwise(angle: float) -> None:
    """The center of each quarter is where a clockwise rotation moves it."""
    turned = run(rotate, quarters(), rotate=Rotate(angle))
    radians = math.radians(angle)
    for (x, y), color in {
        (-30, -20): RED, (30, -20): LIME, (-30, 20): BLUE, (30, 20): YELLOW,
    }.items():  # fmt: skip
        right = turned.width / 2 + x * math.cos(radians) - y * math.sin(radians)
        down = turned.height / 2 + x * math.sin(radians) + y * math.cos(radians)
        assert pixel(turned, int(right), int(down)) == pytest.approx((*color, 255), abs=3)


@pytest.mark.parametrize(
    ("background", "mode", "corner"),
    [
        ("#00000000", "RGBA", (0, 0, 0, 0)),
        ("#12345680", "RGBA", (0x12, 0x34, 0x56, 0x80)),
        ("#123456", "RGB", (0x12, 0x34, 0x56)),
        ("#123456ff", "RGB", (0x12, 0x34, 0x56)),
    ],
)
@pytest.mark.parametrize("given", ["L", "RGB", "RGBA"])
def test_corners_get_the_background(background: str, mode: str, corner: Pixel, given: str) -> None:
    """The new corners have the background's color, or are transparent."""
    turned = run(rotate, quarters(mode=given), rotate=Rotate(30, background))
    assert turned.mode == mode
    right, bottom = turned.width - 1, turned.height - 1
    for at in ((0, 0), (right, 0), (0, bottom), (right, bottom)):
        seen = pixel(turned, *at)
        assert seen == corner or (seen[3:] == (0,) == corner[3:])


@pytest.mark.parametrize("under", ["white", "black", "red"])
def test_edges_are_smooth_and_clean(under: str) -> None:
    """The edge mixes with the background, not with what is under transparent pixels."""
    image = Image.new("RGB", (120, 80), under).convert("RGBA")
    image.putalpha(0)
    image.paste((0, 0, 255, 255), (20, 20, 100, 60))
    turned = run(rotate, image, rotate=Rotate(30, "#0000ff"))
    assert turned.getextrema() == ((0, 0), (0, 0), (255, 255))
    clear = run(rotate, image, rotate=Rotate(30))
    alphas = set(clear.getchannel("A").tobytes())
    assert len(alphas) > 20


def test_turning_on_and_back(flower: Image.Image) -> None:
    """Rotated there and back, the center of a photograph looks as before."""
    image = flower.resize((120, 80))
    there = run(rotate, image, rotate=Rotate(20)).convert("RGB")
    box = tuple(map(round, bounds(120, 80, 20)))
    assert there.size == pytest.approx(box, abs=1)
    again = there.rotate(20, Image.Resampling.BICUBIC)
    left, top = (again.width - 60) // 2, (again.height - 40) // 2
    assert_similar(again.crop((left, top, left + 60, top + 40)), image.crop((30, 20, 90, 60)), 12)


@pytest.mark.parametrize("angle", [90, 33])
def test_all_frames_are_turned(angle: float) -> None:
    """Every frame of an animation is rotated as it would be alone."""
    frames = (quarters(), quarters().transpose(BACK.ROTATE_180))
    wanted = job(rotate=Rotate(angle))
    turned = rotate(Canvas(frames, durations=(40, 60)), wanted)
    assert turned.frames == tuple(rotate(Canvas((each,)), wanted).image for each in frames)
    assert turned.frames[0] != turned.frames[1]
