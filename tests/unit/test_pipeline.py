"""The way of one object, with S3 and the catalog played by memory."""

import hashlib
import io
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from processor import storage
from processor.catalog import SupersededError, _deserialize, _serialize
from processor.events import ObjectCreated
from processor.images import Limits, Marks, Recipe, Rendition, load_recipes
from processor.images.recipe import Png, Resize, Watermark
from processor.pipeline import Pipeline
from processor.settings import Settings
from processor.storage import read_mark

from .images.pictures import decoded, encoded, quarters


class FakeS3:
    """Holds objects by bucket and key; ``broken`` is raised by every read."""

    def __init__(self, **objects: bytes) -> None:
        self.objects = {("raw", name.replace("_", ".")): data for name, data in objects.items()}
        self.types: dict[str, str] = {}
        self.metadata: dict[str, str] = {}
        self.broken: Exception | None = None

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        """Answer as S3 does."""
        if self.broken:
            raise self.broken
        if (Bucket, Key) not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        data = self.objects[Bucket, Key]
        return {"Body": io.BytesIO(data), "ContentLength": len(data), "Metadata": self.metadata}

    def put_object(self, Bucket: str, Key: str, Body: bytes, **headers: str) -> None:  # noqa: N803
        """Keep the object."""
        self.objects[Bucket, Key] = Body
        self.types[Key] = headers["ContentType"]


class FakeCatalog:
    """Keeps what was written; ``taken`` plays a newer claim."""

    def __init__(self) -> None:
        self.entries: dict[str, dict[str, Any]] = {}
        self.taken = False

    def claim(self, event: ObjectCreated) -> bool:
        """Start an entry; say whether an attempt died."""
        if self.taken:
            raise SupersededError
        before = self.entries.get(event.key)
        self.entries[event.key] = {"status": "processing"}
        return before is not None and "retry" not in before

    def finish(self, event: ObjectCreated, **outcome: object) -> None:
        """Add the outcome."""
        self.entries[event.key] |= outcome


def created(key: str) -> ObjectCreated:
    """An event."""
    return ObjectCreated("raw", key, 1, "etag", "2026-05-01T12:00:00.000Z", "0" * 32)


def pipeline(
    s3: FakeS3,
    catalog: FakeCatalog,
    limits: Limits | None = None,
    recipes: dict[str, Recipe] | None = None,
) -> Pipeline:
    """A pipeline over the fakes."""
    return Pipeline(
        settings=Settings("raw", "processed", "table", "1769"),
        s3=s3,  # type: ignore[arg-type]
        catalog=catalog,  # type: ignore[arg-type]
        recipes=recipes or load_recipes(),
        marks=Marks(partial(read_mark, s3, {"raw": "raw", "processed": "processed"})),  # type: ignore[arg-type]
        limits=limits or Limits(),
    )


def test_a_picture_ends_as_done(sample: Callable[[str], bytes]) -> None:
    """The renditions are stored under guessable keys, and the entry tells of each."""
    s3, catalog = FakeS3(flower_jpg=sample("flower.jpg")), FakeCatalog()
    pipeline(s3, catalog).process(created("flower.jpg"))
    entry = catalog.entries["flower.jpg"]
    assert entry["status"] == "done"
    assert (entry["format"], entry["width"], entry["height"]) == ("jpeg", 807, 1024)
    keys = {each["name"]: each["key"] for each in entry["renditions"]}
    assert keys == {
        "thumb": "processed/flower.jpg/thumb.webp",
        "preview": "processed/flower.jpg/preview.webp",
        "web": "processed/flower.jpg/web.jpg",
    }
    for each in entry["renditions"]:
        assert len(s3.objects["processed", each["key"]]) == each["bytes"]
        assert s3.types[each["key"]] == each["type"]
    assert set(entry["timings"]) == {"fetch", "decode", "render", "store", "since_upload"}
    assert (entry["recipe"], entry["frames"]) == ("default", 1)


def test_the_analysis_is_in_the_entry(sample: Callable[[str], bytes]) -> None:
    """What was found in the picture is in the catalog, as plain data that DynamoDB can hold."""
    s3, catalog = FakeS3(flower_jpg=sample("flower.jpg")), FakeCatalog()
    pipeline(s3, catalog).process(created("flower.jpg"))
    analysis = catalog.entries["flower.jpg"]["analysis"]
    assert analysis["sha256"] == hashlib.sha256(sample("flower.jpg")).hexdigest()
    assert analysis["dominant"] == analysis["palette"][0]
    assert isinstance(analysis["sharpness"], float)
    assert _deserialize(_serialize({"analysis": analysis})) == {"analysis": analysis}


