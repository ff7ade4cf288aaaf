"""The way of one object, with S3 and the catalog played by memory."""

import hashlib
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from processor import pipeline as module
from processor import storage
from processor.catalog import Catalog
from processor.claims import Claims
from processor.dynamodb import deserialize, serialize
from processor.errors import OutOfTimeError
from processor.events import Change, MalformedMessageError
from processor.images import ImageError, Limits, Marks, Recipe, Rendered, Rendition, load_recipes
from processor.images.recipe import Png, Resize, Watermark
from processor.pipeline import Delivery, Pipeline
from processor.room import Room
from processor.settings import Settings
from processor.storage import read_mark

from .clouds import FakeDynamoDB, FakeS3, NoGuard, Stored, error
from .images.pictures import decoded, encoded, quarters


class Refusing(NoGuard):
    """Lets calls of these operations fail."""

    def __init__(self, *operations: str, code: str = "SlowDown") -> None:
        self.operations, self.code = operations, code

    def before(self, operation: str) -> None:
        """Refuse."""
        if operation in self.operations:
            raise error(self.code, operation)


class Cloud:
    """A pipeline, and the memory that it works on."""

    def __init__(
        self,
        originals: dict[str, bytes] | None = None,
        recipes: dict[str, Recipe] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.s3, self.dynamodb = FakeS3(), FakeDynamoDB()
        for key, data in (originals or {}).items():
            self.put(key, data)
        self.pipeline = Pipeline(
            settings=Settings("raw", "processed", "table", "queue", "1769"),
            s3=self.s3,  # type: ignore[arg-type]
            claims=Claims(Catalog(self.dynamodb, "table")),  # type: ignore[arg-type]
            recipes=recipes or load_recipes(),
            marks=Marks(partial(read_mark, self.s3, {"raw": "raw", "processed": "processed"})),  # type: ignore[arg-type]
            limits=limits or Limits(),
            room=Room(1, 600 << 20),
            senders=ThreadPoolExecutor(3),
        )

    def put(self, key: str, data: bytes, **metadata: str) -> None:
        """Put an original into the raw bucket."""
        self.s3.objects["raw", key] = Stored(data, metadata)

    def process(self, change: Change, number: int = 1, seconds: float = 60) -> None:
        """One delivery of the message that tells of a change."""
        delivery = Delivery("message", number, is_last=number == 3, remaining=lambda: seconds)
        claim = self.pipeline.claim(change, delivery)
        if claim:
            self.pipeline.complete(claim, delivery)

    @property
    def entries(self) -> dict[str, dict[str, Any]]:
        """The catalog."""
        return self.dynamodb.items

    @property
    def renditions(self) -> dict[str, Stored]:
        """The processed bucket."""
        return self.s3.in_bucket("processed")


def created(key: str, sequencer: str = "1") -> Change:
    """A change."""
    return Change("created", key, "2026-05-01T12:00:00.000Z", sequencer, 1, "etag")


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
        "fetch", "wait", "decode", "render", "store", "since_upload",
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
    assert "There are: default, tiny." in entry["error"]["message"]
    assert not cloud.renditions


@pytest.mark.parametrize("image", ["logo.png", "processed:marks/logo.png", "raw:logo.png"])
def test_an_image_watermark(image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mark comes from beside the recipes, or from one of the buckets."""
    logo = encoded(Image.new("RGB", (12, 8), "red"), "PNG")
    bucket, colon, key = image.rpartition(":")
    if not colon:
        monkeypatch.setattr(storage, "ASSETS", tmp_path)
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
    monkeypatch.setattr(storage, "ASSETS", tmp_path / "assets")
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

    cloud.s3.get_object = throttled  # type: ignore[method-assign]
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


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "empty"), (b"text", "unsupported-format"), (b"\xff\xd8\xff\xe0", "corrupt")],
)
def test_what_is_no_picture_ends_as_failed(data: bytes, code: str) -> None:
    """A file that cannot be processed is recorded with its reason, and raises nothing."""
    cloud = Cloud({"bad.jpg": data})
    cloud.process(created("bad.jpg"))
    entry = cloud.entries["bad.jpg"]
    assert entry["status"] == "failed"
    assert entry["error"]["code"] == code
    assert entry["error"]["message"]


def test_a_missing_original_ends_as_failed() -> None:
    """An original that was removed meanwhile is a reason of its own."""
    cloud = Cloud()
    cloud.process(created("gone.jpg"))
    assert cloud.entries["gone.jpg"]["error"]["code"] == "missing-original"


def test_a_forbidden_original_ends_as_failed(sample: Callable[[str], bytes]) -> None:
    """Trying again would change nothing: the reason says what would."""
    cloud = Cloud({"a.jpg": sample("flower.jpg")})
    cloud.s3.guard = Refusing("GetObject", code="AccessDenied")
    cloud.process(created("a.jpg"))
    assert cloud.entries["a.jpg"]["error"]["code"] == "forbidden"


def test_a_file_over_the_limit_is_not_read() -> None:
    """The size is known before the body is read."""
    cloud = Cloud({"big.jpg": b"x" * 100}, limits=Limits(max_bytes=99))
    cloud.process(created("big.jpg"))
    assert cloud.entries["big.jpg"]["error"]["code"] == "too-many-bytes"


def test_a_key_without_room_for_its_renditions_ends_as_failed(
    sample: Callable[[str], bytes],
) -> None:
    """S3 allows 1024 bytes for a key; an original that uses them all can have no renditions."""
    key = "k" * 1020 + ".jpg"
    cloud = Cloud({key: sample("flower.jpg")})
    cloud.process(created(key))
    assert cloud.entries[key]["error"]["code"] == "key-too-long"
    assert not cloud.renditions


@pytest.fixture
def tiny() -> Cloud:
    """Give a pipeline with a small picture, and a recipe of one rendition for it."""
    recipe = Recipe([Rendition("small", Png())])
    return Cloud({"a.png": encoded(quarters(), "PNG")}, {"default": recipe, "other": recipe})


def test_the_entry_tells_of_the_file_that_was_read(tiny: Cloud) -> None:
    """A newer file may be in the bucket than the event speaks of."""
    tiny.process(created("a.png"))
    entry, original = tiny.entries["a.png"], tiny.s3.objects["raw", "a.png"]
    assert (entry["size"], entry["etag"]) == (len(original.data), original.etag.strip('"'))


def test_a_removed_original(tiny: Cloud) -> None:
    """Its renditions go with it, and the entry says so."""
    tiny.process(created("a.png"))
    assert len(tiny.renditions) == 1
    del tiny.s3.objects["raw", "a.png"]
    tiny.process(Change("removed", "a.png", "2026-05-01T12:00:00.000Z", "2"))
    assert tiny.entries["a.png"]["status"] == "deleted"
    assert not tiny.renditions


def test_a_removal_that_leaves_an_original(tiny: Cloud) -> None:
    """Where buckets keep versions an older one may come back: what is there now counts."""
    tiny.process(created("a.png"))
    tiny.process(Change("removed", "a.png", "2026-05-01T12:00:00.000Z", "2"))
    assert tiny.entries["a.png"]["status"] == "done"
    assert len(tiny.renditions) == 1


def test_a_newer_version_that_fails(tiny: Cloud) -> None:
    """The renditions of the older one do not stay."""
    tiny.process(created("a.png"))
    tiny.put("a.png", b"text")
    tiny.process(created("a.png", "2"))
    assert tiny.entries["a.png"]["status"] == "failed"
    assert not tiny.renditions


def test_a_request_names_its_recipe(tiny: Cloud) -> None:
    """It is taken instead of the original's own, and the time since the upload means nothing."""
    tiny.process(created("a.png"))
    tiny.process(Change("requested", "a.png", "2026-05-01T12:00:00.000Z", "1.1", recipe="other"))
    assert tiny.entries["a.png"]["recipe"] == "other"
    assert "since_upload" not in tiny.entries["a.png"]["timings"]


def test_a_request_for_an_unknown_recipe(tiny: Cloud) -> None:
    """The outcome that there is stays as it is."""
    tiny.process(created("a.png"))
    before = dict(tiny.entries["a.png"])
    with pytest.raises(MalformedMessageError, match="There are: default, other"):
        tiny.process(Change("requested", "a.png", "t", "1.1", recipe="nosuch"))
    assert tiny.entries["a.png"] == before


def test_a_duplicate_does_nothing(tiny: Cloud) -> None:
    """Nothing but the catalog is even asked."""
    tiny.process(created("a.png"))
    before = dict(tiny.entries["a.png"])
    tiny.s3.guard = Refusing("GetObject", "PutObject", "HeadObject", "ListObjectsV2")
    tiny.process(created("a.png"))
    assert tiny.entries["a.png"] == before


def test_an_error_that_may_pass(tiny: Cloud) -> None:
    """Throttling is not the picture's fault: the message has to come again, and succeeds then."""
    tiny.s3.guard = Refusing("PutObject")
    with pytest.raises(ClientError):
        tiny.process(created("a.png"))
    entry = tiny.entries["a.png"]
    assert entry["status"] == "processing"
    assert entry["retry"]["code"] == "ClientError"
    assert "SlowDown" in entry["retry"]["message"]
    tiny.s3.guard = NoGuard()
    tiny.process(created("a.png"), number=2)
    assert tiny.entries["a.png"]["status"] == "done"
    assert "retry" not in tiny.entries["a.png"]


def test_an_error_that_does_not_pass(tiny: Cloud) -> None:
    """After the last delivery the entry says why; a redriven message is tried anew."""
    tiny.s3.guard = Refusing("GetObject")
    for number in (1, 2, 3):
        with pytest.raises(ClientError):
            tiny.process(created("a.png"), number=number)
    entry = tiny.entries["a.png"]
    assert (entry["status"], entry["error"]["code"]) == ("failed", "gave-up")
    assert "SlowDown" in entry["error"]["message"]
    assert "darkroom redrive" in entry["error"]["message"]
    tiny.s3.guard = NoGuard()
    tiny.process(created("a.png"))
    assert tiny.entries["a.png"]["status"] == "done"
    assert "error" not in tiny.entries["a.png"]


def test_giving_up_leaves_no_half_outcome() -> None:
    """What an attempt stored before it failed is removed when there is no other to come."""
    recipe = Recipe([Rendition("one", Png()), Rendition("two", Png())])
    cloud = Cloud({"a.png": encoded(quarters(), "PNG")}, {"default": recipe})
    write = cloud.s3.put_object

    def one_alone(**named: Any) -> None:
        if "two" in named["Key"]:
            raise error("SlowDown", "PutObject")
        write(**named)

    cloud.s3.put_object = one_alone  # type: ignore[method-assign]
    with pytest.raises(ClientError):
        cloud.process(created("a.png"), number=3)
    assert cloud.entries["a.png"]["status"] == "failed"
    assert not cloud.renditions


def test_a_picture_is_given_up_before_the_function_is_ended(
    tiny: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine gets the time that is left; that it was too little is not the picture's fault."""
    given: list[float] = []

    def slow(_data: bytes, _recipe: Recipe, limits: Limits, _marks: Marks) -> Rendered:
        given.append(limits.max_seconds)
        raise ImageError("too-slow", "It took too long.")

    monkeypatch.setattr(module, "render", slow)
    with pytest.raises(OutOfTimeError, match="after 10 s"):
        tiny.process(created("a.png"), seconds=12)
    assert tiny.entries["a.png"]["retry"]["code"] == "OutOfTimeError"
    tiny.process(created("a.png"), seconds=300)
    assert tiny.entries["a.png"]["error"]["code"] == "too-slow"
    assert given == [10, 45]


def test_memory_that_does_not_suffice(tiny: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """The claim is still held: the caller may try again at once, with less beside it."""

    def hungry(*_: object) -> Rendered:
        raise MemoryError

    monkeypatch.setattr(module, "render", hungry)
    with pytest.raises(MemoryError):
        tiny.process(created("a.png"))
    assert "lease" in tiny.entries["a.png"]
