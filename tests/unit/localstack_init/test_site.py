"""The demo page's files in the site bucket."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from localstack_init.site import CACHE_CONTROL, File, deploy_site, files, page_address

from .stacks import Session, stubbed


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Return the folder of a page with two files, and one that is not served."""
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "main.js").write_text("export {}")
    (tmp_path / "notes.md").write_text("not served")
    return tmp_path


@pytest.fixture
def stubs() -> Iterator[dict[str, Stubber]]:
    """Return stubbed clients of S3 and CloudFront."""
    with stubbed("s3") as s3, stubbed("cloudfront") as cloudfront:
        yield {"s3": s3, "cloudfront": cloudfront}


def deploy(page: Path, stubs: dict[str, Stubber]) -> list[str]:
    """Deploy the page; return the printed lines."""
    session: Any = Session(**{name: stub.client for name, stub in stubs.items()})
    said: list[str] = []
    deploy_site("site", "E1", said.append, files(page, []), session)
    return said


@pytest.mark.parametrize(
    ("site_url", "address"),
    [
        (
            "http://localhost:4566/_aws/cloudfront/E1ABC",
            "http://e1abc.cloudfront.localhost:4566/",
        ),
        ("http://127.0.0.1/_aws/cloudfront/E1ABC", "http://e1abc.cloudfront.localhost/"),
        (
            "http://emulator.example:4566/_aws/cloudfront/E1ABC",
            "http://emulator.example:4566/_aws/cloudfront/E1ABC/",
        ),
        ("http://127.0.0.1:8000/E1ABC", "http://127.0.0.1:8000/E1ABC/"),
        ("https://d111.cloudfront.net", "https://d111.cloudfront.net/"),
        ("https://images.example", "https://images.example/"),
    ],
)
def test_the_page_has_an_origin_of_its_own(site_url: str, address: str) -> None:
    """In an emulator on this machine, the page's host is not the one of the URL by path."""
    assert page_address(site_url) == address


def stores(stubs: dict[str, Stubber], **objects: str) -> None:
    """Return these keys and ETags from the next listing of the bucket."""
    contents = [{"Key": key, "ETag": etag} for key, etag in objects.items()]
    stubs["s3"].add_response("list_objects_v2", {"Contents": contents}, {"Bucket": "site"})


def expect_put(stubs: dict[str, Stubber], key: str, content_type: str) -> None:
    """Expect that this file is stored next."""
    wanted: dict[str, Any] = {
        "Bucket": "site",
        "Key": key,
        "Body": ANY,
        "ContentType": content_type,
        "CacheControl": CACHE_CONTROL,
    }
    stubs["s3"].add_response("put_object", {}, wanted)


def expect_invalidation(stubs: dict[str, Stubber]) -> None:
    """Expect an invalidation of all paths."""
    batch = {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": ANY}
    stubs["cloudfront"].add_response(
        "create_invalidation", {}, {"DistributionId": "E1", "InvalidationBatch": batch}
    )


def test_a_new_site(page: Path, stubs: dict[str, Stubber]) -> None:
    """Each file of a known type is stored with it, the HTML after the files that it refers to."""
    stores(stubs)
    expect_put(stubs, "scripts/main.js", "text/javascript; charset=utf-8")
    expect_put(stubs, "index.html", "text/html; charset=utf-8")
    expect_invalidation(stubs)
    assert deploy(page, stubs) == ["Updated 2 and removed 0 of the site's 2 files"]


def test_nothing_has_changed(page: Path, stubs: dict[str, Stubber]) -> None:
    """Equal files are not stored, and CloudFront's cache is not invalidated."""
    stores(
        stubs,
        **{key: File(key, page / key).etag for key in ("index.html", "scripts/main.js")},
    )
    assert deploy(page, stubs) == []


def test_a_changed_and_a_removed_file(page: Path, stubs: dict[str, Stubber]) -> None:
    """A changed file is stored, a removed one deleted; watermark images stay."""
    stores(
        stubs,
        **{
            "index.html": File("index.html", page / "index.html").etag,
            "marks/logo.png": '"1"',
            "old.js": '"2"',
            "scripts/main.js": '"3"',
        },
    )
    expect_put(stubs, "scripts/main.js", "text/javascript; charset=utf-8")
    stubs["s3"].add_response("delete_object", {}, {"Bucket": "site", "Key": "old.js"})
    expect_invalidation(stubs)
    deploy(page, stubs)


def test_the_pages_own_files_have_types() -> None:
    """Each file of the real page has a content type, the files beside it as well."""
    types = {file.key: file.content_type for file in files()}
    assert types["index.html"] == "text/html; charset=utf-8"
    assert types["openapi.yaml"] == "application/yaml; charset=utf-8"
    assert types["recipe.schema.json"] == "application/json"