def test_the_recipe_that_the_uploader_named() -> None:
    """An original says in its metadata which recipe it wants; the entry tells which it got."""
    small = Rendition("small", Png(), resize=Resize(width=12))
    recipes = {**load_recipes(), "tiny": Recipe([small], analysis=False)}
    s3, catalog = FakeS3(a_png=encoded(quarters(), "PNG")), FakeCatalog()
    s3.metadata = {"recipe": "tiny"}
    pipeline(s3, catalog, recipes=recipes).process(created("a.png"))
    entry = catalog.entries["a.png"]
    assert entry["recipe"] == "tiny"
    assert [each["key"] for each in entry["renditions"]] == ["processed/a.png/small.png"]
    assert entry["renditions"][0]["width"] == 12
    assert entry["analysis"] is None


@pytest.mark.parametrize("name", ["", "Default", "nonsense", "../default", "\n"])
def test_a_recipe_that_there_is_not(name: str) -> None:
    """The entry says which recipes there are; nothing is made of the picture."""
    recipe = Recipe([Rendition("small", Png())])
    recipes = {"tiny": recipe, "default": recipe}
    s3, catalog = FakeS3(a_png=encoded(quarters(), "PNG")), FakeCatalog()
    s3.metadata = {"recipe": name}
    pipeline(s3, catalog, recipes=recipes).process(created("a.png"))
    entry = catalog.entries["a.png"]
    if not name:
        assert (entry["status"], entry["recipe"]) == ("done", "default")
        return
    assert (entry["status"], entry["error"]["code"]) == ("failed", "unknown-recipe")
    assert f"There is no recipe {name!r}." in entry["error"]["message"]
    assert "There are: default, tiny." in entry["error"]["message"]
    assert len(s3.objects) == 1


@pytest.mark.parametrize("image", ["logo.png", "processed:marks/logo.png", "raw:logo.png"])
def test_an_image_watermark(image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mark comes from beside the recipes, or from one of the buckets."""
    logo = encoded(Image.new("RGB", (12, 8), "red"), "PNG")
    s3, catalog = FakeS3(a_png=encoded(Image.new("RGB", (120, 80)), "PNG")), FakeCatalog()
    bucket, colon, key = image.rpartition(":")
    if colon:
        s3.objects[bucket, key] = logo
    else:
        monkeypatch.setattr(storage, "ASSETS", tmp_path)
        (tmp_path / image).write_bytes(logo)
    mark = Watermark(image=image, scale=0.5, opacity=1, margin=0, position="top-left")
    recipe = Recipe([Rendition("marked", Png(), watermark=mark)])
    pipeline(s3, catalog, recipes={"default": recipe}).process(created("a.png"))
    assert catalog.entries["a.png"]["status"] == "done"
    marked = decoded(s3.objects["processed", "processed/a.png/marked.png"]).convert("RGB")
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
    monkeypatch.setattr(storage, "ASSETS", tmp_path / "assets")
    (tmp_path / "assets").mkdir()
    (tmp_path / "recipes.json").write_bytes(encoded(quarters(), "PNG"))
    recipe = Recipe([Rendition("marked", Png(), watermark=Watermark(image=image))])
    s3, catalog = FakeS3(a_png=encoded(quarters(), "PNG")), FakeCatalog()
    pipeline(s3, catalog, recipes={"default": recipe}).process(created("a.png"))
    error = catalog.entries["a.png"]["error"]
    assert error["code"] == "missing-watermark"
    assert repr(image) in error["message"]
    assert len(s3.objects) == 1


def test_a_watermark_that_may_come_later() -> None:
    """Throttling while a mark is read is not the recipe's fault: the message comes again."""
    recipe = Recipe([Rendition("marked", Png(), watermark=Watermark(image="processed:logo.png"))])
    s3, catalog = FakeS3(a_png=encoded(quarters(), "PNG")), FakeCatalog()
    answer = s3.get_object

    def throttled(Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        if Bucket == "processed":
            raise ClientError({"Error": {"Code": "SlowDown"}}, "GetObject")
        return answer(Bucket, Key)

    s3.get_object = throttled  # type: ignore[method-assign]
    with pytest.raises(ClientError):
        pipeline(s3, catalog, recipes={"default": recipe}).process(created("a.png"))
    assert catalog.entries["a.png"]["status"] == "processing"


def test_densities_are_stored_under_their_names() -> None:
    """A rendition for sharper screens has a key of its own."""
    recipe = Recipe([Rendition("a", Png(), densities=(1, 2), resize=Resize(width=30))])
    s3, catalog = FakeS3(a_png=encoded(quarters(), "PNG")), FakeCatalog()
    pipeline(s3, catalog, recipes={"default": recipe}).process(created("a.png"))
    entry = catalog.entries["a.png"]
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
    s3, catalog = FakeS3(a_jpg=data), FakeCatalog()
    pipeline(s3, catalog).process(created("a.jpg"))
    _serialize(catalog.entries["a.jpg"])


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "empty"), (b"text", "unsupported-format"), (b"\xff\xd8\xff\xe0", "corrupt")],
)
def test_what_is_no_picture_ends_as_failed(data: bytes, code: str) -> None:
    """A file that cannot be processed is recorded with its reason, and raises nothing."""
    s3, catalog = FakeS3(bad_jpg=data), FakeCatalog()
    pipeline(s3, catalog).process(created("bad.jpg"))
    entry = catalog.entries["bad.jpg"]
    assert entry["status"] == "failed"
    assert entry["error"]["code"] == code
    assert entry["error"]["message"]


