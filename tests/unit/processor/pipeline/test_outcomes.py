"""How the work on an original ends: what fails for good, what comes again, what is removed."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from processor.change import UNKNOWN_SEQUENCER, Change
from processor.errors import MalformedMessageError, OutOfTimeError
from processor.images import ImageError, Limits, Recipe, Rendered, Rendition, WatermarkImages
from processor.images.recipe import Png
from processor.pipeline import process as module
from tests.unit.processor.clouds import NoGuard, Stored, error
from tests.unit.processor.images.sample_images import encoded, quarters
from tests.unit.processor.pipeline.pipelines import (
    Cloud,
    Refusing,
    created,
)


@pytest.fixture
def tiny() -> Cloud:
    """Give a pipeline with a small picture, and a recipe of one rendition for it."""
    recipe = Recipe([Rendition("small", Png())])
    return Cloud({"a.png": encoded(quarters(), "PNG")}, {"default": recipe, "other": recipe})


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


@pytest.mark.parametrize(
    ("code", "message", "expected", "advice"),
    [
        ("InvalidObjectState", "", "archived", "Restore the object"),
        ("InvalidRequest", "The object was stored using SSE", "forbidden", "SSE-C"),
        ("AccessDenied", "not authorized to perform: kms:Decrypt on", "forbidden", "kms:Decrypt"),
        ("KMS.DisabledException", "", "forbidden", "kms:Decrypt"),
        ("KMS.KMSInvalidStateException", "", "forbidden", "kms:Decrypt"),
        ("KMS.NotFoundException", "", "forbidden", "kms:Decrypt"),
    ],
)
def test_an_original_that_cannot_be_read(
    code: str, message: str, expected: str, advice: str, tiny: Cloud
) -> None:
    """A retry changes nothing: the error is recorded once, and says what to do."""
    tiny.s3.guard = Refusing("GetObject", code=code, message=message)
    tiny.process(created("a.png"))
    failure = tiny.entries["a.png"]["error"]
    assert failure["code"] == expected
    assert advice in failure["message"]


def test_a_permission_that_the_role_lacks(tiny: Cloud) -> None:
    """The deployment's fault is no failure of the image: the message is received again, and after
    the last receive the entry names the permission.
    """
    refusal = (
        "User: arn:aws:sts::111122223333:assumed-role/process/process is not authorized to perform:"
        ' s3:GetObject on resource: "arn:aws:s3:::raw/a.png" because no identity-based policy'
        " allows the s3:GetObject action"
    )
    tiny.s3.guard = Refusing("GetObject", code="AccessDenied", message=refusal)
    for number in (1, 2, 3):
        assert tiny.entries.get("a.png", {}).get("status", "processing") == "processing"
        with pytest.raises(ClientError):
            tiny.process(created("a.png"), number=number)
    assert tiny.entries["a.png"]["error"] == {
        "code": "gave-up",
        "message": "All 3 attempts failed: the stack lacks a permission, and the image is not at"
        f" fault. {refusal}. Add the permission, and deploy. The message is in the dead-letter"
        " queue. Run `darkroom redrive` to try again.",
    }
    tiny.s3.guard = NoGuard()
    tiny.process(created("a.png"))
    assert tiny.entries["a.png"]["status"] == "done"


def test_a_restored_original(tiny: Cloud) -> None:
    """The end of a restore is a request for an archived original, the same at each receive."""
    tiny.s3.guard = Refusing("GetObject", code="InvalidObjectState")
    tiny.process(created("a.png"))
    tiny.s3.guard = NoGuard()
    restored = Change("restored", "a.png", "2026-05-02T12:00:00.000Z", UNKNOWN_SEQUENCER)
    tiny.s3.guard = Refusing("PutObject")
    with pytest.raises(ClientError):
        tiny.process(restored)
    tiny.s3.guard = NoGuard()
    tiny.process(restored)
    entry = dict(tiny.entries["a.png"])
    assert entry["status"] == "done"
    tiny.process(restored)
    assert tiny.entries["a.png"] == entry


@pytest.mark.parametrize("known", [True, False])
def test_a_restore_that_nobody_waits_for(*, known: bool, tiny: Cloud) -> None:
    """An image that is done, or unknown, is not processed after a restore."""
    if known:
        tiny.process(created("a.png"))
    before = dict(tiny.entries)
    tiny.process(Change("restored", "a.png", "2026-05-02T12:00:00.000Z", UNKNOWN_SEQUENCER))
    assert tiny.entries == before


def test_a_request_for_an_archived_original(tiny: Cloud) -> None:
    """The request's recipe is used after the restore."""
    tiny.process(created("a.png"))
    tiny.s3.guard = Refusing("GetObject", code="InvalidObjectState")
    tiny.process(Change("requested", "a.png", "2026-05-01T12:00:00.000Z", "1.1", recipe="other"))
    assert tiny.entries["a.png"]["failed_request"]["code"] == "archived"
    tiny.s3.guard = NoGuard()
    tiny.process(Change("restored", "a.png", "2026-05-02T12:00:00.000Z", UNKNOWN_SEQUENCER))
    entry = tiny.entries["a.png"]
    assert (entry["status"], entry["recipe"]) == ("done", "other")
    assert "failed_request" not in entry


