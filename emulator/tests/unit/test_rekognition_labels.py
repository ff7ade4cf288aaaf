"""Rekognition's taxonomies, label filters and moderation overrides."""

from collections import Counter
from random import Random

import pytest
from PIL import Image

from localstack_native.rekognition import labels, moderation
from localstack_native.rekognition.image import DecodedImage
from localstack_native.rekognition.moderation_overrides import ModerationOverrides
from localstack_native.rekognition.taxonomy import CLASSES, parse, taxonomy

# Of the network that finds things.
FOUND_THINGS = (
    "Bicycle", "Boot", "Laptop", "Person", "Chair", "Cattle", "Desk", "Cat", "Computer mouse",
    "Computer monitor", "Box", "Mug", "Coffee cup", "Stationary bicycle", "Table", "Bottle",
    "High heels", "Vehicle", "Footwear", "Dog", "Book", "Camera", "Car",
)  # fmt: skip


def probabilities_of(*classes: int) -> list[float]:
    """Return probabilities that are shared by some classes of ImageNet."""
    return [1 / len(classes) if index in classes else 0.0 for index in range(CLASSES)]


def test_every_class_belongs_to_one_label() -> None:
    """Each of the thousand classes is named once."""
    counts = Counter(index for each in taxonomy().labels.values() for index in each.classes)
    assert counts == dict.fromkeys(range(CLASSES), 1)


def test_the_taxonomy_has_no_cycles() -> None:
    """Parents lead to a label without a parent."""
    tree = taxonomy()
    for name in tree.labels:
        above = tree.ancestors(name)
        assert name not in above
        assert not above or not tree.labels[above[-1]].parents


def test_every_label_has_a_category_and_a_source() -> None:
    """Every label can be found: by a class, a detected object, or a descendant."""
    tree = taxonomy()
    things = {labels.NAMES.get(thing, thing) for thing in FOUND_THINGS}
    found = {name for name, label in tree.labels.items() if label.classes} | things
    assert things <= tree.labels.keys()
    assert found | {above for name in found for above in tree.ancestors(name)} == set(tree.labels)
    assert all(label.category for label in tree.labels.values())


def test_probabilities_add_up_in_the_taxonomy() -> None:
    """Two breeds add up to a dog, and count once in a label that they reach by two parents."""
    sums = taxonomy().add_up(probabilities_of(207, 208))
    assert sums["Golden Retriever"] == sums["Labrador Retriever"] == 0.5
    assert sums["Dog"] == sums["Canine"] == sums["Mammal"] == sums["Animal"] == 1
    assert sums["Pet"] == 1
    assert sums["Cat"] == sums["Vehicle"] == 0


@pytest.mark.parametrize(
    ("classes", "label"),
    [((620, 681), "Laptop"), ((281, 282), "Tabby"), ((664, 782), "Monitor"), ((7, 8), "Chicken")],
)
def test_similar_classes_share_a_label(classes: tuple[int, ...], label: str) -> None:
    """Near-duplicates share a label, whose probability is their sum."""
    assert taxonomy().add_up(probabilities_of(*classes))[label] == 1


@pytest.mark.parametrize("text", ["A: 1\nA: 2", "A & B: 1"])
def test_an_invalid_taxonomy_is_refused(text: str) -> None:
    """A label that occurs twice, and an unknown parent, are errors."""
    with pytest.raises(ValueError, match="The label A"):
        parse(text.splitlines())


def test_parents_have_the_confidence_of_their_label() -> None:
    """An Egyptian cat is returned with all its ancestors."""
    above = taxonomy().ancestors("Egyptian Cat")
    assert above[0] == "Cat"
    assert set(above) == {"Cat", "Feline", "Mammal", "Animal", "Pet"}


def test_filters_select_labels_by_name_and_category() -> None:
    """A label that is included by either is returned, unless one excludes it."""
    found = [
        {"Name": name, "Confidence": 90.0, "Categories": [{"Name": category}]}
        for name, category in (("Cat", "Animals"), ("Dog", "Animals"), ("Car", "Vehicles"))
    ]

    def names(**settings: list[str]) -> list[str]:
        return [each["Name"] for each in labels.filtered(found, 55, None, settings)]

    assert names() == ["Cat", "Dog", "Car"]
    assert names(LabelInclusionFilters=["Car"]) == ["Car"]
    assert names(LabelInclusionFilters=["Car"], LabelCategoryInclusionFilters=["Animals"]) == [
        "Cat", "Dog", "Car",
    ]  # fmt: skip
    assert names(LabelCategoryInclusionFilters=["Animals"], LabelExclusionFilters=["Cat"]) == [
        "Dog"
    ]
    assert names(LabelCategoryExclusionFilters=["Animals"]) == ["Car"]


def test_an_explicit_image_has_the_top_category() -> None:
    """A high score of the network is the top category only."""
    assert moderation.labels({"Explicit": 97.0}) == [
        {"Confidence": 97.0, "Name": "Explicit", "ParentName": "", "TaxonomyLevel": 1}
    ]


def test_moderation_labels_follow_their_parents() -> None:
    """Each label has its parent and level, and parents have at least the same confidence."""
    found = moderation.labels({"Explicit Nudity": 95.0, "Exposed Female Nipple": 60.0})
    assert [(each["Name"], each["ParentName"], each["TaxonomyLevel"]) for each in found] == [
        ("Explicit", "", 1),
        ("Explicit Nudity", "Explicit", 2),
        ("Exposed Female Nipple", "Explicit Nudity", 3),
    ]
    assert [each["Confidence"] for each in found] == [95.0, 95.0, 60.0]


def noise(seed: int) -> DecodedImage:
    """Return an image of random colors."""
    colors = Image.frombytes("RGB", (8, 8), Random(seed).randbytes(8 * 8 * 3))
    pixels = colors.resize((400, 300), Image.Resampling.NEAREST)
    return DecodedImage(pixels, *pixels.size)


def test_an_override_matches_by_appearance() -> None:
    """A smaller copy matches, and another image does not."""
    overrides, one, other = ModerationOverrides(), noise(1), noise(2)
    id_ = overrides.add(one, {"Gambling": 91.0}).id
    copy = one.pixels.resize((120, 90), Image.Resampling.LANCZOS)
    assert overrides.find(DecodedImage(copy, 120, 90)) == {"Gambling": 91.0}
    assert overrides.find(other) is None
    assert overrides.remove(id_)
    assert overrides.find(one) is None


def test_the_newest_override_of_an_image_applies() -> None:
    """A second override of an image replaces the first."""
    overrides, image = ModerationOverrides(), noise(3)
    first = overrides.add(image, {"Gambling": 91.0})
    assert overrides.add(image, {"Weapons": 70.0}).id == first.id
    assert overrides.find(image) == {"Weapons": 70.0}
    assert len(overrides.all()) == 1