def test_a_missing_original_ends_as_failed() -> None:
    """An original that was removed meanwhile is a reason of its own."""
    catalog = FakeCatalog()
    pipeline(FakeS3(), catalog).process(created("gone.jpg"))
    assert catalog.entries["gone.jpg"]["error"]["code"] == "missing-original"


def test_a_file_over_the_limit_is_not_read() -> None:
    """The size is known before the body is read."""
    s3, catalog = FakeS3(big_jpg=b"x" * 100), FakeCatalog()
    pipeline(s3, catalog, Limits(max_bytes=99)).process(created("big.jpg"))
    assert catalog.entries["big.jpg"]["error"]["code"] == "too-many-bytes"


def test_a_key_without_room_for_its_renditions_ends_as_failed(
    sample: Callable[[str], bytes],
) -> None:
    """S3 allows 1024 bytes for a key; an original that uses them all can have no renditions."""
    key = "k" * 1020 + ".jpg"
    s3, catalog = FakeS3(), FakeCatalog()
    s3.objects["raw", key] = sample("flower.jpg")
    pipeline(s3, catalog).process(created(key))
    assert catalog.entries[key]["error"]["code"] == "key-too-long"


def test_a_superseded_event_does_nothing() -> None:
    """Nothing is read or written for an event that is out of date."""
    s3, catalog = FakeS3(flower_jpg=b"anything"), FakeCatalog()
    catalog.taken = True
    pipeline(s3, catalog).process(created("flower.jpg"))
    assert catalog.entries == {}
    assert len(s3.objects) == 1


def test_an_error_that_may_pass_is_raised() -> None:
    """Throttling is not the picture's fault: the message has to come again."""
    s3, catalog = FakeS3(), FakeCatalog()
    s3.broken = ClientError({"Error": {"Code": "SlowDown"}}, "GetObject")
    for _ in range(3):
        with pytest.raises(ClientError):
            pipeline(s3, catalog).process(created("flower.jpg"), is_last_attempt=True)
    entry = catalog.entries["flower.jpg"]
    assert entry["status"] == "processing"
    assert entry["retry"]["code"] == "ClientError"
    assert "SlowDown" in entry["retry"]["message"]


def test_a_picture_that_killed_its_function_is_not_tried_for_ever(
    sample: Callable[[str], bytes],
) -> None:
    """After attempts that ended without a word, the last one only records the failure."""
    s3, catalog = FakeS3(flower_jpg=sample("flower.jpg")), FakeCatalog()
    catalog.entries["flower.jpg"] = {"status": "processing"}
    pipeline(s3, catalog).process(created("flower.jpg"), is_last_attempt=True)
    assert catalog.entries["flower.jpg"]["status"] == "failed"
    assert catalog.entries["flower.jpg"]["error"]["code"] == "too-costly"
    catalog.entries["flower.jpg"] = {"status": "processing"}
    pipeline(s3, catalog).process(created("flower.jpg"))
    assert catalog.entries["flower.jpg"]["status"] == "done"
