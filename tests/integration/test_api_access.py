"""Who may call the API, and read what, on a stack that is not open to all.

LocalStack looks at no signatures: what ``ApiAuth=iam`` asks for is in
tests/unit/localstack_init/test_gateway.py.
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

from .conftest import new_deployment
from .console import needs
from .site import Site
from .waiting import wait_for

DOCS = Path(__file__).parents[2] / "docs"
ORIGIN = "https://app.example"
GUARDED = {
    "ApiAuth": "api-key",
    "Originals": "off",
    "CorsOrigins": ORIGIN,
    "PublicRead": "https-only",
}

Sample = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Guarded:
    """A stack whose API wants a key."""

    cloud: Cloud
    site: Site
    key: str
    addresses: dict[str, str]
    """Of the API: through CloudFront, and its own."""


@pytest.fixture(scope="module")
def guarded(endpoint: str) -> Iterator[Guarded]:
    """Give a deployed stack with a guarded API."""
    usual = new_deployment()
    deployment = replace(usual, parameters={**usual.parameters, **GUARDED})
    said: list[str] = []
    outputs = deploy(deployment, said.append)
    key = boto3.client("apigateway").get_api_key(apiKey=outputs["ApiKeyId"], includeValue=True)
    addresses = {
        "site": f"{outputs['SiteUrl']}/api",
        "own": f"{endpoint}/_aws/execute-api/{outputs['Api']}/api",
    }
    with httpx.Client(timeout=30) as http:
        yield Guarded(Cloud(outputs), Site(outputs["SiteUrl"], http), key["value"], addresses)
    destroy(deployment.stack, said.append)


def is_unauthorized(answer: httpx.Response) -> bool:
    """Whether it is the problem document of that name."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem.keys() == {"title", "status", "code", "detail"}
    assert "x-api-key" in problem["detail"]
    return (answer.status_code, problem["status"], problem["code"]) == (401, 401, "unauthorized")


@pytest.mark.parametrize("way", ["site", "own"])
@pytest.mark.parametrize("asked", ["GET stats", "POST uploads", "DELETE images/a", "PUT x"])
@pytest.mark.parametrize("headers", [{}, {"x-api-key": "0" * 40}, {"x-api-key": ""}])
def test_who_has_no_key_is_refused(
    guarded: Guarded, way: str, asked: str, headers: dict[str, str]
) -> None:
    """Nothing is told to who sends none or a wrong one, not even which paths there are."""
    method, path = asked.split()
    url = f"{guarded.addresses[way]}/{path}"
    assert is_unauthorized(guarded.site.http.request(method, url, headers=headers))


@pytest.mark.parametrize("way", ["site", "own"])
def test_who_has_the_key_may_call(guarded: Guarded, way: str) -> None:
    """Through CloudFront, and at the API's own address; a key that is not there is told then."""
    headers = {"x-api-key": guarded.key}
    address = guarded.addresses[way]
    stats = guarded.site.http.get(f"{address}/stats", headers=headers)
    assert stats.status_code == 200
    assert stats.json()["queue"]["dead"] == 0
    assert guarded.site.http.get(f"{address}/images/a", headers=headers).status_code == 404


def test_the_example_of_the_page(guarded: Guarded) -> None:
    """docs/api.md says how to send the key."""
    needs("curl")
    (example,) = re.findall(
        r'^curl .*x-api-key: \$KEY"$', (DOCS / "api.md").read_text(), re.MULTILINE
    )
    for key, answered in ((guarded.key, "queue"), ("wrong", "unauthorized")):
        done = subprocess.run(
            ["bash", "-c", example],
            env={**os.environ, "API": guarded.addresses["site"], "KEY": key},
            capture_output=True,
            text=True,
            check=True,
        )
        assert answered in done.stdout


@pytest.mark.parametrize("way", ["site", "own"])
def test_preflights_need_no_key(guarded: Guarded, way: str) -> None:
    """A browser sends none with them; a page of the origin that is named may do all."""
    asked = {
        "origin": ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-api-key",
    }
    answer = guarded.site.http.options(f"{guarded.addresses[way]}/uploads", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-methods"] == "POST, OPTIONS"
    allowed = set(answer.headers["access-control-allow-headers"].split(", "))
    assert {"content-type", "x-api-key"} <= allowed
    assert "Origin" in answer.headers["vary"].split(", ")
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
@pytest.mark.parametrize(
    ("origin", "told"),
    [
        (ORIGIN, ORIGIN),
        ("https://app.example.evil", None),
        ("http://app.example", None),
        ("https://other.app.example", None),
        ("null", None),
    ],
)
def test_origins_are_held_exactly(
    guarded: Guarded, method: str, origin: str, told: str | None
) -> None:
    """Only the page that the template names gets what browsers look for."""
    headers = {"origin": origin, "x-api-key": guarded.key}
    url = f"{guarded.addresses['site']}/recipes"
    answer = guarded.site.http.request(method, url, headers=headers)
    assert answer.status_code in (200, 204)
    assert "Origin" in answer.headers["vary"].split(", ")
    shared = {name for name in answer.headers if name.startswith("access-control-")}
    assert bool(shared) == bool(told), shared
    assert answer.headers.get("access-control-allow-origin") == told


def test_originals_are_kept(guarded: Guarded) -> None:
    """With ``Originals=off`` nobody gets one, whether it is there or not."""
    answer = guarded.site.api("GET", "images/a.jpg/original", **{"x-api-key": guarded.key})
    assert (answer.status_code, answer.json()["code"]) == (403, "originals-off")


def test_renditions_for_everybody(guarded: Guarded, sample: Sample) -> None:
    """With ``PublicRead=https-only`` the bucket gives out renditions, and nothing else."""
    cloud, http = guarded.cloud, guarded.site.http
    cloud.s3.put_object(Bucket=cloud.outputs["RawBucket"], Key="a.jpg", Body=sample("raccoon.jpg"))
    headers = {"x-api-key": guarded.key}
    image: dict[str, Any] = {}

    def is_done() -> bool:
        answer = guarded.site.api("GET", "images/a.jpg", **headers)
        image.update(answer.json())
        return image.get("status") == "done"

    wait_for(is_done, 60)
    endpoint, bucket = cloud.s3.meta.endpoint_url, cloud.outputs["ProcessedBucket"]
    url = f"{endpoint}/{bucket}/processed/a.jpg/thumb.webp"
    answer = http.get(url)
    assert answer.status_code == 200
    assert len(answer.content) == image["renditions"][0]["bytes"]
    assert http.get(url, headers={"x-forwarded-proto": "http"}).status_code == 403
    assert http.get(f"{endpoint}/{bucket}").status_code == 403
    assert http.put(url, content=b"other").status_code == 403
    assert http.get(f"{endpoint}/{cloud.outputs['RawBucket']}/a.jpg").status_code == 403


def test_a_function_that_takes_no_more(guarded: Guarded) -> None:
    """What Lambda throttles is told in a problem document that says when to ask again."""
    function = guarded.cloud.outputs["ApiFunction"]
    client = boto3.client("lambda")
    client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    try:
        answer = guarded.site.api("GET", "recipes", **{"x-api-key": guarded.key})
    finally:
        client.delete_function_concurrency(FunctionName=function)
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "unavailable"
    assert int(answer.headers["retry-after"]) > 0
    again = guarded.site.api("GET", "recipes", **{"x-api-key": guarded.key})
    assert again.status_code == 200
