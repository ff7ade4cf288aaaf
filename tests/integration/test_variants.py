"""Variants of the deployed pipeline, through CloudFront."""

import io
import json
import random
import re
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import boto3
import pytest
from PIL import Image

from darkroom.cloud import Cloud
from localstack_init.build import PROJECT
from localstack_init.variant_keys import copy_signing_key, key_value_client
from processor.catalog.entries import Entry
from tests.integration.conftest import Run
from tests.integration.site import Site
from tests.integration.variants import CHROME, WEBP, Imgproxy, Viewer, cached, send
from tests.integration.waiting import wait_for

Put = Callable[[str, bytes], None]
Outcome = Callable[..., Entry]
Sample = Callable[[str], bytes]

SAFARI = "image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png"
CURL = "*/*"


@pytest.fixture
def viewer(cloud: Cloud) -> Viewer:
    """Give a client that can sign."""
    return Viewer(cloud)


@pytest.fixture
def image(key: str, put: Put, outcome: Outcome, sample: Sample) -> str:
    """Give the key of a published image of 512 x 512 pixels."""
    put(key, sample("astronaut.jpg"))
    assert outcome(key)["status"] == "done"
    return key


def size_of(data: bytes) -> tuple[str | None, tuple[int, int]]:
    """Return an image's format and size."""
    opened = Image.open(io.BytesIO(data))
    opened.load()
    return opened.format, opened.size


def test_a_variant_is_rendered_once(viewer: Viewer, image: str) -> None:
    """The first request renders, the second is a hit, and after an invalidation S3 serves it."""
    first = viewer.get("w_300,h_200,fit_cover", image)
    assert (first.status_code, cached(first)) == (200, "Miss")
    assert size_of(first.content) == ("WEBP", (300, 200))
    assert first.headers["content-type"] == "image/webp"
    second = viewer.get("h_200,fit_cover,w_300", image)
    assert (second.status_code, cached(second)) == (200, "Hit")
    wait_for(lambda: viewer.rendered(image) == 1)
    before = viewer.invocations()
    viewer.invalidate()
    third = viewer.get("w_300,h_200,fit_cover", image)
    assert (third.status_code, cached(third)) == (200, "Miss")
    assert viewer.invocations() == before
    assert first.content == second.content == third.content
    # S3's ETag, also from the function.
    etags = {each.headers["etag"] for each in (first, second, third)}
    assert etags == set(viewer.stored(image).values())
    for response in (first, second, third):
        assert response.headers["cache-control"].startswith("public, max-age=60")
        assert {"Accept", "Origin"} <= set(response.headers["vary"].split(", "))
        assert "x-amz-meta-version" not in response.headers


def test_clients_get_what_they_show(viewer: Viewer, image: str) -> None:
    """Three classes of Accept headers are three objects."""
    wanted = {CHROME: "AVIF", SAFARI: "AVIF", WEBP: "WEBP", CURL: "JPEG"}
    for accept, format_ in wanted.items():
        response = viewer.get("w_99", image, accept)
        assert size_of(response.content) == (format_, (99, 99))
    assert set(viewer.stored(image)) == {"w_99.avif", "w_99.webp", "w_99.any"}


def test_named_renditions(viewer: Viewer, image: str) -> None:
    """A rendition's name is its size, and its format is the client's."""
    assert size_of(viewer.get("thumb", image, CURL).content) == ("JPEG", (300, 300))
    assert size_of(viewer.get("preview,dpr_2,f_png", image).content) == ("PNG", (512, 512))


def test_wrong_urls_reach_no_function(viewer: Viewer, image: str) -> None:
    """A changed byte, another key's signature, and an expired URL end at the edge."""
    url = viewer.url("w_98", image)
    expired = viewer.url("w_98,exp_1700000000", image)
    before = viewer.invocations()
    responses = [
        send(url.replace("w_98", "w_97")),
        send(f"{url}x"),
        send(url.replace("/i/", "/i/x")),
        send(expired),
    ]
    assert [each.status_code for each in responses] == [403] * 4
    for each in responses:
        assert each.headers["content-type"] == "application/problem+json"
        assert cached(each) == "FunctionGeneratedResponse"
        assert each.json()["code"] in ("wrong-signature", "expired")
    assert viewer.invocations() == before
    assert not viewer.stored(image)


def test_the_api_signs(image: str, site: Site) -> None:
    """`POST /images/{key}/variant-urls` returns URLs that are served."""
    assert site.image(image).json()["signable"] is True
    path = f"images/{quote(image, safe='')}/variant-urls"
    (found,) = site.api("POST", path, {"options": ["w_95"]}).json()["variants"]
    assert found["url"] == f"{site.root}/{found['path']}"
    assert size_of(send(found["url"]).content) == ("WEBP", (95, 95))


