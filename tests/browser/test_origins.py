"""Origins in the emulator: the page, the buckets, and the distribution by path are isolated."""

import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from botocore.config import Config
from playwright.sync_api import Browser, Page, expect

from darkroom.cloud import Cloud
from tests.integration.site import Site

from .conftest import Upload
from .demo import Demo, fragment, origin_of
from .dialog import ImageDialog
from .files import small_image

SCRIPT = "document.documentElement.setAttribute('data-ran', '')"
DOCUMENTS = {
    "text/html": f"<!doctype html><script>{SCRIPT}</script>",
    "application/xhtml+xml": (
        f'<html xmlns="http://www.w3.org/1999/xhtml"><head><script>{SCRIPT}</script></head></html>'
    ),
    "image/svg+xml": (
        f'<svg xmlns="http://www.w3.org/2000/svg" onload="{SCRIPT}"><script>{SCRIPT}</script></svg>'
    ),
}
SEND_SIMPLE = """async ([url, type]) => {
  const headers = type ? {"content-type": type} : {};
  await fetch(url, {method: "POST", mode: "no-cors", headers, body: type ? "{}" : undefined});
}"""
SEND_JSON = """url => fetch(url, {
  method: "POST", headers: {"content-type": "application/json"}, body: "{}"
}).then(() => "sent", error => error.name)"""
FETCH = "url => fetch(url).then(({status, redirected}) => ({status, redirected}))"
DECODE = """async url => {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image.naturalWidth;
}"""


SHOW = """([url, crossorigin]) => new Promise(resolve => {
  const image = new Image();
  if (crossorigin) image.crossOrigin = crossorigin;
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 1;
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    try { context.getImageData(0, 0, 1, 1); resolve("read"); } catch { resolve("shown"); }
  };
  image.onerror = () => resolve("failed");
  image.src = url;
})"""
FETCH_WITH = """([url, headers]) => fetch(url, {headers}).then(
  response => response.status, error => error.name)"""


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """Yield an empty tab in a new browser context."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def front_end() -> Iterator[str]:
    """Yield the URL of a foreign page on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><link rel=icon href=data:,><title>Front end</title>")

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://localhost:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def stored(cloud: Cloud) -> Iterator[list[str]]:
    """Yield a list for the keys of originals, which are deleted after the test."""
    keys: list[str] = []
    yield keys
    for key in keys:
        cloud.s3.delete_object(Bucket=cloud.outputs["RawBucket"], Key=key)


@pytest.mark.parametrize("end", ["", "/", "/?a=b", "/index.html?a=b%2Fc"])
def test_redirect_from_path_to_host(demo: Demo, end: str) -> None:
    """The distribution's URL by path redirects to its host, and keeps path, query and fragment."""
    demo.allow_error(f"unexpected host: GET {demo.site.root}")
    demo.page.goto(f"{demo.site.root}{end}{fragment('none')}")
    slash = "" if end.startswith("/") else "/"
    assert demo.page.url == f"{demo.site.page}{slash}{end}{fragment('none')}"
    demo.allow_error("404")
    demo.wait_for_gallery()


def test_upload_across_origins(demo: Demo) -> None:
    """The page and the raw bucket have an origin each, and the page uses no other one."""
    demo.open()
    requested: set[str] = set()
    demo.page.on("request", lambda request: requested.add(origin_of(request.url)))
    demo.choose(small_image("apart.jpg"))
    demo.expect_done("apart.jpg")
    dialog = ImageDialog(demo)
    dialog.open(demo.key_of("apart.jpg"))
    expect(dialog.element.get_by_label("Before", exact=True)).to_contain_text("Original")
    expect(dialog.element.locator("img[src*='X-Amz-Signature']").first).to_be_visible()
    by_name = {each for each in requested if each.startswith("http")} - {demo.site.page}
    assert len(by_name) == 1
    assert all("-raw-" in each and ".s3.localhost:" in each for each in by_name)


