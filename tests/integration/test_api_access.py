"""Access to the API, originals and renditions on a restricted stack.

test_api_signatures.py covers ``ApiAuth=iam``, which other emulators do not check.
"""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from darkroom.cloud import Cloud
from localstack_init.deploy import deploy, destroy
from tests.speed import LIMIT

from .conftest import new_deployment
from .console import needs
from .site import Site
from .waiting import wait_for

pytestmark = pytest.mark.contract

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "restrict-api-access.md"
ORIGIN = "https://app.example"
GUARDED = {
    "ApiAuth": "api-key",
    "Originals": "off",
    "CorsOrigins": ORIGIN,
    "PublicRead": "https-only",
    "PublicUpload": "on",
}

Sample = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Guarded:
    """A stack whose API requires a key."""

    cloud: Cloud
    site: Site
    key: str
    addresses: dict[str, str]
    """Base URLs of the API: of CloudFront (``site``) and of API Gateway (``gateway``)."""


@pytest.fixture(scope="module")
def guarded(endpoint: str) -> Iterator[Guarded]:
    """Return a deployed stack whose API requires a key."""
    usual = new_deployment()
    deployment = replace(usual, parameters={**usual.parameters, **GUARDED})
    output: list[str] = []
    outputs = deploy(deployment, output.append)
    key = boto3.client("apigateway").get_api_key(apiKey=outputs["ApiKeyId"], includeValue=True)
    addresses = {
        "site": f"{outputs['SiteUrl']}/api",
        "gateway": f"{endpoint}/_aws/execute-api/{outputs['Api']}/api",
    }
    with httpx.Client(timeout=LIMIT) as http:
        yield Guarded(Cloud(outputs), Site(outputs["SiteUrl"], http), key["value"], addresses)
    destroy(deployment.stack, output.append)


def is_unauthorized(response: httpx.Response) -> bool:
    """Return whether a response is the problem ``unauthorized``."""
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem.keys() == {"title", "status", "code", "detail"}
    assert "x-api-key" in problem["detail"]
    return (response.status_code, problem["status"], problem["code"]) == (401, 401, "unauthorized")


@pytest.mark.parametrize("address", ["site", "gateway"])
@pytest.mark.parametrize("asked", ["GET stats", "POST uploads", "DELETE images/a", "PUT x"])
@pytest.mark.parametrize("headers", [{}, {"x-api-key": "0" * 40}, {"x-api-key": ""}])
def test_a_request_without_the_key_is_refused(
    guarded: Guarded, address: str, asked: str, headers: dict[str, str]
) -> None:
    """The response does not show whether the path exists."""
    method, path = asked.split()
    url = f"{guarded.addresses[address]}/{path}"
    assert is_unauthorized(guarded.site.http.request(method, url, headers=headers))


@pytest.mark.parametrize("address", ["site", "gateway"])
def test_a_request_with_the_key_is_handled(guarded: Guarded, address: str) -> None:
    """At both addresses; a missing image is then 404."""
    headers = {"x-api-key": guarded.key}
    url = guarded.addresses[address]
    stats = guarded.site.http.get(f"{url}/stats", headers=headers)
    assert stats.status_code == 200
    assert stats.json()["queue"]["dead"] == 0
    assert guarded.site.http.get(f"{url}/images/a", headers=headers).status_code == 404


def test_the_example_of_the_docs(guarded: Guarded) -> None:
    """docs/how-to/restrict-api-access.md shows how to send the key."""
    needs("curl")
    (example,) = re.findall(
        r'\$ (curl -s "\$API/stats" -H "x-api-key: \$KEY")$', PAGE.read_text(), re.MULTILINE
    )
    for key, expected in ((guarded.key, "queue"), ("wrong", "unauthorized")):
        done = subprocess.run(
            ["bash", "-c", example],
            env={**os.environ, "API": guarded.addresses["site"], "KEY": key},
            capture_output=True,
            text=True,
            check=True,
        )
        assert expected in done.stdout


