"""Looking at pictures before they are published, and holding back those that are flagged."""

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from types import FrameType
from typing import Any

import pytest
from PIL import Image

from processor.change import Change
from processor.images import Limits, Recipe, Rendition, open_source
from processor.images.recipe import Jpeg, Output, Png, Resize
from processor.moderation.policy import Moderation
from processor.moderation.preview import (
    LONG_EDGE,
    SHORT_EDGE,
    preview,
)
from processor.moderation.rekognition import Rekognition
from processor.pipeline.recipe_book import RecipeBook
from processor.settings import ModerationSettings
from processor.telemetry.metrics import MetricsBuffer
from tests.unit.processor.clouds import error
from tests.unit.processor.images.sample_images import (
    animated,
    encoded,
    photographed,
    quarters,
)
from tests.unit.processor.pipeline.pipelines import Cloud, created

BOX = {"Left": 0.7, "Top": 0.2, "Width": 0.1, "Height": 0.3}
LABELS = [
    {"Name": "Cat", "Confidence": 98.7654, "Parents": [{"Name": "Animal"}], "Instances": []},
    {"Name": "Tree", "Confidence": 60, "Parents": [], "Instances": [{"BoundingBox": BOX}]},
]


class FakeRekognition:
    """Answers what it is told to, and counts what it is asked."""

    def __init__(self) -> None:
        self.moderation: list[dict[str, Any]] = []
        self.error: Exception | None = None
        self.asked: list[str] = []
        self.pictures: list[bytes] = []

    def _ask(self, what: str, image: dict[str, bytes]) -> None:
        self.asked.append(what)
        self.pictures.append(image["Bytes"])
        if self.error:
            raise self.error

    def detect_labels(self, Image: Any, **_: Any) -> dict[str, Any]:  # noqa: N803 (AWS's word)
        """What is in the picture."""
        self._ask("labels", Image)
        return {"Labels": LABELS}

    def detect_faces(self, Image: Any) -> dict[str, Any]:  # noqa: N803
        """Whose face is in the picture."""
        self._ask("faces", Image)
        return {"FaceDetails": [{"BoundingBox": BOX, "Confidence": 99.99}]}

    def detect_moderation_labels(self, Image: Any, **_: Any) -> dict[str, Any]:  # noqa: N803
        """What not everybody should see."""
        self._ask("moderation", Image)
        return {"ModerationLabels": self.moderation}


class Moderated(Cloud):
    """A pipeline that asks Rekognition, and tells of the executions it would begin."""

    def __init__(self, analyze: Any = "all", **originals: bytes) -> None:
        square = Resize(width=20, height=20, fit="cover", gravity="face")
        recipe = Recipe([Rendition("small", Png(), resize=square)])
        super().__init__({}, {"default": recipe, "other": recipe})
        for name, data in originals.items():
            self.put(f"{name}.png", data)
        self.rekognition, self.started = FakeRekognition(), list[Change]()
        self.cannot_start: Exception | None = None
        self.moderate(analyze)

    def moderate(self, analyze: Any) -> None:
        """Ask Rekognition what the operator wants to know."""
        settings = ModerationSettings(analyze, 80)
        rekognition = Rekognition(self.rekognition, settings, ThreadPoolExecutor(3))  # type: ignore[arg-type]
        self.use(moderation=Moderation(rekognition, self._start))

    def flag(self, confidence: float = 90.0) -> None:
        """Let Rekognition find something that is to be reviewed."""
        label = {"Name": "Weapons", "ParentName": "Violence", "Confidence": confidence}
        self.rekognition.moderation = [label]

    def _start(self, change: Change) -> str:
        if self.cannot_start:
            raise self.cannot_start
        self.started.append(change)
        return "execution"

    @property
    def entry(self) -> dict[str, Any]:
        """The entry of ``a.png``."""
        return self.entries["a.png"]


PICTURE = encoded(quarters(400, 100), "PNG")


def test_what_was_found_is_in_the_entry() -> None:
    """Labels with their parents and boxes, faces, moderation; and names to look for."""
    cloud = Moderated(a=PICTURE)
    cloud.process(created("a.png"))
    entry = cloud.entry
    assert entry["status"] == "done"
    assert sorted(cloud.rekognition.asked) == ["faces", "labels", "moderation"]
    assert entry["label_names"] == ["animal", "cat", "tree"]
    analysis = entry["analysis"]
    box = {"left": 0.7, "top": 0.2, "width": 0.1, "height": 0.3}
    assert analysis["labels"] == [
        {"name": "Cat", "confidence": 98.8, "parents": ["Animal"], "boxes": []},
        {"name": "Tree", "confidence": 60, "parents": [], "boxes": [box]},
    ]
    assert analysis["faces"] == [{"box": box, "confidence": 100}]
    assert analysis["moderation"] == []
    assert analysis["etag"] == entry["etag"]
    assert analysis["thumbhash"]
    assert "analyze" in entry["timings"]


