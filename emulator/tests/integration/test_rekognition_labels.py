"""DetectLabels on real photographs."""

import pytest
from botocore.exceptions import ClientError

from .vision import ASTRONAUT, Rekognition, box_of, needs_detector, overlap, sample


@pytest.mark.parametrize(
    ("name", "shown", "not_shown"),
    [
        ("raccoon.jpg", {"Animal", "Mammal"}, {"Mountain", "Beverage", "Vehicle"}),
        ("coffee.png", {"Espresso", "Coffee", "Beverage"}, {"Animal", "Mountain"}),
        ("mountains.jpg", {"Mountain", "Nature", "Outdoors"}, {"Animal", "Beverage"}),
    ],
)
def test_photographs_have_the_right_labels(
    rekognition: Rekognition, name: str, shown: set[str], not_shown: set[str]
) -> None:
    """Photographs of different subjects have the right labels."""
    found = rekognition.labels(sample(name)).keys()
    assert shown <= found
    assert not not_shown & found


def test_labels_are_returned_with_their_parents(rekognition: Rekognition) -> None:
    """Parents are labels themselves, in a category, with at least the same confidence."""
    found = rekognition.labels(sample("coffee.png"))
    espresso = found["Espresso"]
    assert [each["Name"] for each in espresso["Parents"]] == ["Coffee", "Beverage"]
    assert espresso["Categories"] == [{"Name": "Food and Beverage"}]
    for parent in espresso["Parents"]:
        assert found[parent["Name"]]["Confidence"] >= espresso["Confidence"]
    assert found["Beverage"]["Parents"] == []


def test_labels_are_sorted_and_limited_by_confidence(rekognition: Rekognition) -> None:
    """Labels are sorted by confidence; MaxLabels keeps the first, and MinConfidence is 55 by
    default.
    """
    every = list(rekognition.labels(sample("raccoon.jpg"), MinConfidence=0).values())
    confidences = [each["Confidence"] for each in every]
    assert confidences == sorted(confidences, reverse=True)
    assert confidences[0] > 55
    assert confidences[-1] < 1
    assert list(rekognition.labels(sample("raccoon.jpg"), MinConfidence=0, MaxLabels=3)) == [
        each["Name"] for each in every[:3]
    ]
    assert len(rekognition.labels(sample("raccoon.jpg"))) == sum(
        confidence >= 55 for confidence in confidences
    )
    assert rekognition.labels(sample("raccoon.jpg"), MinConfidence=99.9) == {}


def test_filters_select_labels(rekognition: Rekognition) -> None:
    """GeneralLabels includes and excludes labels by name and by category."""
    every = set(rekognition.labels(sample("coffee.png"), MinConfidence=0))

    def names(**filters: list[str]) -> set[str]:
        settings = {"GeneralLabels": filters}
        return set(rekognition.labels(sample("coffee.png"), MinConfidence=0, Settings=settings))

    assert names(LabelInclusionFilters=["Coffee", "Horse"]) == {"Coffee", "Horse"} & every
    assert names(LabelExclusionFilters=["Coffee"]) == every - {"Coffee"}
    food = names(LabelCategoryInclusionFilters=["Food and Beverage"])
    assert "Coffee" in food
    assert names(LabelCategoryExclusionFilters=["Food and Beverage"]) == every - food


@needs_detector
def test_detected_objects_have_boxes(rekognition: Rekognition) -> None:
    """The label of a detected object has its box, in ratios of the image."""
    (person,) = rekognition.labels(ASTRONAUT.read_bytes())["Person"]["Instances"]
    assert overlap(box_of(person), (0.04, 0.03, 0.7, 0.98)) > 0.7
    (cup,) = rekognition.labels(sample("coffee.png"), MinConfidence=40)["Coffee Cup"]["Instances"]
    assert overlap(box_of(cup), (0.27, 0.14, 0.72, 0.78)) > 0.6


def test_unsupported_features_are_refused(rekognition: Rekognition) -> None:
    """Image properties are refused with an error that names them."""
    with pytest.raises(ClientError, match="IMAGE_PROPERTIES") as refused:
        rekognition.labels(sample("coffee.png"), Features=["IMAGE_PROPERTIES"])
    assert refused.value.response["Error"]["Code"] == "InvalidParameterException"
    assert rekognition.labels(sample("coffee.png"), Features=["GENERAL_LABELS"])
    with pytest.raises(ClientError, match="unknown feature LABELS"):
        rekognition.labels(sample("coffee.png"), Features=["LABELS"])