def test_a_rotation_of_keys(viewer: Viewer, image: str, run: Run, site: Site) -> None:
    """URLs of the previous key are valid after a rotation, those of the API too, and not after
    two.
    """
    store = viewer.cloud.outputs["VariantKeys"]
    client = key_value_client(boto3.Session())
    current, old = viewer.key, viewer.url("w_96", image)

    def put(**values: str) -> None:
        etag = client.describe_key_value_store(KvsARN=store)["ETag"]
        puts = [{"Key": name, "Value": value} for name, value in values.items()]
        client.update_keys(KvsARN=store, IfMatch=etag, Puts=puts)  # type: ignore[arg-type]

    def copied() -> str:
        name = viewer.cloud.outputs["SigningKeyCopy"]
        found = boto3.client("ssm").get_parameter(Name=name, WithDecryption=True)
        return found["Parameter"]["Value"]

    try:
        assert run("keys", "rotate", "--yes").returncode == 0
        assert viewer.key != current
        assert send(old).status_code == 200
        assert viewer.get("w_96", image).status_code == 200
        path = f"images/{quote(image, safe='')}/variant-urls"
        (found,) = site.api("POST", path, {"options": ["w_94"]}).json()["variants"]
        assert send(found["url"]).status_code == 200
        assert copied() == viewer.key
        assert run("keys", "rotate", "--yes").returncode == 0
        assert send(old).status_code == 403
    finally:
        put(current=current)
        copy_signing_key(viewer.cloud.outputs["SigningKeyCopy"], current, print, boto3.Session())


def test_the_url_command(viewer: Viewer, image: str, run: Run) -> None:
    """The command prints a URL that is served; one without signature is not."""
    options = ["--width", "99", "--height", "50", "--fit", "fill", "--format", "png"]
    done = run("url", image, *options, "--expires", "1h")
    assert done.returncode == 0, done.stderr
    assert size_of(send(done.stdout.strip()).content) == ("PNG", (99, 50))
    unsigned = run("url", image, "--width", "320", "--unsigned").stdout.strip()
    assert send(unsigned).status_code == 403
    assert viewer.stored(image).keys() == {"w_99,h_50,fit_fill.png"}


def test_the_policy_of_operators(viewer: Viewer, run: Run) -> None:
    """The documented statements allow the commands on keys, and each is needed."""
    store = viewer.cloud.outputs["VariantKeys"]
    page = (PROJECT / "docs" / "how-to" / "rotate-keys.md").read_text()
    (text,) = re.findall(r"```json\n(.+?)```", page, re.DOTALL)
    named = {
        "<VariantKeys>": store,
        "<SigningKeyCopy>": viewer.cloud.outputs["SigningKeyCopy"],
        "<region>": "us-east-1",
        "<account>": "000000000000",
    }
    for placeholder, value in named.items():
        text = text.replace(placeholder, value)
    find, read, change, copy = json.loads(text)["Statement"]
    iam, name = boto3.client("iam"), f"operator-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    secrets = {
        "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
    }

    def allow(*statements: object) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName=name, PolicyName="keys", PolicyDocument=document)

    def is_allowed(*arguments: str) -> bool:
        done = run("keys", *arguments, **secrets, **Imgproxy.VARIABLES)
        assert done.returncode == 0 or "AccessDenied" in done.stderr, done.stderr
        return done.returncode == 0

    try:
        allow(find, read)
        assert is_allowed("show")
        assert not is_allowed("imgproxy")
        allow(find, read, change)
        assert is_allowed("imgproxy")
        for statement in (find, read):
            allow(*[each for each in (find, read, change) if each != statement])
            assert not is_allowed("show")
        allow(find, read, change)
        assert not is_allowed("rotate", "--yes")
        allow(find, read, change, copy)
        assert is_allowed("rotate", "--yes")
    finally:
        iam.delete_user_policy(UserName=name, PolicyName="keys")
        iam.delete_access_key(UserName=name, AccessKeyId=made["AccessKeyId"])
        iam.delete_user(UserName=name)


def test_imgproxy_urls(viewer: Viewer, image: str, run: Run) -> None:
    """An imgproxy URL has the stored object of the variant that means the same."""
    assert run("keys", "imgproxy", "--source", "s3://old/", **Imgproxy.VARIABLES).returncode == 0
    imgproxy = Imgproxy(viewer.cloud.outputs["SiteUrl"])
    first = send(imgproxy.url("rs:fill:89:40", f"s3://old/{image}"))
    assert (first.status_code, cached(first)) == (200, "Miss")
    assert size_of(first.content) == ("WEBP", (89, 40))
    assert {"Accept", "Origin"} <= set(first.headers["vary"].split(", "))
    again = send(imgproxy.url("g:ce/h:40/w:89/rt:fill", f"local:///{image}"))
    own = viewer.get("w_89,h_40,fit_cover", image)
    assert {each.headers["etag"] for each in (first, again, own)} == {first.headers["etag"]}
    assert viewer.stored(image) == {"w_89,h_40,fit_cover.webp": first.headers["etag"]}
    wait_for(lambda: viewer.rendered(image) == 1)