def test_the_header_is_parsed_once() -> None:
    """Memory estimate, preview, renditions and entry share one opened original."""
    cloud, calls = Moderated(a=PICTURE), 0

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code is open_source.__code__

    sys.setprofile(count)
    try:
        cloud.process(created("a.png"))
    finally:
        sys.setprofile(None)
    assert cloud.entry["status"] == "done"
    assert calls == 1


def test_faces_lead_the_crop() -> None:
    """A crop around faces shows the one that was found."""
    image = Image.new("RGB", (400, 100), "#777777")
    image.paste("red", (280, 20, 320, 50))
    cloud = Moderated(a=encoded(image, "PNG"))
    cloud.process(created("a.png"))
    (stored,) = cloud.renditions.values()
    shown = Image.open(BytesIO(stored.data)).convert("RGB")
    assert any(red > 200 and green < 60 for _, (red, green, _) in shown.getcolors(400))  # type: ignore[union-attr,misc]


@pytest.mark.parametrize(("analyze", "asked"), [("labels", ["labels"]), ("off", [])])
def test_as_little_as_is_wanted(analyze: str, asked: list[str]) -> None:
    """What nobody wants to know is not paid for, and holds nothing back."""
    cloud = Moderated(analyze, a=PICTURE)
    cloud.flag()
    cloud.process(created("a.png"))
    assert cloud.rekognition.asked == asked
    assert cloud.entry["status"] == "done"


def test_no_analysis_is_no_stage() -> None:
    """Without it the entry says nothing of it, and what fails later is not put down to it."""
    cloud = Cloud({"a.png": PICTURE})
    cloud.process(created("a.png"))
    assert "analyze" not in cloud.entries["a.png"]["timings"]
    assert "label_names" not in cloud.entries["a.png"]


def test_a_flagged_picture_is_held() -> None:
    """Nothing of it is published, nothing in the entry shows it, and the workflow begins."""
    cloud = Moderated(a=PICTURE)
    cloud.flag()
    metrics = MetricsBuffer()
    cloud.process(created("a.png"), metrics=metrics)
    entry = cloud.entry
    assert entry["status"] == "review"
    assert entry["review"]["reasons"] == [{"name": "Weapons", "confidence": 90}]
    assert entry["review"]["since"]
    assert "renditions" not in entry
    assert {"format", "width", "height", "frames"} <= set(entry)
    assert set(entry["analysis"]) == {"etag", "labels", "faces", "moderation"}
    assert entry["label_names"] == ["animal", "cat", "tree"]
    assert not cloud.renditions
    assert [change.key for change in cloud.started] == ["a.png"]
    assert any("ImagesHeld" in document for document in metrics.documents("stack"))


def test_below_the_limit() -> None:
    """What Rekognition is less sure of than the operator wants is published."""
    cloud = Moderated(a=PICTURE)
    cloud.flag(79.9)
    cloud.process(created("a.png"))
    assert cloud.entry["status"] == "done"


def test_what_was_not_asked_before_is_asked() -> None:
    """Where the operator wants to know more by now, what is known does not do."""
    cloud = Moderated("labels", a=PICTURE)
    cloud.process(created("a.png"))
    cloud.flag()
    cloud.rekognition.asked.clear()
    cloud.moderate("all")
    cloud.process(replace(created("a.png", "2"), kind="requested"))
    assert sorted(cloud.rekognition.asked) == ["faces", "labels", "moderation"]
    assert cloud.entry["status"] == "review"


@pytest.mark.parametrize(
    ("output", "status"),
    [(Png(), "review"), (Png(animation="first-frame"), "done"), (Jpeg(), "done")],
    ids=["animated", "its first frame", "still"],
)
def test_an_animation_is_not_seen_as_a_whole(output: Output, status: str) -> None:
    """Where more would be published than the frame that Rekognition is given, somebody looks."""
    cloud = Moderated(a=animated())
    recipe = Recipe([Rendition("small", output)])
    cloud.use(recipes=RecipeBook({"default": recipe}))
    cloud.process(created("a.png"))
    assert cloud.entry["status"] == status
    assert cloud.entry.get("review", {}).get("reasons") == ([] if status == "review" else None)


