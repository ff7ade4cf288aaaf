"""Uploads of the same file: the entry names the first, or the upload is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from processor.catalog.duplicates import Duplicates
from tests.unit.processor.catalog.index_table import IndexTable
from tests.unit.processor.pipeline.pipelines import Cloud, created


@pytest.fixture
def cloud(sample: Callable[[str], bytes]) -> Callable[..., Cloud]:
    """Return a function that makes a pipeline with a file under two keys."""

    def make(*, refuses: bool) -> Cloud:
        file = sample("astronaut.jpg")
        cloud = Cloud({"first.jpg": file, "copy.jpg": file, "other.jpg": sample("rocket.jpg")})
        table: Any = IndexTable()
        catalog = cloud.pipeline.claims.catalog
        cloud.use(duplicates=Duplicates(table, "index", catalog, refuses=refuses))
        return cloud

    return make


def test_a_duplicate_names_the_first(cloud: Callable[..., Cloud]) -> None:
    """It is processed all the same; the first, and other files, name none."""
    there = cloud(refuses=False)
    for key in ("first.jpg", "copy.jpg", "other.jpg"):
        there.process(created(key))
    assert {key: each.get("duplicate_of") for key, each in there.entries.items()} == {
        "first.jpg": None,
        "copy.jpg": "first.jpg",
        "other.jpg": None,
    }
    assert {each["status"] for each in there.entries.values()} == {"done"}


def test_a_duplicate_is_refused(cloud: Callable[..., Cloud]) -> None:
    """The failure names the first. When that is gone, the copy is processed."""
    there = cloud(refuses=True)
    there.process(created("first.jpg"))
    there.process(created("copy.jpg"))
    refused = there.entries["copy.jpg"]
    assert (refused["status"], refused["error"]["code"]) == ("failed", "duplicate")
    assert "as first.jpg," in refused["error"]["message"]
    assert refused["duplicate_of"] == "first.jpg"
    assert not any("copy.jpg" in key for key in there.renditions)
    there.entries["first.jpg"]["status"] = "deleted"
    there.process(created("copy.jpg", "2"))
    assert there.entries["copy.jpg"]["status"] == "done"
    assert "duplicate_of" not in there.entries["copy.jpg"]


def test_a_published_duplicate_is_not_refused(cloud: Callable[..., Cloud]) -> None:
    """One from before the parameter was set is processed again as ever."""
    there = cloud(refuses=False)
    there.process(created("first.jpg"))
    there.process(created("copy.jpg"))
    duplicates = there.pipeline.duplicates
    assert duplicates
    there.use(
        duplicates=Duplicates(
            duplicates.dynamodb, duplicates.table, duplicates.catalog, refuses=True
        )
    )
    etag = there.entries["copy.jpg"]["etag"]
    there.entries["copy.jpg"]["etag"] = etag
    change = created("copy.jpg", "2")
    there.process(type(change)("requested", change.key, change.time, change.sequencer))
    entry = there.entries["copy.jpg"]
    assert (entry["status"], entry.get("failed_request")) == ("done", None)
    assert entry["duplicate_of"] == "first.jpg"
