"""DetectModerationLabels: what is harmless, and what a test has declared."""

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from PIL import Image

from tests.integration.flagged import PATH, flagged, patchwork
from tests.integration.localstack import LocalStack

from .vision import ASTRONAUT, SAMPLES, Rekognition, encoded, sample


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*.[jp]*g")))
def test_nothing_is_said_of_a_harmless_picture(rekognition: Rekognition, name: str) -> None:
    """The samples are not explicit, and the network is sure of that."""
    assert rekognition.moderation(sample(name)) == []
    (label,) = rekognition.moderation(sample(name), MinConfidence=0)
    assert label["Name"] == "Explicit"
    assert label["Confidence"] < 20


def test_a_portrait_is_harmless(rekognition: Rekognition) -> None:
    """Somebody who is dressed is not flagged."""
    assert rekognition.moderation(ASTRONAUT.read_bytes()) == []


def test_a_declared_picture_has_the_labels_that_were_declared(
    rekognition: Rekognition, emulator: LocalStack
) -> None:
    """They stand in AWS's taxonomy, and go with the declaration."""
    picture = patchwork("declared")
    assert rekognition.moderation(picture) == []
    with flagged(picture, "Exposed Female Nipple", 88.5, emulator.url):
        found = rekognition.moderation(picture)
        assert [(each["Name"], each["ParentName"], each["TaxonomyLevel"]) for each in found] == [
            ("Explicit", "", 1),
            ("Explicit Nudity", "Explicit", 2),
            ("Exposed Female Nipple", "Explicit Nudity", 3),
        ]
        assert {each["Confidence"] for each in found} == {88.5}
        assert rekognition.moderation(picture, MinConfidence=89) == []
    assert rekognition.moderation(picture) == []


@pytest.mark.parametrize("size", [(1280, 960), (320, 240), (112, 84)])
def test_what_is_made_of_a_declared_picture_is_that_picture(
    rekognition: Rekognition, emulator: LocalStack, size: tuple[int, int]
) -> None:
    """Scaled, re-encoded and without metadata, it is still known."""
    picture = patchwork(f"remade {size}")
    with Image.open(BytesIO(picture)) as image:
        remade = encoded(image.resize(size, Image.Resampling.LANCZOS), quality=60)
    with flagged(picture, endpoint=emulator.url):
        assert rekognition.moderation(remade)[-1]["Name"] == "Explicit Nudity"


def test_tests_at_the_same_time_flag_their_own_pictures(
    rekognition: Rekognition, emulator: LocalStack
) -> None:
    """A declaration is of one picture: the next seed's is another."""

    def surest(seed: int) -> list[str]:
        with flagged(patchwork(seed), f"{'Alcohol' if seed % 2 else 'Gambling'}", 90, emulator.url):
            return [each["Name"] for each in rekognition.moderation(patchwork(seed))]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(surest, range(16))) == [["Gambling"], ["Alcohol"]] * 8


def test_a_photograph_can_be_declared_as_well(
    rekognition: Rekognition, emulator: LocalStack
) -> None:
    """It is the picture that counts, not the kind of picture."""
    with flagged(sample("raccoon.jpg"), "Weapons", 70, emulator.url):
        assert rekognition.moderation(sample("raccoon.jpg"))[-1]["Name"] == "Weapons"
        assert rekognition.moderation(sample("coffee.png")) == []
        with urllib.request.urlopen(f"{emulator.url}{PATH}", timeout=10) as answer:
            pictures = json.load(answer)["pictures"]
        assert {"Weapons": 70.0} in [each["labels"] for each in pictures]


@pytest.mark.parametrize(
    ("query", "body", "status"),
    [
        ("?label=Bad%20Taste", patchwork(0), 400),
        ("", patchwork(0), 400),
        ("?label=Alcohol&confidence=much", patchwork(0), 400),
        ("?label=Alcohol&confidence=101", patchwork(0), 400),
        ("?label=Alcohol", b"no picture", 400),
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused(
    emulator: LocalStack, query: str, body: bytes, status: int
) -> None:
    """Labels are those of AWS's taxonomy, and pictures are pictures."""
    put = urllib.request.Request(f"{emulator.url}{PATH}{query}", body, method="PUT")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(put, timeout=10)
    with refused.value as answer:
        assert answer.status == status
        assert json.load(answer)["message"]


def test_what_is_not_declared_cannot_be_forgotten(emulator: LocalStack) -> None:
    """Deleting what is not there says so."""
    delete = urllib.request.Request(f"{emulator.url}{PATH}/none", method="DELETE")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(delete, timeout=10)
    with refused.value as answer:
        assert answer.status == 404
