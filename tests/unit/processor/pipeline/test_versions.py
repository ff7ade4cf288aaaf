"""The work in a versioned bucket: delete markers, restores, and versions that are removed."""

import pytest

from processor.change import Change
from processor.images import Recipe, Rendition
from processor.images.recipe import Png
from tests.unit.processor.clouds import Stored
from tests.unit.processor.images.sample_images import encoded, quarters
from tests.unit.processor.pipeline.pipelines import Cloud

TIME = "2026-05-01T12:00:00.000Z"
LATER = "2026-05-02T12:00:00.000Z"
PICTURE = encoded(quarters(), "PNG")
OTHER = encoded(quarters().rotate(90), "PNG")


@pytest.fixture
def cloud() -> Cloud:
    """Return a pipeline with two recipes."""
    return Cloud(recipes={name: Recipe([Rendition(name, Png())]) for name in ("default", "other")})


def put(cloud: Cloud, version_id: str, data: bytes = PICTURE, **metadata: str) -> None:
    """Make a version the current object."""
    cloud.s3.objects["raw", "a"] = Stored(data, metadata, version_id=version_id)


def change(kind: str, sequencer: str, version_id: str | None = None, **fields: str) -> Change:
    """Return a change of the key."""
    return Change(kind, "a", LATER, sequencer, version_id=version_id, **fields)  # type: ignore[arg-type]


def uploaded(cloud: Cloud) -> None:
    """Upload the first version, and have it rendered again by another recipe."""
    put(cloud, "v1")
    cloud.process(Change("created", "a", TIME, "1", 1, "etag", version_id="v1"))
    cloud.process(Change("requested", "a", TIME, "1.1", recipe="other"))
    assert cloud.entries["a"]["version_id"] == "v1"
    assert set(cloud.renditions) == {"processed/a/other.png"}


def test_the_entry_of_a_deleted_original_has_what_a_restore_needs(cloud: Cloud) -> None:
    """It has the ID of the delete marker, and the recipe of the version before it."""
    uploaded(cloud)
    del cloud.s3.objects["raw", "a"]
    cloud.process(change("removed", "2", "marker"))
    entry = cloud.entries["a"]
    assert (entry["status"], entry["version_id"]) == ("deleted", "marker")
    assert entry["deleted"] == {"version_id": "v1", "recipe": "other"}
    assert "recipe" not in entry
    assert cloud.renditions == {}
    cloud.process(change("version-removed", "3", "marker"))
    assert cloud.entries["a"]["deleted"] == {"version_id": "v1", "recipe": "other"}


def test_a_restored_original_has_the_same_renditions(cloud: Cloud) -> None:
    """Its metadata names the recipe; nothing of the deletion is left in the entry."""
    uploaded(cloud)
    before = {key: each.data for key, each in cloud.renditions.items()}
    del cloud.s3.objects["raw", "a"]
    cloud.process(change("removed", "2", "marker"))
    put(cloud, "v2", recipe="other")
    cloud.process(change("created", "3", "v2"))
    assert {key: each.data for key, each in cloud.renditions.items()} == before
    entry = cloud.entries["a"]
    assert (entry["status"], entry["version_id"]) == ("done", "v2")
    assert not {"deleted", "expires"} & entry.keys()


def test_a_version_behind_a_delete_marker_is_not_rendered(cloud: Cloud) -> None:
    """An upload's message reads the current object, never the version that it names."""
    cloud.process(change("created", "1", "v1"))
    entry = cloud.entries["a"]
    assert (entry["status"], entry["error"]["code"]) == ("failed", "missing-original")
    assert entry["version_id"] == "v1"
    assert cloud.renditions == {}


def test_the_removal_of_an_older_version_changes_nothing(cloud: Cloud) -> None:
    """The current version keeps its recipe, its renditions and its place in the listing."""
    uploaded(cloud)
    before = cloud.entries["a"]
    cloud.process(change("version-removed", "2", "v0"))
    entry = cloud.entries["a"]
    for name in ("status", "recipe", "timestamp", "version_id", "etag", "analysis"):
        assert entry[name] == before[name]
    assert set(cloud.renditions) == {"processed/a/other.png"}
    assert entry["sequencer"] == "2"


def test_the_removal_of_an_older_version_that_fails_keeps_what_is_published(cloud: Cloud) -> None:
    """It is no fault of the image that is published."""
    uploaded(cloud)
    put(cloud, "v1", b"damaged")
    cloud.entries["a"]["etag"] = Stored(b"damaged").etag.strip('"')
    cloud.process(change("version-removed", "2", "v0"))
    entry = cloud.entries["a"]
    assert entry["status"] == "done"
    assert entry["failed_request"]["code"] == "unsupported-format"
    assert set(cloud.renditions) == {"processed/a/other.png"}


def test_the_version_before_a_removed_one_is_rendered(cloud: Cloud) -> None:
    """The recipe is its own, not that of the removed version."""
    uploaded(cloud)
    put(cloud, "v0", OTHER)
    cloud.process(change("version-removed", "2", "v1"))
    entry = cloud.entries["a"]
    assert (entry["status"], entry["version_id"]) == ("done", "v0")
    assert entry["etag"] == Stored(OTHER).etag.strip('"')
    assert set(cloud.renditions) == {"processed/a/default.png"}


def test_the_removal_of_the_last_version(cloud: Cloud) -> None:
    """Without a version left the image is deleted; the entry has the ID of what was removed."""
    uploaded(cloud)
    del cloud.s3.objects["raw", "a"]
    cloud.process(change("version-removed", "2", "v1"))
    assert cloud.entries["a"]["status"] == "deleted"
    assert cloud.entries["a"]["version_id"] == "v1"
    assert cloud.renditions == {}


def test_without_versioning_entries_have_no_version(cloud: Cloud) -> None:
    """Nothing about versions is stored for a bucket that has none."""
    cloud.put("a", PICTURE)
    cloud.process(change("created", "1"))
    assert "version_id" not in cloud.entries["a"]
    del cloud.s3.objects["raw", "a"]
    cloud.process(change("removed", "2"))
    assert not {"version_id", "deleted"} & cloud.entries["a"].keys()
