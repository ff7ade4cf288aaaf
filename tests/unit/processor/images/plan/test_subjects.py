"""Crops that keep faces and subjects."""

from typing import Any

import pytest
from PIL import Image

from processor.images import Limits, Recipe, Rendition, Seen
from processor.images.plan.geometry import WHOLE, Box
from processor.images.plan.subjects import focus_on, turned
from processor.images.recipe import Crop, Png, Resize, Rotate
from tests.unit.processor.images.pictures import (
    decoded,
    encoded,
    photographed,
    render_file,
)

FACE: Box = (0.7, 0.2, 0.8, 0.5)
SIZE = (400, 100)


def with_face() -> Image.Image:
    """A gray picture, red where the face is, with something at the left that draws the eye."""
    image = Image.new("RGB", SIZE, "#777777")
    image.paste("red", (280, 20, 320, 50))
    image.paste("blue", (20, 10, 80, 90))
    return image


def reds(image: Image.Image) -> int:
    """How many pixels are red."""
    colors = image.convert("RGB").getcolors(1 << 20) or []
    return sum(count for count, (red, _, blue) in colors if red > 200 and blue < 60)  # type: ignore[misc]


def made(image: bytes, seen: Seen, gravity: Any, **steps: Any) -> Image.Image:
    """A square of 100 pixels."""
    resize = Resize(width=100, height=100, fit="cover", gravity=gravity)
    recipe = Recipe(renditions=[Rendition(name="a", resize=resize, output=Png(), **steps)])
    return decoded(render_file(image, recipe, Limits(), seen=seen).renditions[0].data)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("angle", [0, 90, 180, 270, 30])
def test_the_face_stays(orientation: int, angle: float) -> None:
    """However the picture is stored, and turned by the recipe."""
    seen = Seen(faces=[FACE])
    rotate = {"rotate": Rotate(angle)} if angle else {}
    actual = made(photographed(with_face(), orientation), seen, "face", **rotate)
    # At odd angles, the picture is larger than it was, and shown smaller.
    assert reds(actual) > (900 if angle % 90 == 0 else 60)


@pytest.mark.parametrize(
    ("gravity", "seen"),
    [
        ("face", Seen()),
        ("subject", Seen()),
        ("face", Seen(subjects=[FACE])),
        ("attention", Seen(faces=[FACE], subjects=[FACE])),
    ],
)
def test_without_what_is_wanted(gravity: str, seen: Seen) -> None:
    """Where no face, or no subject, was found, what draws the eye stays."""
    assert reds(made(encoded(with_face(), "PNG"), seen, gravity)) == 0


def test_what_is_a_subject() -> None:
    """A face is one where there is no other."""
    data = encoded(with_face(), "PNG")
    assert reds(made(data, Seen(faces=[FACE]), "subject")) > 900
    left: Box = (0.05, 0.1, 0.2, 0.9)
    assert reds(made(data, Seen(faces=[FACE], subjects=[left]), "subject")) == 0


def test_after_a_crop() -> None:
    """Faces are looked for in what a crop has left."""
    data = encoded(with_face(), "PNG")
    right = Crop(0.5, 0, 0.5, 1, unit="fraction")
    assert reds(made(data, Seen(faces=[FACE]), "face", crop=right)) > 900
    left = Crop(0, 0, 0.5, 1, unit="fraction")
    assert reds(made(data, Seen(faces=[FACE]), "face", crop=left)) == 0


def test_boxes_in_a_part_of_the_picture() -> None:
    """Boxes follow the part; what lies outside is cut off, or left out where little remains."""
    boxes: list[Box] = [(0.5, 0, 0.75, 1), (0.4, 0, 0.6, 1), (0.1, 0, 0.52, 1)]
    found = turned(boxes, (0.5, 0, 1, 1), (100, 100), 0)
    assert found == [pytest.approx((0, 0, 0.5, 1)), pytest.approx((0, 0, 0.2, 1))]


@pytest.mark.parametrize(
    ("angle", "expected"),
    [
        (0, (0.1, 0.2, 0.3, 0.4)),
        (90, (0.6, 0.1, 0.8, 0.3)),
        (180, (0.7, 0.6, 0.9, 0.8)),
        (270, (0.2, 0.7, 0.4, 0.9)),
    ],
)
def test_boxes_turn_with_the_picture(angle: float, expected: Box) -> None:
    """Clockwise."""
    (box,) = turned([(0.1, 0.2, 0.3, 0.4)], WHOLE, (300, 200), angle)
    assert box == pytest.approx(expected)


@pytest.mark.parametrize(
    ("boxes", "point"),
    [
        ([], None),
        ([(0.1, 0, 0.2, 0.1)], (0.15, 0.05)),
        # Both fit.
        ([(0.1, 0, 0.2, 0.1), (0.3, 0, 0.4, 0.2)], (0.25, 0.1)),
        # The larger one alone fits.
        ([(0, 0, 0.1, 0.1), (0.7, 0, 0.9, 0.2)], (0.8, 0.1)),
        # The third fits beside the largest, the second does not.
        ([(0, 0, 0.3, 0.3), (0.7, 0, 0.9, 0.2), (0.4, 0, 0.5, 0.1)], (0.25, 0.15)),
    ],
)
def test_as_much_as_fits(boxes: list[Box], point: tuple[float, float] | None) -> None:
    """The largest stays, and of the others those that fit beside it."""
    found = focus_on(boxes, (0.5, 1))
    assert found == (None if point is None else pytest.approx(point))
