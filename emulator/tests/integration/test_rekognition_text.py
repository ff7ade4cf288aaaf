"""DetectText on text that Pillow renders."""

import pytest
from botocore.exceptions import ClientError
from PIL import Image, ImageDraw, ImageFont

from .vision import Rekognition, box_of, encoded, sample

LINES = ("Hello Darkroom 2026", "Second line: 42%")


@pytest.fixture(scope="module")
def page() -> Image.Image:
    """Return two lines in black on white."""
    image = Image.new("RGB", (900, 400), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(48)
    for line, top in zip(LINES, (60, 240), strict=True):
        draw.text((90, top), line, "black", font)
    return image


def test_lines_and_words_are_read(rekognition: Rekognition, page: Image.Image) -> None:
    """Lines are first, from top to bottom; words refer to their lines; IDs are consecutive."""
    found = rekognition.text(encoded(page, "PNG"))
    lines = [each for each in found if each["Type"] == "LINE"]
    words = [each for each in found if each["Type"] == "WORD"]
    assert tuple(each["DetectedText"] for each in lines) == LINES
    assert [each["DetectedText"] for each in words] == " ".join(LINES).split()
    assert [each["Id"] for each in found] == list(range(8))
    assert [each["ParentId"] for each in words] == [0, 0, 0, 1, 1, 1]
    assert all("ParentId" not in each for each in lines)
    assert all(each["Confidence"] > 80 for each in found)


def test_text_has_boxes_and_polygons(rekognition: Rekognition, page: Image.Image) -> None:
    """Boxes and polygons are around the line, and its words are side by side in it."""
    line, _, *words = rekognition.text(encoded(page, "PNG"))
    left, top, right, bottom = box_of(line["Geometry"])
    assert left == pytest.approx(0.1, abs=0.03)
    assert 0.08 < top < 0.2 < bottom < 0.35
    assert right < 0.75
    assert [point["X"] < 0.3 for point in line["Geometry"]["Polygon"]] == [
        True, False, False, True,
    ]  # fmt: skip
    edges = [box_of(word["Geometry"]) for word in words[:3]]
    assert edges[0][0] < edges[0][2] <= edges[1][0] < edges[1][2] <= edges[2][0]


@pytest.mark.parametrize("degrees", [-90, -15, 15, 90])
def test_rotated_text_is_read(rekognition: Rekognition, page: Image.Image, degrees: int) -> None:
    """Text that is rotated by up to a quarter turn either way is read."""
    turned = page.rotate(degrees, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)
    words = {each["DetectedText"] for each in rekognition.text(encoded(turned, "PNG"))}
    assert {"Darkroom", "2026", "Second"} <= words


def test_filters_exclude_words(rekognition: Rekognition, page: Image.Image) -> None:
    """A word that is too narrow is excluded, and so is a line without words."""
    found = rekognition.text(encoded(page, "PNG"), WordFilter={"MinBoundingBoxWidth": 0.22})
    assert [each["DetectedText"] for each in found] == [LINES[0], "Darkroom"]
    assert rekognition.text(encoded(page, "PNG"), WordFilter={"MinBoundingBoxHeight": 0.9}) == []


def test_a_photograph_without_text_has_no_detections(rekognition: Rekognition) -> None:
    """A photograph without text has no detections."""
    assert rekognition.text(sample("raccoon.jpg")) == []


def test_regions_of_interest_are_refused(rekognition: Rekognition, page: Image.Image) -> None:
    """RegionsOfInterest is refused with an error that names it."""
    region = {"BoundingBox": {"Left": 0.0, "Top": 0.0, "Width": 0.5, "Height": 0.5}}
    with pytest.raises(ClientError, match="RegionsOfInterest"):
        rekognition.text(encoded(page, "PNG"), RegionsOfInterest=[region])