def test_imgproxy_urls_that_are_refused(viewer: Viewer, image: str, run: Run) -> None:
    """Options without equivalent, wrong signatures and expired URLs end at the edge."""
    assert run("keys", "imgproxy", **Imgproxy.VARIABLES).returncode == 0
    imgproxy = Imgproxy(viewer.cloud.outputs["SiteUrl"])
    before = viewer.invocations()
    blurred = send(imgproxy.url("w:88/blur:3", image))
    assert (blurred.status_code, blurred.json()["code"]) == (422, "unsupported-option")
    assert "`blur:3`" in blurred.json()["detail"]
    wrong = send(imgproxy.url("w:88", image).replace("w:88", "w:87"))
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong-signature")
    expired = send(imgproxy.url("w:88/exp:1700000000", image))
    assert (expired.status_code, expired.json()["code"]) == (404, "expired")
    elsewhere = send(imgproxy.url("w:88", "http://169.254.169.254/latest"))
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "unsupported-option")
    assert viewer.invocations() == before
    assert not viewer.stored(image)


def test_fifty_first_requests(viewer: Viewer, image: str) -> None:
    """Of 50 first requests at once, one renders, and one object is stored."""
    url = viewer.url("w_95", image)
    start = threading.Barrier(50)

    def request(_: int) -> tuple[int, str]:
        start.wait()
        response = send(url)
        return response.status_code, response.headers["etag"]

    with ThreadPoolExecutor(50) as pool:
        found = Counter(pool.map(request, range(50)))
    ((status, etag),) = found
    assert status == 200
    assert viewer.stored(image) == {"w_95.webp": etag}
    wait_for(lambda: viewer.rendered(image) == 1)


def test_a_replaced_original(
    viewer: Viewer, image: str, put: Put, outcome: Outcome, sample: Sample
) -> None:
    """Once the entry says so, the variants of the original before are gone."""
    before = viewer.get("w_94", image)
    entry = outcome(image)
    put(image, sample("raccoon.jpg"))
    outcome(image, after=entry)
    assert not viewer.stored(image)
    # CloudFront has it for up to two minutes, as it has renditions; another version has not.
    after = viewer.get("w_94,v_2", image)
    assert (after.status_code, cached(after)) == (200, "Miss")
    assert after.headers["etag"] != before.headers["etag"]


def test_a_removed_original(viewer: Viewer, image: str, outcome: Outcome) -> None:
    """Variants go with their original, and none is rendered any more."""
    viewer.get("w_93", image)
    entry = outcome(image)
    viewer.cloud.s3.delete_object(Bucket=viewer.cloud.outputs["RawBucket"], Key=image)
    assert outcome(image, after=entry)["status"] == "deleted"
    assert not viewer.stored(image)
    response = viewer.get("w_93,v_2", image)
    assert (response.status_code, response.json()["code"]) == (404, "not-found")
    assert response.headers["cache-control"] == "public, max-age=10"
    assert not viewer.stored(image)


def test_an_image_that_failed(viewer: Viewer, key: str, put: Put, outcome: Outcome) -> None:
    """What could not be processed has no variants."""
    put(key, b"no image")
    assert outcome(key)["status"] == "failed"
    assert viewer.get("w_92", key).status_code == 404


def test_heads_ranges_and_conditions(viewer: Viewer, image: str) -> None:
    """A first request may be any of them; the responses are those of S3."""
    head = viewer.get("w_91", image, method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    whole = viewer.get("w_91", image)
    assert head.headers["content-length"] == str(len(whole.content))
    assert head.headers["etag"] == whole.headers["etag"]
    part = viewer.get("w_90", image, range="bytes=0-9")
    whole = viewer.get("w_90", image)
    assert (part.status_code, part.content) == (206, whole.content[:10])
    assert part.headers["content-range"] == f"bytes 0-9/{len(whole.content)}"
    same = viewer.get("w_90", image, if_none_match=whole.headers["etag"])
    assert (same.status_code, same.content) == (304, b"")


def test_a_large_variant(viewer: Viewer, key: str, put: Put, outcome: Outcome) -> None:
    """A variant above Lambda's limit is stored, and its URL leads to itself until S3 serves it."""
    noise = random.Random(1).randbytes(1600 * 1600 * 3)
    buffer = io.BytesIO()
    Image.frombytes("RGB", (1600, 1600), noise).save(buffer, "JPEG", quality=99)
    put(key, buffer.getvalue())
    assert outcome(key)["status"] == "done"
    url = viewer.url("w_1590,f_png", key)
    first = send(url)
    assert first.status_code == 302
    assert first.headers["cache-control"] == "private, no-store"
    second = send(str(first.next_request.url if first.next_request else ""))
    assert second.status_code == 200
    assert len(second.content) > 4_500_000
    assert size_of(second.content) == ("PNG", (1590, 1590))
    assert send(url).status_code == 200
