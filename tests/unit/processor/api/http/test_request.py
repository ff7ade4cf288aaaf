"""Requests as API Gateway passes them: keys in paths, query parameters, base64 bodies."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.processor.api.conftest import Api


@pytest.mark.parametrize(
    "encoded", ["", "%00", "a%00b", "%", "%zz", "%e", "%ff", "%c3", "%ed%a0%80", "a" * 1025, None]
)
@pytest.mark.parametrize(
    ("method", "resource", "body"),
    [
        ("GET", "/images/{key}", None),
        ("DELETE", "/images/{key}", None),
        ("POST", "/images/{key}/process", {}),
        ("GET", "/images/{key}/original", None),
    ],
)
def test_invalid_keys_are_refused(
    api: Api, method: str, resource: str, body: object, encoded: str | None
) -> None:
    """Percent-encoding is decoded strictly: a guess could mean another image."""
    result = api.call(method, resource, body, key=encoded)
    assert (result.status, result.code) == (400, "invalid-key")


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        ("a+b", "a+b"),
        ("a%2Bb", "a+b"),
        ("100%25", "100%"),
        ("%2520", "%20"),
        ("%C3%A9", "é"),
        ("é", "é"),
        ("a%0Ab", "a\nb"),
        ("%2e%2e", ".."),
        ("k" * 1024, "k" * 1024),
    ],
)
def test_keys_are_decoded_once(api: Api, encoded: str, key: str) -> None:
    """API Gateway does not decode path parameters."""
    api.table.add(filename=key)
    assert api.call("GET", "/images/{key}", key=encoded).body["key"] == key


@pytest.mark.parametrize("query", [{"state": "done"}, {"status": ["done", "failed"]}])
def test_unknown_and_repeated_parameters_are_refused(api: Api, query: dict[str, Any]) -> None:
    """No parameter is ignored."""
    result = api.call("GET", "/images", query=query)
    assert (result.status, result.code) == (400, "invalid-parameter")


def test_parameters_of_a_signature_are_ignored(api: Api) -> None:
    """API Gateway has checked those of a presigned request."""
    query = {"X-Amz-Signature": "0", "x-amz-security-token": ["0", "1"]}
    assert api.call("GET", "/images", query=query).status == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (base64.b64encode(b'{"files":[{"name":"a.jpg"}]}').decode(), 200),
        (base64.b64encode(b'{"files":[{"name":"a\xff.jpg"}]}').decode(), 400),
        ("not base64", 400),
        ("é", 400),
        ("eyJ9=", 400),
    ],
)
def test_bodies_may_be_base64(api: Api, body: str, status: int) -> None:
    """API Gateway encodes bodies that it takes for binary."""
    result = api.send(
        {
            "httpMethod": "POST",
            "resource": "/uploads",
            "headers": {"content-type": "application/json"},
            "body": body,
            "isBase64Encoded": True,
        }
    )
    assert result.status == status


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("list", 200),
        ("get-encoded-key", 200),
        ("uploads-base64", 200),
        ("repeated-parameter", 400),
        ("preflight", 204),
        ("test-invoke", 200),
        ("delete-bad-escape", 400),
        ("process-no-body", 415),
    ],
)
def test_events_of_api_gateway_are_read(
    api: Api, event: Callable[[str], dict[str, Any]], name: str, status: int
) -> None:
    """As API Gateway sends them, with null in many places."""
    api.table.add(filename="été/100% a+b.jpg")
    assert api.send(event(name)).status == status