@pytest.mark.parametrize("address", ["site", "gateway"])
def test_preflights_need_no_key(guarded: Guarded, address: str) -> None:
    """A browser sends no key with them; a page of the allowed origin may send every request."""
    preflight = {
        "origin": ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-api-key",
    }
    response = guarded.site.http.options(f"{guarded.addresses[address]}/uploads", headers=preflight)
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert response.headers["access-control-allow-methods"] == "POST, OPTIONS"
    allowed = set(response.headers["access-control-allow-headers"].split(", "))
    assert {"content-type", "x-api-key"} <= allowed
    assert "Origin" in response.headers["vary"].split(", ")
    assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (ORIGIN, ORIGIN),
        ("https://app.example.evil", None),
        ("http://app.example", None),
        ("https://other.app.example", None),
        ("null", None),
    ],
)
def test_origins_are_compared_exactly(
    guarded: Guarded, method: str, origin: str, allowed: str | None
) -> None:
    """Only the origin in the template's parameter gets CORS headers."""
    headers = {"origin": origin, "x-api-key": guarded.key}
    url = f"{guarded.addresses['site']}/recipes"
    response = guarded.site.http.request(method, url, headers=headers)
    assert response.status_code in (200, 204)
    assert "Origin" in response.headers["vary"].split(", ")
    shared = {name for name in response.headers if name.startswith("access-control-")}
    assert bool(shared) == bool(allowed), shared
    assert response.headers.get("access-control-allow-origin") == allowed


def test_originals_may_be_off(guarded: Guarded) -> None:
    """With ``Originals=off`` nobody can download one; the response is the same for missing ones."""
    response = guarded.site.api("GET", "images/a.jpg/original", **{"x-api-key": guarded.key})
    assert (response.status_code, response.json()["code"]) == (403, "originals-off")


def test_the_api_reads_no_originals_if_they_are_off(guarded: Guarded, sample: Sample) -> None:
    """With ``Originals=off`` its role has no permission to; it finds and deletes them."""
    cloud, headers = guarded.cloud, {"x-api-key": guarded.key}
    bucket = cloud.outputs["RawBucket"]
    function = boto3.client("lambda").get_function_configuration(
        FunctionName=cloud.outputs["ApiFunction"]
    )
    role, iam = function["Role"].rpartition("/")[2], boto3.client("iam")
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    readable = [
        resource
        for each in policy["Statement"]
        if "s3:GetObject" in (each["Action"], *each["Action"])
        for resource in (each["Resource"],)
    ]
    assert readable == [f"arn:aws:s3:::{cloud.outputs['ProcessedBucket']}/processed/*"]
    cloud.s3.put_object(Bucket=bucket, Key="off/a.jpg", Body=sample("raccoon.jpg"))
    cloud.s3.put_object(Bucket=bucket, Key="off/a.jpg.2", Body=b"another key with its prefix")
    again = guarded.site.api("POST", "images/off%2Fa.jpg/process", {}, **headers)
    assert again.status_code == 202, again.text
    assert guarded.site.api("POST", "images/off%2Fa/process", {}, **headers).status_code == 404
    assert guarded.site.api("DELETE", "images/off%2Fa.jpg", **headers).status_code == 202
    kept = cloud.s3.list_objects_v2(Bucket=bucket, Prefix="off/")["Contents"]
    assert [each["Key"] for each in kept] == ["off/a.jpg.2"]


def test_renditions_may_be_public(guarded: Guarded, sample: Sample) -> None:
    """With ``PublicRead=https-only`` the bucket serves renditions over HTTPS, and nothing else."""
    cloud, http = guarded.cloud, guarded.site.http
    cloud.s3.put_object(Bucket=cloud.outputs["RawBucket"], Key="a.jpg", Body=sample("raccoon.jpg"))
    headers = {"x-api-key": guarded.key}
    image: dict[str, Any] = {}

    def is_done() -> bool:
        response = guarded.site.api("GET", "images/a.jpg", **headers)
        image.update(response.json())
        return image.get("status") == "done"

    wait_for(is_done)
    endpoint, bucket = cloud.s3.meta.endpoint_url, cloud.outputs["ProcessedBucket"]
    url = f"{endpoint}/{bucket}/processed/a.jpg/thumb.webp"
    response = http.get(url)
    assert response.status_code == 200
    assert len(response.content) == image["renditions"][0]["bytes"]
    assert http.get(url, headers={"x-forwarded-proto": "http"}).status_code == 403
    assert http.get(f"{endpoint}/{bucket}").status_code == 403
    assert http.put(url, content=b"other").status_code == 403
    assert http.get(f"{endpoint}/{cloud.outputs['RawBucket']}/a.jpg").status_code == 403


