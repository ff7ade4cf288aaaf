"""The page's files, brought to the site bucket."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from localstack_init import site
from localstack_init.site import CACHE_CONTROL, File, deploy_site, page_address


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a page of two files."""
    monkeypatch.setattr(site, "PAGE", tmp_path)
    monkeypatch.setattr(site, "BESIDE", [])
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "main.js").write_text("export {}")
    (tmp_path / "notes.md").write_text("not served")
    return tmp_path


@pytest.fixture
def stubs(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Stubber]]:
    """Give stand-ins for the clients, which check what they are called with."""
    clients = {
        name: boto3.client(
            name,
            region_name="us-east-1",
            aws_access_key_id="a",
            aws_secret_access_key="b",
        )
        for name in ("s3", "cloudfront")
    }
    monkeypatch.setattr(boto3, "client", clients.__getitem__)
    stubs = {name: Stubber(client) for name, client in clients.items()}
    for stub in stubs.values():
        stub.activate()
    yield stubs
    for stub in stubs.values():
        stub.assert_no_pending_responses()


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
        ("https://pictures.example", "https://pictures.example/"),
    ],
)
def test_the_page_has_an_origin_of_its_own(site_url: str, address: str) -> None:
    """In an emulator on this machine, it is not the one of the address by path."""
    assert page_address(site_url) == address


def there(stubs: dict[str, Stubber], **objects: str) -> None:
    """What the bucket holds: keys, and their ETags."""
    contents = [{"Key": key, "ETag": etag} for key, etag in objects.items()]
    stubs["s3"].add_response("list_objects_v2", {"Contents": contents}, {"Bucket": "site"})


def put(stubs: dict[str, Stubber], key: str, content_type: str) -> None:
    """The next call is to store this file."""
    wanted: dict[str, Any] = {
        "Bucket": "site",
        "Key": key,
        "Body": ANY,
        "ContentType": content_type,
        "CacheControl": CACHE_CONTROL,
    }
    stubs["s3"].add_response("put_object", {}, wanted)


def invalidated(stubs: dict[str, Stubber]) -> None:
    """All paths are to be forgotten."""
    batch = {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": ANY}
    stubs["cloudfront"].add_response(
        "create_invalidation", {}, {"DistributionId": "E1", "InvalidationBatch": batch}
    )


@pytest.mark.usefixtures("page")
def test_a_new_site(stubs: dict[str, Stubber]) -> None:
    """Every file is stored with its type, the page after what it names; the rest stays here."""
    there(stubs)
    put(stubs, "scripts/main.js", "text/javascript; charset=utf-8")
    put(stubs, "index.html", "text/html; charset=utf-8")
    invalidated(stubs)
    said: list[str] = []
    deploy_site("site", "E1", said.append)
    assert said == ["Updated 2 and removed 0 of the site's 2 files"]


def test_nothing_has_changed(page: Path, stubs: dict[str, Stubber]) -> None:
    """Files that are there already are left alone, and CloudFront keeps what it has."""
    there(
        stubs,
        **{key: File(key, page / key).etag for key in ("index.html", "scripts/main.js")},
    )
    said: list[str] = []
    deploy_site("site", "E1", said.append)
    assert said == []


def test_a_changed_and_a_removed_file(page: Path, stubs: dict[str, Stubber]) -> None:
    """What differs is stored, what is gone is removed, and marks are the operators' own."""
    there(
        stubs,
        **{
            "index.html": File("index.html", page / "index.html").etag,
            "marks/logo.png": '"1"',
            "old.js": '"2"',
            "scripts/main.js": '"3"',
        },
    )
    put(stubs, "scripts/main.js", "text/javascript; charset=utf-8")
    stubs["s3"].add_response("delete_object", {}, {"Bucket": "site", "Key": "old.js"})
    invalidated(stubs)
    deploy_site("site", "E1", lambda _: None)


def test_the_pages_own_files_have_types() -> None:
    """Each file of the real page, and what is put beside it, has a type that browsers take."""
    files = {file.key: file.content_type for file in site.files()}
    assert files["index.html"] == "text/html; charset=utf-8"
    assert files["openapi.yaml"] == "application/yaml; charset=utf-8"
    assert files["recipe.schema.json"] == "application/json"
