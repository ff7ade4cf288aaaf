"""Cross-origin requests: allowed origins, preflight requests, and POSTs without one."""

import json
from typing import Any

import pytest

from processor.api.http.application import Application
from processor.api.http.cors import Cors
from processor.api.http.request import Request
from processor.api.http.response import Response, json_response
from tests.unit.processor.api.conftest import CONTRACT, Api
from tests.unit.processor.api.services import FakeLogger

PREFLIGHT = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
CORS = "access-control-"


@pytest.mark.parametrize("path", CONTRACT.document["paths"])
def test_an_allowed_origin_may_call_every_path(api: Api, path: str) -> None:
    """A preflight response lists the methods and the headers."""
    result = api.call("OPTIONS", path, key="a", headers=PREFLIGHT)
    assert result.status == 204
    assert result.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert result.headers["Access-Control-Allow-Methods"] == result.headers["Allow"]
    assert result.headers["Access-Control-Allow-Headers"].split(", ") == [
        "content-type",
        "if-match",
        "x-api-key",
        "authorization",
        "x-amz-date",
        "x-amz-security-token",
    ]
    assert int(result.headers["Access-Control-Max-Age"]) > 0
    assert result.headers["Vary"] == "Origin"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://app.example.evil.example",
        "https://app.example:8443",
        "http://app.example",
        "https://APP.example",
        "https://app.example/",
        "null",
        "*",
        "",
    ],
)
def test_other_origins_may_not_call(api: Api, origin: str) -> None:
    """Origins are compared whole; every response varies by origin."""
    for method in ("OPTIONS", "GET"):
        result = api.call(method, "/recipes", headers={"Origin": origin})
        assert result.status in (200, 204)
        assert not any(name.lower().startswith(CORS) for name in result.headers)
        assert result.headers["Vary"] == "Origin"


def test_without_allowed_origins_responses_do_not_vary(api: Api) -> None:
    """No page of another site may call."""
    closed = api.with_settings(cors_origins="")
    result = closed.call("OPTIONS", "/recipes", headers=PREFLIGHT)
    assert result.status == 204
    assert "Vary" not in result.headers
    assert not any(name.lower().startswith(CORS) for name in result.headers)


def test_an_allowed_origin_can_read_problems(api: Api) -> None:
    """An error response has the same CORS headers, and exposes Retry-After."""
    result = api.call("PUT", "/recipes", headers=PREFLIGHT)
    assert result.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert "retry-after" in result.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", {}, 415),
        ("POST", {"Content-Type": "text/plain"}, 415),
        ("POST", {"Content-Type": "text/plain; application/json"}, 415),
        ("POST", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ("POST", {"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ("POST", {"Content-Type": "application/json; charset=utf-8"}, 200),
        ("DELETE", {}, 200),
        ("GET", {}, 200),
    ],
)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://app.example", ""])
def test_no_page_sends_a_post_without_a_preflight_request(
    origin: str, method: str, headers: dict[str, str], status: int
) -> None:
    """A POST that needs no preflight request reaches no operation; browsers always send one before
    a DELETE.
    """
    calls: list[Request] = []

    def operation(request: Request) -> Response:
        calls.append(request)
        return json_response({})

    cors = Cors(frozenset({"https://app.example"}))
    logger: Any = FakeLogger()
    api = Application({"/x": {method: operation}}, cors, logger)
    event = {"httpMethod": method, "resource": "/x"}
    output = api.handle({**event, "headers": {"Origin": origin, **headers}})
    assert (output["statusCode"], len(calls)) == (status, int(status == 200))
    if status == 415:
        assert "Send content-type: application/json." in json.loads(output["body"])["detail"]
    assert api.handle({**event, "headers": headers})["statusCode"] == 200