PNG = encoded(quarters(), "PNG")
TWO_MEMBERS = gzip.compress(PNG[:99], mtime=0) + gzip.compress(PNG[99:], mtime=0)


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("gzip", gzip.compress(PNG, mtime=0)),
        ("x-gzip", gzip.compress(PNG, mtime=0)),
        ("GZIP", gzip.compress(PNG, mtime=0)),
        ("gzip,aws-chunked", gzip.compress(PNG, mtime=0)),
        ("gzip", TWO_MEMBERS),
        ("gzip", PNG),
        ("aws-chunked", PNG),
        ("identity", PNG),
        ("br", PNG),
    ],
)
def test_a_content_encoding(encoding: str, data: bytes) -> None:
    """An original with gzip's encoding is decoded; one that only says so is read as it is."""
    cloud = Cloud({"a.png": PNG}, {"default": Recipe([Rendition("small", Png())])})
    cloud.s3.objects["raw", "a.png"] = Stored(data, content_encoding=encoding)
    cloud.process(created("a.png"))
    entry = cloud.entries["a.png"]
    assert entry["status"] == "done"
    assert entry["size"] == len(data)


@pytest.mark.parametrize(
    ("encoding", "data", "code"),
    [
        ("gzip", gzip.compress(PNG, mtime=0)[:-20], "corrupt"),
        ("gzip", gzip.compress(PNG, mtime=0)[:20] + b"!" * 99, "corrupt"),
        ("gzip", gzip.compress(bytes(100_000), mtime=0), "too-many-bytes"),
        ("gzip", gzip.compress(b"", mtime=0), "empty"),
        ("gzip", gzip.compress(b"text", mtime=0), "unsupported-format"),
        ("br", b"\x1b\x00\x00", "unsupported-encoding"),
        ("gzip, zstd", gzip.compress(PNG, mtime=0), "unsupported-encoding"),
    ],
)
def test_a_content_encoding_that_fails(encoding: str, data: bytes, code: str) -> None:
    """The error names the encoding; what is unpacked is held against the limits."""
    cloud = Cloud({"a.png": PNG}, limits=Limits(max_bytes=50_000))
    cloud.s3.objects["raw", "a.png"] = Stored(data, content_encoding=encoding)
    cloud.process(created("a.png"))
    assert cloud.entries["a.png"]["error"]["code"] == code


@pytest.mark.parametrize("key", ["../a.png", "a/../b.png", "./a.png", "a/./b.png", "a/..", "."])
def test_a_key_that_no_url_can_have(key: str) -> None:
    """Browsers remove dot segments from URLs: nothing is rendered for such a key."""
    cloud = Cloud({key: PNG})
    cloud.process(created(key))
    assert cloud.entries[key]["error"]["code"] == "unusable-key"
    assert not cloud.renditions


@pytest.mark.parametrize("key", ["a/...png", "..a/.b.png", "a//b.png", "%2e%2e/a.png"])
def test_a_key_with_other_dots(key: str) -> None:
    """Dots within names are part of URLs."""
    cloud = Cloud({key: PNG}, {"default": Recipe([Rendition("small", Png())])})
    cloud.process(created(key))
    assert cloud.entries[key]["status"] == "done"


def test_a_request_for_a_folder_marker() -> None:
    """An empty object whose key ends in a slash is no image: an old entry ends as deleted."""
    cloud = Cloud({"folder/": b""})
    cloud.process(Change("requested", "folder/", "2026-05-01T12:00:00.000Z", "1.1"))
    assert cloud.entries["folder/"]["status"] == "deleted"


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
    with pytest.raises(MalformedMessageError, match="The recipes are: default, other"):
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
    message = entry["error"]["message"]
    assert message.startswith("All 3 attempts failed; the last error was ClientError: ")
    # AWS's text has no period at its end.
    assert "SlowDown. The message is in the dead-letter queue. Run `darkroom redrive`" in message
    tiny.s3.guard = NoGuard()
    tiny.process(created("a.png"))
    assert tiny.entries["a.png"]["status"] == "done"
    assert "error" not in tiny.entries["a.png"]


def test_giving_up_leaves_no_half_outcome() -> None:
    """What an attempt stored before it failed is removed when there is no other to come."""
    recipe = Recipe([Rendition("one", Png()), Rendition("two", Png())])
    cloud = Cloud({"a.png": encoded(quarters(), "PNG")}, {"default": recipe})
    write = cloud.s3.put_object

    def one_alone(**named: Any) -> dict[str, Any]:
        if "two" in named["Key"]:
            raise error("SlowDown", "PutObject")
        return write(**named)

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

    def slow(
        _data: bytes, _recipe: Recipe, limits: Limits, _marks: WatermarkImages, **_: Any
    ) -> Rendered:
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

    def hungry(*_: object, **_named: object) -> Rendered:
        raise MemoryError

    monkeypatch.setattr(module, "render", hungry)
    with pytest.raises(MemoryError):
        tiny.process(created("a.png"))
    assert "lease" in tiny.entries["a.png"]


@pytest.mark.parametrize("number", [1, 3])
def test_an_outcome_whose_response_was_lost_stays(tiny: Cloud, number: int) -> None:
    """The write took effect: the attempt neither takes it back nor gives the image up."""
    put = tiny.dynamodb.update_item

    def but_done(**named: Any) -> Any:
        written = put(**named)
        if named["ExpressionAttributeValues"][":new_status"] == {"S": "done"}:
            raise error("RequestTimeout", "UpdateItem")
        return written

    tiny.dynamodb.update_item = but_done  # type: ignore[method-assign]
    with pytest.raises(ClientError):
        tiny.process(created("a.png"), number)
    assert tiny.entries["a.png"]["status"] == "done"
    assert "retry" not in tiny.entries["a.png"]
    assert len(tiny.renditions) == 1
