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
def test_labels_are_of_what_an_image_shows(
    rekognition: Rekognition, name: str, shown: set[str], not_shown: set[str]
) -> None:
    """Photographs of different subjects have the right labels."""
    found = rekognition.labels(sample(name)).keys()
    assert shown <= found
    assert not not_shown & found


def test_a_label_comes_with_those_above_it(rekognition: Rekognition) -> None:
    """Parents are labels of their own, in a category, and no less sure."""
    found = rekognition.labels(sample("coffee.png"))
    espresso = found["Espresso"]
    assert [each["Name"] for each in espresso["Parents"]] == ["Coffee", "Beverage"]
    assert espresso["Categories"] == [{"Name": "Food and Beverage"}]
    for parent in espresso["Parents"]:
        assert found[parent["Name"]]["Confidence"] >= espresso["Confidence"]
    assert found["Beverage"]["Parents"] == []


def test_the_surest_labels_come_first(rekognition: Rekognition) -> None:
    """MaxLabels leaves the surest, and MinConfidence has 55 for a default."""
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


def test_filters_leave_the_labels_that_are_wanted(rekognition: Rekognition) -> None:
    """GeneralLabels includes and excludes by the names of labels and of categories."""
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
def test_things_have_boxes(rekognition: Rekognition) -> None:
    """The label of a detected object has its box, in ratios of the image."""
    (person,) = rekognition.labels(ASTRONAUT.read_bytes())["Person"]["Instances"]
    assert overlap(box_of(person), (0.04, 0.03, 0.7, 0.98)) > 0.7
    (cup,) = rekognition.labels(sample("coffee.png"), MinConfidence=40)["Coffee Cup"]["Instances"]
    assert overlap(box_of(cup), (0.27, 0.14, 0.72, 0.78)) > 0.6


def test_what_is_not_emulated_is_named(rekognition: Rekognition) -> None:
    """Image properties are refused by an error that names them."""
    with pytest.raises(ClientError, match="IMAGE_PROPERTIES") as refused:
        rekognition.labels(sample("coffee.png"), Features=["IMAGE_PROPERTIES"])
    assert refused.value.response["Error"]["Code"] == "InvalidParameterException"
    assert rekognition.labels(sample("coffee.png"), Features=["GENERAL_LABELS"])
    with pytest.raises(ClientError, match="unknown feature LABELS"):
        rekognition.labels(sample("coffee.png"), Features=["LABELS"])
