"""The way of one object, with S3 and the catalog played by memory."""

import hashlib
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from processor.catalog.attributes import deserialize, serialize
from processor.errors import MalformedMessageError
from processor.images import Recipe, Rendition, load_recipes
from processor.images.recipe import Png, Resize, Watermark
from processor.storage import watermark_images
from tests.unit.processor.clouds import Stored, error
from tests.unit.processor.images.sample_images import (
    decoded,
    encoded,
    quarters,
)
from tests.unit.processor.pipeline.pipelines import Cloud, created


def test_a_picture_ends_as_done(sample: Callable[[str], bytes]) -> None:
    """The renditions are stored under guessable keys, and the entry tells of each."""
    cloud = Cloud({"flower.jpg": sample("flower.jpg")})
    cloud.process(created("flower.jpg"))
    entry = cloud.entries["flower.jpg"]
    assert entry["status"] == "done"
    assert (entry["format"], entry["width"], entry["height"]) == ("jpeg", 807, 1024)
    keys = {each["name"]: each["key"] for each in entry["renditions"]}
    assert keys == {
        "thumb": "processed/flower.jpg/thumb.webp",
        "preview": "processed/flower.jpg/preview.webp",
        "web": "processed/flower.jpg/web.jpg",
    }
    for each in entry["renditions"]:
        assert len(cloud.renditions[each["key"]].data) == each["bytes"]
        assert cloud.renditions[each["key"]].content_type == each["type"]
    assert set(entry["timings"]) == {
        "queue", "claim", "fetch", "inspect", "wait", "decode", "render", "store", "since_upload",
    }  # fmt: skip
    assert (entry["recipe"], entry["frames"]) == ("default", 1)


def test_the_analysis_is_in_the_entry(sample: Callable[[str], bytes]) -> None:
    """What was found in the picture is in the catalog, as plain data that DynamoDB can hold."""
    cloud = Cloud({"flower.jpg": sample("flower.jpg")})
    cloud.process(created("flower.jpg"))
    analysis = cloud.entries["flower.jpg"]["analysis"]
    assert analysis["sha256"] == hashlib.sha256(sample("flower.jpg")).hexdigest()
    assert analysis["dominant"] == analysis["palette"][0]
    assert isinstance(analysis["sharpness"], float)
    assert deserialize(serialize({"analysis": analysis})) == {"analysis": analysis}


def test_the_recipe_that_the_uploader_named() -> None:
    """An original says in its metadata which recipe it wants; the entry tells which it got."""
    small = Rendition("small", Png(), resize=Resize(width=12))
    recipes = {**load_recipes(), "tiny": Recipe([small], analysis=False)}
    cloud = Cloud(recipes=recipes)
    cloud.put("a.png", encoded(quarters(), "PNG"), recipe="tiny")
    cloud.process(created("a.png"))
    entry = cloud.entries["a.png"]
    assert entry["recipe"] == "tiny"
    assert [each["key"] for each in entry["renditions"]] == ["processed/a.png/small.png"]
    assert entry["renditions"][0]["width"] == 12
    assert entry["analysis"] is None


def test_a_request_brings_a_recipe_of_its_own() -> None:
    """A recipe that is written out in a request is used, and kept in the entry."""
    cloud = Cloud({"a.png": encoded(quarters(), "PNG")})
    cloud.process(created("a.png"))
    own = '{"renditions": [{"name": "own", "resize": {"width": 7}, "output": {"format": "png"}}]}'
    cloud.process(replace(created("a.png"), kind="requested", sequencer="9" * 32, recipe=own))
    entry = cloud.entries["a.png"]
    assert (entry["status"], entry["recipe"]) == ("done", own)
    assert [(each["name"], each["width"]) for each in entry["renditions"]] == [("own", 7)]


def test_a_request_brings_a_recipe_that_is_wrong() -> None:
    """The message is refused with the engine's own words, and the outcome stays as it was."""
    cloud = Cloud({"a.png": encoded(quarters(), "PNG")})
    cloud.process(created("a.png"))
    before = dict(cloud.entries["a.png"])
    request = replace(created("a.png"), kind="requested", sequencer="9" * 32, recipe='{"no": 1}')
    with pytest.raises(MalformedMessageError, match="unknown field `no`"):
        cloud.process(request)
    assert cloud.entries["a.png"] == before


