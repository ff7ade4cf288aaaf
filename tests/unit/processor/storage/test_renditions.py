"""How renditions are written and removed."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from processor.catalog.entries import (
    Entry,
    FailedRequest,
    RenditionEntry,
)
from processor.errors import PermanentError, SupersededError
from processor.images import Encoded
from processor.storage.renditions import (
    CACHE_CONTROL,
    ContentionError,
    Renditions,
    rendition_key,
)
from tests.unit.processor.clouds import (
    FakeS3,
    NoGuard,
    Stored,
    error,
)

KEY = "processed/a/thumb.webp"


def encoded(data: bytes = b"new") -> Encoded:
    """A rendition."""
    return Encoded("thumb", data, "webp", "image/webp", 1, 1, 0)


def act(renditions: Renditions, operation: str) -> None:
    """Do something that makes this call."""
    if operation in ("PutObject", "HeadObject"):
        renditions.write(KEY, "5", encoded(), is_first=False)
    else:
        renditions.sweep("a", "5")


def entry(*keys: str) -> Entry:
    """An entry of change 5 that names these renditions, with the bytes that ``store`` stores."""
    renditions: list[RenditionEntry] = [
        {
            "name": key.rpartition("/")[2].partition(".")[0],
            "key": key,
            "width": 1,
            "height": 1,
            "bytes": 3,
            "type": "image/webp",
            "ms": 0,
            "etag": Stored(b"old").etag.strip('"'),
        }
        for key in keys
    ]
    return {"sequencer": "5", "renditions": renditions}


class Meddler(NoGuard):
    """Does something before some calls, as another function would."""

    def __init__(self, operation: str, meddle: Callable[[], None], times: int = 1) -> None:
        self._operation, self._meddle, self._times = operation, meddle, times

    def before(self, operation: str) -> None:
        """Meddle with the first calls of the operation."""
        if operation == self._operation and self._times:
            self._times -= 1
            self._meddle()


@pytest.fixture
def s3() -> FakeS3:
    """Give an empty S3."""
    return FakeS3()


@pytest.fixture
def renditions(s3: FakeS3) -> Renditions:
    """Give the renditions in a bucket of it."""
    return Renditions(s3, "processed")  # type: ignore[arg-type]


def store(s3: FakeS3, key: str, sequencer: str, data: bytes = b"old") -> None:
    """Put an object as an attempt for that change would have."""
    s3.objects["processed", key] = Stored(data, {"sequencer": sequencer})


def test_keys_can_be_guessed() -> None:
    """The original's key with its extension, then the rendition's name and its own."""
    assert rendition_key("holiday/a.jpg", "thumb", "webp") == "processed/holiday/a.jpg/thumb.webp"
    assert len(rendition_key("k" * 1004, "b", "jpeg").encode()) == 1024 - 3
    with pytest.raises(PermanentError, match="shorter key"):
        rendition_key("é" * 505, "b", "jpg")


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("there", [None, "", "3", "5"])
def test_writes(s3: FakeS3, renditions: Renditions, there: str | None, *, is_first: bool) -> None:
    """What is missing, older, or our own from an earlier attempt, is written."""
    if there is not None:
        store(s3, KEY, there)
    renditions.write(KEY, "5", encoded(), is_first=is_first)
    written = s3.objects["processed", KEY]
    assert (written.data, written.metadata) == (
        b"new",
        {"sequencer": "5", "measures": "1 1 0"},
    )
    assert (written.content_type, written.cache_control) == ("image/webp", CACHE_CONTROL)


@pytest.mark.parametrize("is_first", [True, False])
def test_never_replaces_what_is_newer(
    s3: FakeS3, renditions: Renditions, *, is_first: bool
) -> None:
    """A rendition of a newer original stays."""
    store(s3, KEY, "6")
    with pytest.raises(SupersededError):
        renditions.write(KEY, "5", encoded(), is_first=is_first)
    assert s3.objects["processed", KEY].data == b"old"


@pytest.mark.parametrize("before", [None, "3"])
def test_something_newer_comes_between(
    s3: FakeS3, renditions: Renditions, before: str | None
) -> None:
    """What is written after we looked makes our own write fail."""
    if before:
        store(s3, KEY, before, b"older")
    s3.guard = Meddler("PutObject", lambda: store(s3, KEY, "6"))
    with pytest.raises(SupersededError):
        renditions.write(KEY, "5", encoded(), is_first=False)
    assert s3.objects["processed", KEY].data == b"old"


def test_something_is_removed_between(s3: FakeS3, renditions: Renditions) -> None:
    """What was removed after we looked is written all the same."""
    store(s3, KEY, "3")
    s3.guard = Meddler("PutObject", s3.objects.clear)
    renditions.write(KEY, "5", encoded(), is_first=False)
    assert s3.objects["processed", KEY].data == b"new"


@pytest.mark.parametrize("operation", ["PutObject", "DeleteObject"])
def test_gives_up_on_what_never_rests(s3: FakeS3, renditions: Renditions, operation: str) -> None:
    """A later attempt may have more luck."""
    count = iter(range(100))
    store(s3, KEY, "3")
    s3.guard = Meddler(operation, lambda: store(s3, KEY, "3", bytes([next(count)])), times=100)
    with pytest.raises(ContentionError, match="kept changing"):
        act(renditions, operation)


def test_sweeps_what_is_not_kept(s3: FakeS3, renditions: Renditions) -> None:
    """The renditions of one original go, but for those that are to stay; no other's do."""
    ours = ("thumb.webp", "web.jpg", "web@2x.jpg")
    others = ("processed/a/b/thumb.webp", "processed/ab/thumb.webp", "elsewhere/a/thumb.webp")
    for name in ours:
        store(s3, f"processed/a/{name}", "3")
    for key in others:
        store(s3, key, "3")
    assert renditions.sweep("a", "5", {"processed/a/web.jpg"}) == 2
    assert set(s3.in_bucket("processed")) == {"processed/a/web.jpg", *others}


