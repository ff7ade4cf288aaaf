"""Crops that keep detected faces and subjects."""

from typing import Any

import pytest
from PIL import Image

from processor.images import DetectedRegions, Limits, Recipe, Rendition
from processor.images.plan.geometry import WHOLE, Box
from processor.images.plan.subjects import center_of, rotate_boxes
from processor.images.recipe import Crop, Png, Resize, Rotate
from tests.unit.processor.images.sample_images import (
    decoded,
    encoded,
    photographed,
    render_file,
)

FACE: Box = (0.7, 0.2, 0.8, 0.5)
SIZE = (400, 100)


def with_face() -> Image.Image:
    """Return a gray image that is red at the face, and has a salient object at the left."""
    image = Image.new("RGB", SIZE, "#777777")
    image.paste("red", (280, 20, 320, 50))
    image.paste("blue", (20, 10, 80, 90))
    return image


def reds(image: Image.Image) -> int:
    """Return the number of red pixels."""
    colors = image.convert("RGB").getcolors(1 << 20) or []
    return sum(count for count, (red, _, blue) in colors if red > 200 and blue < 60)  # type: ignore[misc]


def made(image: bytes, regions: DetectedRegions, gravity: Any, **steps: Any) -> Image.Image:
    """Return a rendition of 100 x 100 pixels."""
    resize = Resize(width=100, height=100, fit="cover", gravity=gravity)
    recipe = Recipe(renditions=[Rendition(name="a", resize=resize, output=Png(), **steps)])
    return decoded(render_file(image, recipe, Limits(), regions=regions).renditions[0].data)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("angle", [0, 90, 180, 270, 30])
def test_the_face_stays(orientation: int, angle: float) -> None:
    """The face is kept for every stored orientation and rotation."""
    regions = DetectedRegions(faces=[FACE])
    rotate = {"rotate": Rotate(angle)} if angle else {}
    actual = made(photographed(with_face(), orientation), regions, "face", **rotate)
    # At odd angles, the image is larger than it was, and shown smaller.
    assert reds(actual) > (900 if angle % 90 == 0 else 60)


@pytest.mark.parametrize(
    ("gravity", "regions"),
    [
        ("face", DetectedRegions()),
        ("subject", DetectedRegions()),
        ("face", DetectedRegions(subjects=[FACE])),
        ("attention", DetectedRegions(faces=[FACE], subjects=[FACE])),
    ],
)
def test_without_what_is_wanted(gravity: str, regions: DetectedRegions) -> None:
    """Without a detected face or subject, the salient part is kept."""
    assert reds(made(encoded(with_face(), "PNG"), regions, gravity)) == 0


def test_what_is_a_subject() -> None:
    """A face counts as the subject if there is no other."""
    data = encoded(with_face(), "PNG")
    assert reds(made(data, DetectedRegions(faces=[FACE]), "subject")) > 900
    left: Box = (0.05, 0.1, 0.2, 0.9)
    assert reds(made(data, DetectedRegions(faces=[FACE], subjects=[left]), "subject")) == 0


def test_after_a_crop() -> None:
    """Faces count only in the cropped region."""
    data = encoded(with_face(), "PNG")
    right = Crop(0.5, 0, 0.5, 1, unit="fraction")
    assert reds(made(data, DetectedRegions(faces=[FACE]), "face", crop=right)) > 900
    left = Crop(0, 0, 0.5, 1, unit="fraction")
    assert reds(made(data, DetectedRegions(faces=[FACE]), "face", crop=left)) == 0


def test_boxes_in_a_part_of_the_image() -> None:
    """Boxes are relative to the region, cut off at its edges, and omitted if little remains."""
    boxes: list[Box] = [(0.5, 0, 0.75, 1), (0.4, 0, 0.6, 1), (0.1, 0, 0.52, 1)]
    found = rotate_boxes(boxes, (0.5, 0, 1, 1), (100, 100), 0)
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
def test_boxes_turn_with_the_image(angle: float, expected: Box) -> None:
    """Boxes rotate clockwise."""
    (box,) = rotate_boxes([(0.1, 0.2, 0.3, 0.4)], WHOLE, (300, 200), angle)
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
    """The largest box is kept, and others that fit beside it."""
    found = center_of(boxes, (0.5, 1))
    assert found == (None if point is None else pytest.approx(point))