def test_uploads_may_be_public(guarded: Guarded, sample: Sample) -> None:
    """With ``PublicUpload=on`` anybody adds an image below public/, which is processed; nobody
    replaces, reads or deletes it.
    """
    cloud, http = guarded.cloud, guarded.site.http
    url = f"{cloud.s3.meta.endpoint_url}/{cloud.outputs['RawBucket']}/public/a.jpg"
    new = {"if-none-match": "*", "x-amz-meta-recipe": "avatar"}
    assert http.put(url, content=sample("raccoon.jpg"), headers=new).status_code == 200
    assert http.put(url, content=b"other", headers=new).status_code == 412

    def is_done() -> bool:
        entry = cloud.catalog.get("public/a.jpg")
        return entry is not None and entry["status"] == "done"

    wait_for(is_done)
    assert http.get(url).status_code == 403
    assert http.delete(url).status_code == 403


@pytest.mark.parametrize(
    ("request_line", "headers"),
    [
        ("PUT public/b.jpg", {}),
        ("PUT public/b.jpg", {"if-none-match": "*", "x-forwarded-proto": "http"}),
        ("PUT public/b.jpg", {"if-none-match": "*", "x-amz-storage-class": "DEEP_ARCHIVE"}),
        ("PUT public/b.html", {"if-none-match": "*"}),
        ("PUT public/b.JPG", {"if-none-match": "*"}),
        ("PUT uploads/b.jpg", {"if-none-match": "*"}),
        ("PUT b.jpg", {"if-none-match": "*"}),
        ("POST public/b.jpg?uploads", {"if-none-match": "*"}),
        ("PUT public/b.jpg?tagging", {"if-none-match": "*"}),
        ("GET ?prefix=public/", {}),
        ("GET public/missing.jpg", {}),
    ],
)
def test_public_uploads_are_limited(
    guarded: Guarded, request_line: str, headers: dict[str, str]
) -> None:
    """Only whole, new objects in S3 Standard with an image's extension, below public/, by HTTPS."""
    cloud = guarded.cloud
    method, path = request_line.split()
    url = f"{cloud.s3.meta.endpoint_url}/{cloud.outputs['RawBucket']}/{path}"
    response = guarded.site.http.request(method, url, headers=headers)
    assert response.status_code == 403, response.text


def test_forms_of_public_uploads_are_refused(guarded: Guarded) -> None:
    """A browser's form cannot have If-None-Match: it could replace objects."""
    cloud = guarded.cloud
    url = f"{cloud.s3.meta.endpoint_url}/{cloud.outputs['RawBucket']}"
    fields = {"key": "public/c.jpg", "if-none-match": "*"}
    response = guarded.site.http.post(url, data=fields, files={"file": ("c.jpg", b"c")})
    assert response.status_code == 403, response.text


def test_a_throttled_function_is_unavailable(guarded: Guarded) -> None:
    """The response is a problem document with Retry-After."""
    function = guarded.cloud.outputs["ApiFunction"]
    client = boto3.client("lambda")
    client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    try:
        response = guarded.site.api("GET", "recipes", **{"x-api-key": guarded.key})
    finally:
        client.delete_function_concurrency(FunctionName=function)
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == "unavailable"
    assert int(response.headers["retry-after"]) > 0

    def is_available() -> bool:
        again = guarded.site.api("GET", "recipes", **{"x-api-key": guarded.key})
        return again.status_code == 200

    # CloudFront caches a 503 for less time than Retry-After names.
    wait_for(is_available)
