"""Edited focal points: what is rendered again, and what stays as it is."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from processor.catalog.metadata import Edit, FocalPoint, save
from processor.change import Change
from processor.images import Recipe, Rendition, render
from processor.images.recipe import Png, Resize
from processor.pipeline import process
from processor.sqs.refocus import refocused
from tests.unit.processor.pipeline.pipelines import Cloud, created

KEY = "a.png"
RECIPES = {
    "default": Recipe(
        [
            Rendition("whole", Png(), resize=Resize(width=40)),
            Rendition("square", Png(), resize=Resize(width=20, height=20, fit="cover")),
            Rendition(
                "edge", Png(), resize=Resize(width=20, height=20, fit="cover", gravity="left")
            ),
        ]
    )
}


@pytest.fixture
def cloud() -> Cloud:
    """Return a pipeline that has rendered an image, blue on its left and red on its right."""
    image = Image.new("RGB", (80, 40), "blue")
    image.paste("red", (40, 0, 80, 40))
    file = BytesIO()
    image.save(file, "png")
    cloud = Cloud({KEY: file.getvalue()}, RECIPES)
    cloud.process(created(KEY))
    return cloud


def focus(cloud: Cloud, x: float) -> None:
    """Set the focal point, and process the message about it."""
    catalog = cloud.pipeline.claims.catalog
    entry = catalog.get(KEY)
    assert entry
    save(catalog, entry, Edit(focal_point=FocalPoint(x, 0.5)), None)
    cloud.process(refocused(KEY, entry["timestamp"]))


def test_only_what_follows_it_is_rendered_again(cloud: Cloud) -> None:
    """The others keep their bytes, and belong to the new version."""
    before = dict(cloud.renditions)
    assert _is_red(cloud, "square", 0) is False
    focus(cloud, 0.9)
    entry, after = cloud.entries[KEY], cloud.renditions
    assert _is_red(cloud, "square", 0) is True
    for name in ("whole", "edge"):
        target = f"processed/{KEY}/{name}.png"
        assert (after[target].data, after[target].content_type) == (
            before[target].data,
            "image/png",
        )
    assert {each.sequencer for each in after.values()} == {entry["sequencer"]}
    assert [each["name"] for each in entry["renditions"]] == ["whole", "square", "edge"]
    assert entry["rendered_focal_point"] == {"x": 0.9, "y": 0.5}
    assert "palette" in entry["analysis"]


def test_the_engine_sees_only_what_crops(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stored is not encoded again."""
    asked: list[Any] = []

    def watched(*given: Any, **named: Any) -> Any:
        asked.append(named["only"])
        return render(*given, **named)

    monkeypatch.setattr(process, "render", watched)
    focus(cloud, 0.9)
    assert asked == [{"square"}]


def test_a_missing_rendition_is_rendered_too(cloud: Cloud) -> None:
    """What is not stored as the entry says cannot stay as it is."""
    del cloud.s3.objects["processed", f"processed/{KEY}/whole.png"]
    focus(cloud, 0.9)
    assert len(cloud.renditions) == 3
    assert cloud.entries[KEY]["rendered_focal_point"] == {"x": 0.9, "y": 0.5}


def test_a_repeated_message_does_nothing(cloud: Cloud) -> None:
    """The renditions follow already."""
    focus(cloud, 0.9)
    before = dict(cloud.entries[KEY])
    cloud.process(refocused(KEY, before["timestamp"]))
    assert cloud.entries[KEY] == before


def test_it_survives_all_that_happens(cloud: Cloud) -> None:
    """A request with another recipe, a new original, and a failure keep the metadata."""
    focus(cloud, 0.9)
    catalog = cloud.pipeline.claims.catalog
    entry = catalog.get(KEY)
    assert entry
    save(catalog, entry, Edit(alt="A flag", tags=["Flag", "flag", "Sea"]), None)
    cloud.put(KEY, b"no image")
    cloud.process(created(KEY, "2"))
    assert cloud.entries[KEY]["status"] == "failed"
    cloud.process(Change("removed", KEY, "2026-05-01T12:00:00.000Z", "11"))
    entry = catalog.get(KEY)
    assert entry
    assert (entry["alt"], entry["tags"]) == ("A flag", ["Flag", "Sea"])
    assert entry["focal_point"] == {"x": 0.9, "y": 0.5}


def test_a_deleted_image_has_none(cloud: Cloud) -> None:
    """Without versions nothing can restore it."""
    focus(cloud, 0.9)
    cloud.s3.objects.pop(("raw", KEY))
    cloud.process(Change("removed", KEY, "2026-05-01T12:00:00.000Z", "2"))
    assert "focal_point" not in cloud.entries[KEY]
    assert "edit" not in cloud.entries[KEY]


def _is_red(cloud: Cloud, name: str, x: int) -> bool:
    data = cloud.renditions[f"processed/{KEY}/{name}.png"].data
    pixel = Image.open(BytesIO(data)).convert("RGB").getpixel((x, 10))
    assert isinstance(pixel, tuple)
    return pixel[0] > pixel[2]