@pytest.mark.parametrize("name", ["", "Default", "nonsense", "../default", "\n"])
def test_a_recipe_that_there_is_not(name: str) -> None:
    """The entry says which recipes there are; nothing is made of the picture."""
    recipe = Recipe([Rendition("small", Png())])
    recipes = {"tiny": recipe, "default": recipe}
    cloud = Cloud(recipes=recipes)
    cloud.put("a.png", encoded(quarters(), "PNG"), recipe=name)
    cloud.process(created("a.png"))
    entry = cloud.entries["a.png"]
    if not name:
        assert (entry["status"], entry["recipe"]) == ("done", "default")
        return
    assert (entry["status"], entry["error"]["code"]) == ("failed", "unknown-recipe")
    assert f"There is no recipe {name!r}." in entry["error"]["message"]
    assert "The recipes are: default, tiny." in entry["error"]["message"]
    assert not cloud.renditions


@pytest.mark.parametrize(
    "image", ["logo.png", "processed:watermark_images/logo.png", "raw:logo.png", "site:logo.png"]
)
def test_an_image_watermark(image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mark comes from beside the recipes, or from one of the buckets."""
    logo = encoded(Image.new("RGB", (12, 8), "red"), "PNG")
    bucket, colon, key = image.rpartition(":")
    if not colon:
        monkeypatch.setattr(watermark_images, "ASSETS", tmp_path)
        (tmp_path / image).write_bytes(logo)
    mark = Watermark(image=image, scale=0.5, opacity=1, margin=0, position="top-left")
    recipe = Recipe([Rendition("marked", Png(), watermark=mark)])
    cloud = Cloud({"a.png": encoded(Image.new("RGB", (120, 80)), "PNG")}, {"default": recipe})
    if colon:
        cloud.s3.objects[bucket, key] = Stored(logo)
    cloud.process(created("a.png"))
    assert cloud.entries["a.png"]["status"] == "done"
    marked = decoded(cloud.renditions["processed/a.png/marked.png"].data).convert("RGB")
    assert marked.crop((0, 0, 60, 40)).getcolors() == [(2400, (255, 0, 0))]
    assert marked.getpixel((61, 41)) == (0, 0, 0)


@pytest.mark.parametrize(
    "image",
    ["logo.png", "../recipes.json", "/etc/passwd", "processed:gone.png", "secret:logo.png", ":a"],
)
def test_a_watermark_that_there_is_not(
    image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recipe whose mark cannot be read fails for good, and says which mark it was."""
    monkeypatch.setattr(watermark_images, "ASSETS", tmp_path / "assets")
    (tmp_path / "assets").mkdir()
    (tmp_path / "recipes.json").write_bytes(encoded(quarters(), "PNG"))
    recipe = Recipe([Rendition("marked", Png(), watermark=Watermark(image=image))])
    cloud = Cloud({"a.png": encoded(quarters(), "PNG")}, {"default": recipe})
    cloud.process(created("a.png"))
    error = cloud.entries["a.png"]["error"]
    assert error["code"] == "missing-watermark"
    assert repr(image) in error["message"]
    assert not cloud.renditions


def test_a_watermark_that_may_come_later() -> None:
    """Throttling while a mark is read is not the recipe's fault: the message comes again."""
    recipe = Recipe([Rendition("marked", Png(), watermark=Watermark(image="processed:logo.png"))])
    cloud = Cloud({"a.png": encoded(quarters(), "PNG")}, {"default": recipe})
    answer = cloud.s3.get_object

    def throttled(Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        if Bucket == "processed":
            raise error("SlowDown")
        return answer(Bucket, Key)

    cloud.s3.get_object = throttled  # type: ignore[method-assign, assignment]
    with pytest.raises(ClientError):
        cloud.process(created("a.png"))
    assert cloud.entries["a.png"]["status"] == "processing"


def test_densities_are_stored_under_their_names() -> None:
    """A rendition for sharper screens has a key of its own."""
    recipe = Recipe([Rendition("a", Png(), densities=(1, 2), resize=Resize(width=30))])
    cloud = Cloud({"a.png": encoded(quarters(), "PNG")}, {"default": recipe})
    cloud.process(created("a.png"))
    entry = cloud.entries["a.png"]
    assert [(each["name"], each["key"], each["width"]) for each in entry["renditions"]] == [
        ("a", "processed/a.png/a.png", 30),
        ("a@2x", "processed/a.png/a@2x.png", 60),
    ]


def test_hostile_numbers_do_not_keep_a_picture_from_the_catalog() -> None:
    """A file may claim any number in its EXIF; its entry is written all the same."""
    exif = Image.Exif()
    camera = struct.pack("<HHHIII", 1, 0x829A, 12, 1, 44, 0) + struct.pack("<d", 1e300)
    exif.load(b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x8769, 4, 1, 26, 0) + camera)
    assert exif.get_ifd(0x8769)[0x829A] == 1e300
    data = encoded(quarters(), "JPEG", exif=exif)
    cloud = Cloud({"a.jpg": data})
    cloud.process(created("a.jpg"))
    serialize(cloud.entries["a.jpg"])