@pytest.mark.parametrize("when", ["before", "after we looked"])
def test_never_sweeps_what_is_newer(s3: FakeS3, renditions: Renditions, when: str) -> None:
    """A rendition of a newer original stays."""
    store(s3, KEY, "3", b"older")
    if when == "before":
        store(s3, KEY, "6")
    else:
        s3.guard = Meddler("DeleteObject", lambda: store(s3, KEY, "6"))
    with pytest.raises(SupersededError):
        renditions.sweep("a", "5")
    assert s3.objects["processed", KEY].data == b"old"


def test_sweeps_what_is_gone_already(s3: FakeS3, renditions: Renditions) -> None:
    """Somebody else may have been quicker."""
    store(s3, KEY, "3")
    s3.guard = Meddler("HeadObject", s3.objects.clear)
    assert renditions.sweep("a", "5") == 1
    store(s3, KEY, "3")
    s3.guard = Meddler("DeleteObject", s3.objects.clear)
    renditions.sweep("a", "5")
    assert not s3.objects


def test_are_of_a_change(s3: FakeS3, renditions: Renditions) -> None:
    """All have to be stored, and to carry the change's sequencer."""
    web, gone = "processed/a/web.jpg", "processed/a/gone.jpg"
    store(s3, KEY, "5")
    store(s3, web, "4")
    assert renditions.match(entry())
    assert renditions.match(entry(KEY))
    assert not renditions.match(entry(KEY, web))
    assert not renditions.match(entry(KEY, gone))


def test_after_a_failed_request_the_bytes_count(s3: FakeS3, renditions: Renditions) -> None:
    """What is published was made for an older change than the entry's."""
    failed: FailedRequest = {"code": "c", "message": "m", "time": "t"}
    store(s3, KEY, "3")
    assert renditions.match({**entry(KEY), "failed_request": failed})
    store(s3, KEY, "4", b"other")
    assert not renditions.match({**entry(KEY), "failed_request": failed})
    s3.objects.clear()
    assert not renditions.match({**entry(KEY), "failed_request": failed})


def test_what_is_published_is_retained(s3: FakeS3, renditions: Renditions) -> None:
    """What a failed attempt has stored beside it is removed; nothing that is newer is."""
    web = "processed/a/web.webp"
    store(s3, KEY, "3")
    renditions.write(web, "5", encoded(), is_first=True)
    published = entry(KEY)["renditions"]
    assert renditions.retain("a", "5", published) == published
    assert list(s3.in_bucket("processed")) == [KEY]
    store(s3, web, "6")
    with pytest.raises(SupersededError):
        renditions.retain("a", "5", published)


def test_what_a_failed_attempt_has_replaced_is_told_as_it_is(
    s3: FakeS3, renditions: Renditions
) -> None:
    """Dimensions, bytes and ETag are those of the object that is stored."""
    web = "processed/a/web.webp"
    store(s3, web, "3")
    renditions.write(
        KEY, "5", Encoded("thumb", b"newer", "webp", "image/webp", 30, 20, 7), is_first=True
    )
    thumb, other = renditions.retain("a", "5", entry(KEY, web)["renditions"])
    assert thumb == {
        "name": "thumb",
        "key": KEY,
        "width": 30,
        "height": 20,
        "bytes": 5,
        "type": "image/webp",
        "ms": 7,
        "etag": Stored(b"newer").etag.strip('"'),
    }
    assert other == entry(web)["renditions"][0]


def test_a_whole_set_is_kept_where_the_older_one_is_not(s3: FakeS3, renditions: Renditions) -> None:
    """The older ones are removed after all of the new are stored: those are all that there is."""
    web = "processed/a/web.webp"
    renditions.write(web, "5", encoded(), is_first=True)
    (kept,) = renditions.retain("a", "5", entry(KEY)["renditions"])
    assert (kept["name"], kept["key"]) == ("web", web)
    assert list(s3.in_bucket("processed")) == [web]


@pytest.mark.parametrize("operation", ["PutObject", "HeadObject", "DeleteObject", "ListObjectsV2"])
def test_other_errors_pass_through(s3: FakeS3, renditions: Renditions, operation: str) -> None:
    """Throttling and the like are for the caller to judge."""

    def refuse() -> None:
        raise error("SlowDown", operation)

    store(s3, KEY, "3")
    s3.guard = Meddler(operation, refuse)
    with pytest.raises(ClientError, match="SlowDown"):
        act(renditions, operation)