def test_what_an_older_version_left_goes() -> None:
    """A flagged picture takes the place of one that was published: that is not shown any more."""
    cloud = Moderated(a=PICTURE)
    cloud.process(created("a.png"))
    assert cloud.renditions
    cloud.put("a.png", encoded(quarters(200, 100), "PNG"))
    cloud.flag()
    cloud.process(created("a.png", "2"))
    assert cloud.entry["status"] == "review"
    assert not cloud.renditions


def test_a_review_that_could_not_begin_is_begun_by_the_next_delivery() -> None:
    """Between the entry and the workflow nothing is lost."""
    cloud = Moderated(a=PICTURE)
    cloud.flag()
    cloud.cannot_start = error("ServiceUnavailable", "StartExecution")
    with pytest.raises(type(cloud.cannot_start)):
        cloud.process(created("a.png"))
    assert not cloud.renditions
    cloud.cannot_start = None
    cloud.process(created("a.png"), number=2)
    assert cloud.entry["status"] == "review"
    assert len(cloud.started) == 1


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError", "AccessDenied"])
def test_what_may_pass_comes_again(code: str) -> None:
    """A picture is not published for want of an answer, and not lost either."""
    cloud = Moderated(a=PICTURE)
    cloud.rekognition.error = error(code, "DetectLabels")
    with pytest.raises(type(cloud.rekognition.error)):
        cloud.process(created("a.png"))
    assert cloud.entry["status"] == "processing"
    assert not cloud.renditions
    cloud.rekognition.error = None
    cloud.process(created("a.png"), number=2)
    assert cloud.entry["status"] == "done"


@pytest.mark.parametrize(("analyze", "status"), [("all", "review"), ("labels", "done")])
def test_what_rekognition_cannot_read(analyze: str, status: str) -> None:
    """It is reviewed, for no reason that has a name, where anything is reviewed at all."""
    cloud = Moderated(analyze, a=PICTURE)
    cloud.rekognition.error = error("InvalidImageFormatException", "DetectLabels")
    cloud.process(created("a.png"))
    assert cloud.entry["status"] == status
    assert "label_names" not in cloud.entry
    if status == "review":
        assert cloud.entry["review"]["reasons"] == []


def requested(sequencer: str) -> Change:
    """A request to make a picture anew."""
    return Change("requested", "a.png", "2026-05-01T12:00:00.000Z", sequencer, recipe="other")


def test_the_same_picture_is_asked_about_once() -> None:
    """A request makes use of what is known; a new picture is looked at anew."""
    cloud = Moderated(a=PICTURE)
    cloud.process(created("a.png"))
    cloud.process(requested("2"))
    assert len(cloud.rekognition.asked) == 3
    assert cloud.entry["label_names"] == ["animal", "cat", "tree"]
    assert cloud.entry["analysis"]["faces"]
    cloud.put("a.png", encoded(quarters(200, 100), "PNG"))
    cloud.process(created("a.png", "3"))
    assert len(cloud.rekognition.asked) == 6


def test_an_approved_picture_stays_approved() -> None:
    """Who has let it pass is not asked again about the same picture, but about another."""
    cloud = Moderated(a=PICTURE)
    cloud.flag()
    cloud.process(created("a.png"))
    review = {**cloud.entry["review"], "decision": "approve", "by": "api"}
    cloud.dynamodb.items["a.png"] |= {"status": "done", "review": review}
    cloud.dynamodb.items["a.png"].pop("retry")
    cloud.process(requested("2"))
    assert cloud.entry["status"] == "done"
    assert cloud.entry["review"] == review
    cloud.put("a.png", encoded(quarters(200, 100), "PNG"))
    cloud.process(created("a.png", "3"))
    assert cloud.entry["status"] == "review"
    assert "decision" not in cloud.entry["review"]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((3000, 1500), (LONG_EDGE, 640)),
        ((300, 200), (300, 200)),
        ((40, 30), (SHORT_EDGE, SHORT_EDGE)),
        ((4000, 20), (LONG_EDGE, SHORT_EDGE)),
    ],
)
def test_the_copy(size: tuple[int, int], expected: tuple[int, int]) -> None:
    """No larger than there is use for, no smaller than Rekognition takes."""
    source = open_source(encoded(quarters(*size), "PNG"))
    with Image.open(BytesIO(preview(source, Limits()))) as copy:
        assert (copy.format, copy.size) == ("JPEG", expected)


def test_the_copy_is_upright_and_bare() -> None:
    """As a person sees it; where it was taken is nobody's business."""
    stored = photographed(quarters(200, 100), 6, "JPEG")
    with Image.open(BytesIO(preview(open_source(stored), Limits()))) as copy:
        assert copy.size == (200, 100)
        assert not copy.getexif()