@pytest.mark.parametrize("media_type", DOCUMENTS)
@pytest.mark.parametrize("style", ["path", "virtual"])
def test_uploaded_document_is_sandboxed(
    tab: Page, cloud: Cloud, site: Site, stored: list[str], media_type: str, style: str
) -> None:
    """No script of an uploaded document runs, and its origin is opaque."""
    bucket, key = cloud.outputs["RawBucket"], f"origins/{uuid.uuid4().hex}"
    stored.append(key)
    body = DOCUMENTS[media_type].encode()
    cloud.s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=media_type)
    tab.goto(presigned(site, bucket, key, style))
    assert tab.evaluate("[document.contentType, self.origin]") == [media_type, "null"]
    assert tab.evaluate("document.documentElement.hasAttribute('data-ran')") is False


@pytest.mark.parametrize("style", ["path", "virtual"])
def test_presigned_image_on_a_foreign_page(
    tab: Page, cloud: Cloud, site: Site, upload: Upload, front_end: str, style: str
) -> None:
    """A page of any origin can embed an original by its presigned URL."""
    (key,) = upload(small_image("anywhere.jpg", width=96))
    tab.goto(front_end)
    assert tab.evaluate(DECODE, presigned(site, cloud.outputs["RawBucket"], key, style)) == 96


def test_requests_of_a_foreign_page(
    tab: Page, cloud: Cloud, site: Site, upload: Upload, front_end: str
) -> None:
    """The API refuses a foreign page's simple requests with 415, and its preflights fail."""
    (key,) = upload(small_image("untouched.jpg"))
    before = site.image(key).json()
    gateway = f"{origin_of(site.root)}/_aws/execute-api/{cloud.outputs['Api']}"
    responses: list[tuple[str, int]] = []
    tab.on("response", lambda each: responses.append((each.request.method, each.status)))
    tab.goto(front_end)
    for root in (site.root, site.page, gateway):
        url = f"{root}/api/images/{quote(key, safe='')}/process"
        for kind in ("", "text/plain", "application/x-www-form-urlencoded"):
            tab.evaluate(SEND_SIMPLE, [url, kind])
        assert tab.evaluate(SEND_JSON, url) == "TypeError"
    assert [each for each in responses if each[0] == "POST"] == [("POST", 415)] * 9
    assert site.image(key).json() == before


def test_fetch_by_path(tab: Page, site: Site, upload: Upload, front_end: str) -> None:
    """A fetch by path is not redirected, and a navigation is, also with a cached response."""
    (key,) = upload(small_image("front.jpg"))
    path = site.image(key).json()["renditions"][0]["path"]
    tab.goto(front_end)
    assert tab.evaluate(FETCH, site.absolute(path)) == {"status": 200, "redirected": False}
    tab.goto(site.absolute(path))
    assert tab.url == f"{site.page}/{path}"


def test_a_rendition_on_a_foreign_page(
    tab: Page, site: Site, upload: Upload, front_end: str
) -> None:
    """A foreign page shows a rendition, reads its pixels, and fetches it, in any order."""
    (key,) = upload(small_image("shared.jpg"))
    url = f"{site.page}/{site.image(key).json()['renditions'][0]['path']}"
    tab.goto(front_end)
    for _ in range(2):
        assert tab.evaluate(SHOW, [url, ""]) == "shown"
        assert tab.evaluate(SHOW, [url, "anonymous"]) == "read"
        assert tab.evaluate(FETCH_WITH, [url, {}]) == 200
        assert tab.evaluate(FETCH_WITH, [url, {"range": "bytes=0-3"}]) == 206
        assert tab.evaluate(FETCH_WITH, [url, {"if-none-match": '"none"'}]) == 200


def presigned(site: Site, bucket: str, key: str, style: str) -> str:
    """Return a presigned URL with the bucket in its path or in its host."""
    root = origin_of(site.root)
    endpoint = root if style == "path" else root.replace("//", "//s3.")
    s3: Any = {"addressing_style": style}
    config = Config(signature_version="s3v4", s3=s3)
    client = boto3.client("s3", endpoint_url=endpoint, config=config)
    return client.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key})
