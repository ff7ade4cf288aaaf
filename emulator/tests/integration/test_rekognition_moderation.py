"""DetectModerationLabels: harmless images, and moderation overrides."""

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from PIL import Image

from tests.speed import LIMIT

from .flagged import PATH, flagged, patchwork
from .localstack import LocalStack
from .vision import ASTRONAUT, SAMPLES, Rekognition, encoded, sample


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*.[jp]*g")))
def test_a_harmless_image_has_no_labels(rekognition: Rekognition, name: str) -> None:
    """The samples are not explicit, with a low probability."""
    assert rekognition.moderation(sample(name)) == []
    (label,) = rekognition.moderation(sample(name), MinConfidence=0)
    assert label["Name"] == "Explicit"
    assert label["Confidence"] < 20


def test_a_portrait_is_harmless(rekognition: Rekognition) -> None:
    """A dressed person is not flagged."""
    assert rekognition.moderation(ASTRONAUT.read_bytes()) == []


def test_an_override_sets_the_labels_of_an_image(
    rekognition: Rekognition, emulator: LocalStack
) -> None:
    """The labels have their parents in AWS's taxonomy, and disappear with the override."""
    image = patchwork("override")
    assert rekognition.moderation(image) == []
    with flagged(image, "Exposed Female Nipple", 88.5, emulator.url):
        found = rekognition.moderation(image)
        assert [(each["Name"], each["ParentName"], each["TaxonomyLevel"]) for each in found] == [
            ("Explicit", "", 1),
            ("Explicit Nudity", "Explicit", 2),
            ("Exposed Female Nipple", "Explicit Nudity", 3),
        ]
        assert {each["Confidence"] for each in found} == {88.5}
        assert rekognition.moderation(image, MinConfidence=89) == []
    assert rekognition.moderation(image) == []


@pytest.mark.parametrize("size", [(1280, 960), (320, 240), (112, 84)])
def test_an_override_applies_to_copies_of_the_image(
    rekognition: Rekognition, emulator: LocalStack, size: tuple[int, int]
) -> None:
    """Scaled, re-encoded and stripped copies match."""
    image = patchwork(f"remade {size}")
    with Image.open(BytesIO(image)) as opened:
        remade = encoded(opened.resize(size, Image.Resampling.LANCZOS), quality=60)
    with flagged(image, endpoint=emulator.url):
        assert rekognition.moderation(remade)[-1]["Name"] == "Explicit Nudity"


def test_concurrent_tests_flag_their_own_images(
    rekognition: Rekognition, emulator: LocalStack
) -> None:
    """An override applies to one image, not to that of the next seed."""

    def highest(seed: int) -> list[str]:
        with flagged(patchwork(seed), f"{'Alcohol' if seed % 2 else 'Gambling'}", 90, emulator.url):
            return [each["Name"] for each in rekognition.moderation(patchwork(seed))]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(highest, range(16))) == [["Gambling"], ["Alcohol"]] * 8


def test_a_photograph_can_have_an_override(rekognition: Rekognition, emulator: LocalStack) -> None:
    """An override works for any kind of image."""
    with flagged(sample("raccoon.jpg"), "Weapons", 70, emulator.url):
        assert rekognition.moderation(sample("raccoon.jpg"))[-1]["Name"] == "Weapons"
        assert rekognition.moderation(sample("coffee.png")) == []
        with urllib.request.urlopen(f"{emulator.url}{PATH}", timeout=LIMIT) as response:
            overrides = json.load(response)["overrides"]
        assert {"Weapons": 70.0} in [each["labels"] for each in overrides]


@pytest.mark.parametrize(
    ("query", "body", "status"),
    [
        ("?label=Bad%20Taste", patchwork(0), 400),
        ("", patchwork(0), 400),
        ("?label=Alcohol&confidence=much", patchwork(0), 400),
        ("?label=Alcohol&confidence=101", patchwork(0), 400),
        ("?label=Alcohol", b"no image", 400),
    ],
)
def test_an_invalid_override_is_refused(
    emulator: LocalStack, query: str, body: bytes, status: int
) -> None:
    """Unknown labels, invalid confidences and broken images are refused."""
    put = urllib.request.Request(f"{emulator.url}{PATH}{query}", body, method="PUT")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(put, timeout=LIMIT)
    with refused.value as response:
        assert response.status == status
        assert json.load(response)["message"]


def test_an_unknown_override_cannot_be_removed(emulator: LocalStack) -> None:
    """Removing an unknown override returns 404."""
    delete = urllib.request.Request(f"{emulator.url}{PATH}/none", method="DELETE")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(delete, timeout=LIMIT)
    with refused.value as response:
        assert response.status == 404
