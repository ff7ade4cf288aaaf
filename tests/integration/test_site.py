"""The site at the edge: the page, the renditions, and who may read what."""

from collections.abc import Callable
from urllib.parse import quote

import boto3
import httpx
import pytest

from darkroom.cloud import Cloud
from localstack_init.site import File, deploy_site, files
from processor.catalog.entries import Entry

from .site import Site
from .waiting import wait_for

pytestmark = pytest.mark.contract

Put = Callable[[str, bytes], None]
Outcome = Callable[..., Entry]
Sample = Callable[[str], bytes]


@pytest.mark.parametrize("file", list(files()), ids=lambda file: file.key)
def test_a_file_of_the_page(site: Site, file: File) -> None:
    """Every file is there with its type; what a browser may open is under the page's policy."""
    answer = site.get(file.key)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == file.content_type
    assert answer.content == file.path.read_bytes()
    assert answer.headers["x-content-type-options"] == "nosniff"
    if file.key.startswith(("js/", "css/")):
        return
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert answer.headers["x-frame-options"] == "DENY"


def test_the_page_is_at_the_root(site: Site) -> None:
    """The root is the page; the edge keeps it, and browsers ask whether it changed."""
    first, second = site.get(""), site.get("")
    assert first.headers["content-type"] == "text/html; charset=utf-8"
    assert second.headers["x-cache"] == "Hit from cloudfront"
    assert "max-age=0" in first.headers["cache-control"]
    again = site.get("", **{"if-none-match": second.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_rendition_at_the_edge(
    site: Site, cloud: Cloud, put: Put, outcome: Outcome, key: str, sample: Sample
) -> None:
    """Renditions are kept for a minute, are for any page, and tell nothing of the pipeline."""
    put(key, sample("raccoon.jpg"))
    assert outcome(key)["status"] == "done"
    path = f"processed/{key}/thumb.webp"
    first, second = site.get(path), site.get(path)
    assert first.headers["x-cache"] == "Miss from cloudfront"
    assert second.headers["x-cache"] == "Hit from cloudfront"
    assert int(second.headers["age"]) >= 0
    assert "max-age=60" in first.headers["cache-control"]
    assert not [name for name in first.headers if name.startswith("x-amz-meta")]
    shared = site.get(path, origin="https://elsewhere.example")
    assert shared.headers["access-control-allow-origin"] == "*"
    # A browser's cache must not use the response to a plain <img> for a cross-origin request.
    for each in (first, second, shared):
        assert "Origin" in each.headers["vary"].split(", ")
    preflight = site.http.options(
        f"{site.root}/{path}",
        headers={
            "origin": "https://elsewhere.example",
            "access-control-request-method": "GET",
            "access-control-request-headers": "if-none-match,range",
        },
    )
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "GET" in preflight.headers["access-control-allow-methods"]
    assert preflight.headers["access-control-allow-headers"] == "*"
    part = site.get(path, range="bytes=0-11")
    assert (part.status_code, part.content) == (206, first.content[:12])
    bucket = cloud.outputs["ProcessedBucket"]
    direct = httpx.get(f"{cloud.s3.meta.endpoint_url}/{bucket}/{path}")
    assert direct.status_code == 403


def test_a_replaced_rendition(
    site: Site, put: Put, outcome: Outcome, key: str, sample: Sample
) -> None:
    """The URLs that the API gives out are those of the newest version, which shows at once."""
    put(key, sample("raccoon.jpg"))
    entry = outcome(key)
    old = site.image(key).json()["renditions"][0]
    before = site.get(old["path"]).content
    put(key, sample("flower.jpg"))
    outcome(key, after=entry)
    new = site.image(key).json()["renditions"][0]
    after = site.get(new["path"]).content
    assert new["path"] != old["path"]
    assert len(after) == new["bytes"]
    assert after != before


def test_a_rendition_that_is_not_there_yet(
    site: Site, put: Put, outcome: Outcome, key: str, sample: Sample
) -> None:
    """It is missing, not forbidden; the edge caches that, and shows the rendition soon after."""
    path = f"processed/{key}/thumb.webp"
    assert site.get(path).status_code == 404
    # Only cached responses have an age; a slow machine may need several attempts.
    wait_for(lambda: "age" in site.get(path).headers)
    put(key, sample("raccoon.jpg"))
    assert outcome(key)["status"] == "done"
    wait_for(lambda: site.get(path).status_code == 200)


def test_the_edge_caches_no_missing_image_of_the_api(
    site: Site, put: Put, outcome: Outcome, key: str, sample: Sample
) -> None:
    """The API's 404 have no-store: an image is found as soon as it has an entry."""
    assert "age" not in site.image(key).headers
    missing = site.image(key)
    assert (missing.status_code, "age" in missing.headers) == (404, False)
    put(key, sample("raccoon.jpg"))
    assert outcome(key)["status"] == "done"
    assert site.image(key).status_code == 200


@pytest.mark.parametrize(
    "path", ["nothing.html", "marks", "raw/a.jpg", "processed/", "%00", "a%2F.."]
)
def test_paths_that_lead_nowhere(site: Site, path: str) -> None:
    """Nothing but the page and renditions is served."""
    assert site.get(path).status_code in (400, 403, 404)


def test_the_api_is_beside_the_page(site: Site) -> None:
    """The edge hands the API's requests on and keeps none of its answers."""
    first, second = (site.api("GET", "recipes") for _ in range(2))
    assert "default" in first.json()["recipes"]
    assert first.headers["cache-control"] == "no-store"
    assert second.headers["x-cache"] == "Miss from cloudfront"
    lost = site.api("GET", "nowhere")
    assert lost.status_code == 404
    assert lost.headers["content-type"] == "application/problem+json"
    assert lost.json()["code"] == "not-found"


def test_keys_come_through_the_edge_as_they_are(
    site: Site, put: Put, outcome: Outcome, prefix: str, sample: Sample
) -> None:
    """A key in a path is one segment, whatever is in it; the renditions' paths lead to them."""
    key = f"{prefix}a b+c%41?d#ü/ﾆ'\"&=.jpg"
    put(key, sample("raccoon.jpg"))
    assert outcome(key)["status"] == "done"
    image = site.image(key).json()
    assert image["key"] == key
    for each in image["renditions"]:
        assert len(site.get(each["path"]).content) == each["bytes"]
    assert site.api("DELETE", f"images/{quote(key, safe='')}").status_code == 202
    wait_for(lambda: site.image(key).status_code == 404)


def test_a_deployment_of_the_page_shows_at_once(site: Site, cloud: Cloud) -> None:
    """What the edge has kept is forgotten when a file has changed."""
    bucket, distribution = cloud.outputs["SiteBucket"], cloud.outputs["Distribution"]
    site.get("manifest.webmanifest")
    assert site.get("manifest.webmanifest").headers["x-cache"] == "Hit from cloudfront"
    boto3.client("s3").put_object(Bucket=bucket, Key="manifest.webmanifest", Body=b"other")
    said: list[str] = []
    deploy_site(bucket, distribution, said.append)
    assert said[0].startswith("Updated 1 and removed 0")
    wait_for(lambda: "Hit" not in site.get("manifest.webmanifest").headers["x-cache"])
    assert site.get("manifest.webmanifest").content != b"other"
