"""The deployed pipeline as the commands see it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.stub import Stubber

from darkroom.cloud import Cloud, UnsafeKeyError, path_of
from processor.catalog.attributes import serialize
from processor.change import UNKNOWN_SEQUENCER
from tests.unit.darkroom.operations.stubs import stubbed_cloud


@pytest.mark.parametrize(("recipe", "metadata"), [("avatar", {"recipe": "avatar"}), (None, {})])
def test_an_upload_names_its_recipe(
    recipe: str | None, metadata: dict[str, str], tmp_path: Path
) -> None:
    """The name is in the object's metadata; without one, the pipeline chooses."""
    cloud, s3 = Cloud({"RawBucket": "raw"}), Mock()
    vars(cloud)["s3"] = s3
    cloud.upload(tmp_path / "four.png", "four.png", print, recipe)
    assert s3.upload_file.call_args.kwargs["ExtraArgs"]["Metadata"] == metadata


def test_the_newest_change_of_an_unknown_key() -> None:
    """A request for it comes before every event of S3."""
    cloud = stubbed_cloud()
    with Stubber(cloud.s3) as s3:
        s3.add_response("list_objects_v2", {"IsTruncated": False})
        assert cloud.newest_sequencer("a", None) == UNKNOWN_SEQUENCER


def test_unprocessed_keys_are_read_again() -> None:
    """A response of DynamoDB may be incomplete; the next one has the rest."""
    cloud = stubbed_cloud()

    def request(*keys: str) -> dict[str, Any]:
        names = [serialize({"filename": key}) for key in keys]
        return {"table": {"Keys": names, "ConsistentRead": True}}

    with Stubber(cloud.catalog.dynamodb) as dynamodb:
        dynamodb.add_response(
            "batch_get_item",
            {
                "Responses": {"table": [serialize({"filename": "a"})]},
                "UnprocessedKeys": request("b"),
            },
            {"RequestItems": request("a", "b")},
        )
        dynamodb.add_response(
            "batch_get_item",
            {"Responses": {"table": [serialize({"filename": "b"})]}, "UnprocessedKeys": {}},
            {"RequestItems": request("b")},
        )
        assert cloud.entries(["a", "b"]).keys() == {"a", "b"}


KEYS = ["a/b", "a//b", "/a/b", "a/b/", "//a/b", "a/%/b", "a/%%/b", "a/%", "%/a/b", "%"]


def test_each_key_has_a_folder_of_its_own() -> None:
    """No two keys are saved in one folder, and usual keys are paths as they are."""
    paths = {path_of(key) for key in KEYS}
    assert len(paths) == len(KEYS)
    assert path_of("a/b") == Path("a/b")
    assert not any(path.is_absolute() for path in paths)


def test_folder_markers_are_no_originals() -> None:
    """Objects that S3's console creates as folders are not listed."""
    cloud = stubbed_cloud()
    modified = datetime(2026, 5, 1, tzinfo=UTC)
    contents = [
        {"Key": key, "Size": size, "ETag": '"e"', "LastModified": modified}
        for key, size in [("a/", 0), ("a/b.jpg", 9), ("c", 0)]
    ]
    with Stubber(cloud.s3) as s3:
        s3.add_response("list_objects_v2", {"IsTruncated": False, "Contents": contents})
        assert [each.key for each in cloud.objects("RawBucket", "")] == ["a/b.jpg", "c"]


def test_a_key_that_leads_out_of_the_folder(tmp_path: Path) -> None:
    """Nothing is saved: an entry may be of a time when such keys were processed."""
    entry: Any = {"filename": "../../a.jpg", "renditions": [{"key": "processed/a/thumb.webp"}]}
    with pytest.raises(UnsafeKeyError, match="leads out of"):
        list(stubbed_cloud().download(entry, tmp_path / "out"))
