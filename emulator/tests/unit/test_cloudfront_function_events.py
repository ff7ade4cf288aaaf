"""Events of CloudFront Functions: requests and responses as functions see and change them."""

import copy
from typing import Any

import pytest
from werkzeug.datastructures import Headers

from localstack_native.cloudfront.functions import events
from localstack_native.cloudfront.functions.events import InvalidResultError
from localstack_native.cloudfront.messages import Query, Request, Response

REQUEST = Request(
    "GET",
    "/a%20b/ü",
    Query("b=2&a=%20&a=1+1&flag&b="),
    Headers(
        [
            ("Host", "example.com"), ("Accept", "text/html"), ("Accept", "image/avif, */*;q=0.1"),
            ("Cookie", "one=1; two=2; one=3"), ("X-Forwarded-Proto", "https"), ("Via", "proxy"),
        ]
    ),
    address="192.0.2.1",
)  # fmt: skip
RESPONSE = Response(
    200,
    Headers(
        [
            ("Content-Type", "text/plain"), ("Set-Cookie", "id=a=b; Secure; Path=/"),
            ("Set-Cookie", "id=c"), ("X-Cache", "Hit from elsewhere"), ("Content-Length", "5"),
        ]
    ),
    b"hello",
    "Hit",
)  # fmt: skip


def before() -> dict[str, Any]:
    """Return the request as a function sees it."""
    return events.request_fields(REQUEST)


def changed(result: dict[str, Any]) -> Request:
    """Return the request after a function returned ``result``."""
    return events.changed_request(before(), result, REQUEST)


def test_the_event() -> None:
    """The event has the structure that AWS documents, without cookie and hidden headers."""
    event = events.event_of("viewer-request", REQUEST, "d.cloudfront.localhost", "E1", "id")
    assert event == {
        "version": "1.0",
        "context": {
            "distributionDomainName": "d.cloudfront.localhost",
            "distributionId": "E1",
            "eventType": "viewer-request",
            "requestId": "id",
        },
        "viewer": {"ip": "192.0.2.1"},
        "request": {
            "method": "GET",
            "uri": "/a%20b/ü",
            "querystring": {
                "b": {"value": "2", "multiValue": [{"value": "2"}, {"value": ""}]},
                "a": {"value": "%20", "multiValue": [{"value": "%20"}, {"value": "1+1"}]},
                "flag": {"value": ""},
            },
            "headers": {
                "host": {"value": "example.com"},
                "accept": {
                    "value": "text/html",
                    "multiValue": [{"value": "text/html"}, {"value": "image/avif, */*;q=0.1"}],
                },
                "via": {"value": "proxy"},
            },
            "cookies": {
                "one": {"value": "1", "multiValue": [{"value": "1"}, {"value": "3"}]},
                "two": {"value": "2"},
            },
        },
    }


def test_an_unchanged_request_stays_as_sent() -> None:
    """Order, spelling and hidden headers of a request that a function returns are kept."""
    assert changed(before()) == REQUEST


def test_changes_of_a_request() -> None:
    """Path, query, headers and cookies are those that the function returned."""
    result = before()
    result["uri"] = "/new%2Fkey"
    result["querystring"] = {"c": {"value": "3"}, "a": result["querystring"]["a"]}
    result["headers"]["x-one"] = {
        "value": "ignored",
        "multiValue": [{"value": "1"}, {"value": "2"}],
    }
    del result["headers"]["accept"]
    result["cookies"] = {"two": {"value": "2"}}
    request = changed(result)
    assert request.path == "/new%2Fkey"
    assert request.query.text == "c=3&a=%20&a=1+1"
    assert request.headers.getlist("X-One") == ["1", "2"]
    assert "Accept" not in request.headers
    assert request.headers["Cookie"] == "two=2"
    assert request.headers["X-Forwarded-Proto"] == "https"


def test_a_request_without_query_and_cookies() -> None:
    """A function removes the query string and all cookies by returning none."""
    result = before()
    del result["querystring"]
    result["cookies"] = {}
    request = changed(result)
    assert request.query.text == ""
    assert "Cookie" not in request.headers


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("uri", "no-slash", "request.uri"),
        ("uri", "/a b", "request.uri"),
        ("uri", "/a?b", "request.uri"),
        ("uri", "/a\r\nb", "request.uri"),
        ("uri", 1, "request.uri"),
        ("method", "POST", "read-only"),
        ("headers.host", {"value": "other.example"}, "read-only"),
        ("headers.via", None, "read-only"),
        ("headers.content-length", {"value": "1"}, "read-only"),
        ("headers.connection", {"value": "close"}, "not allowed"),
        ("headers.x-edge-anything", {"value": "1"}, "not allowed"),
        ("headers.x-amz-cf-id", {"value": "1"}, "not allowed"),
        ("headers.cookie", {"value": "a=1"}, "use request.cookies"),
        ("headers.X-Upper", {"value": "1"}, "lower case"),
        ("headers.x y", {"value": "1"}, "invalid name"),
        ("headers.x-one", "1", "must have a value"),
        ("headers.x-one", {"value": 1}, "must have a value"),
        ("headers.x-one", {"value": "a\r\nb: c"}, "invalid character"),
        ("headers.x-one", {"value": "a", "multiValue": [{"value": "\n"}]}, "invalid character"),
        ("headers.x-one", {"value": "a", "multiValue": 1}, "must have a value"),
        ("cookies.a", {"value": None}, "must have a value"),
        ("querystring", [], "must be an object"),
    ],
)
def test_requests_that_a_function_may_not_return(path: str, value: Any, reason: str) -> None:
    """Read-only and hidden headers, other methods and invalid values are refused."""
    result = before()
    group, _, name = path.partition(".")
    if name and value is None:
        del result[group][name]
    elif name:
        result[group][name] = value
    else:
        result[group] = value
    with pytest.raises(InvalidResultError, match=reason):
        changed(result)


@pytest.mark.parametrize("result", [None, 1, "text", [], {}])
def test_results_that_are_neither_request_nor_response(result: Any) -> None:
    """A result must be a request or a response."""
    with pytest.raises(InvalidResultError):
        events.check(result)


def test_a_generated_response() -> None:
    """Status, headers, cookies and body are those of the function."""
    response = events.generated_response(
        {
            "statusCode": 302,
            "statusDescription": "Found",
            "headers": {"location": {"value": "/x"}, "cache-control": {"value": "no-store"}},
            "cookies": {"a": {"value": "1", "attributes": "Secure"}, "b": {"value": "2"}},
            "body": {"encoding": "base64", "data": "AP8="},
        }
    )
    assert (response.status, response.source) == (302, "FunctionGeneratedResponse")
    assert response.body == b"\x00\xff"
    assert response.headers["Location"] == "/x"
    assert response.headers.getlist("Set-Cookie") == ["a=1; Secure", "b=2"]


@pytest.mark.parametrize(
    ("result", "body"),
    [
        ({}, b""),
        ({"body": "ü"}, "ü".encode()),
        ({"body": {"data": "x"}}, b"x"),
        ({"body": {"encoding": "text", "data": ""}}, b""),
    ],
)
def test_bodies(result: dict[str, Any], body: bytes) -> None:
    """A body is text, or an object with data and encoding."""
    assert events.generated_response({"statusCode": 200, **result}).body == body


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ({"statusCode": "x"}, "statusCode"),
        ({"statusCode": 99}, "statusCode"),
        ({"statusCode": 600}, "statusCode"),
        ({"statusCode": True}, "statusCode"),
        ({"statusCode": 200, "body": 1}, "body"),
        ({"statusCode": 200, "body": {"data": "!", "encoding": "base64"}}, "Base64"),
        ({"statusCode": 200, "body": {"data": "", "encoding": "gzip"}}, "encoding"),
        ({"statusCode": 200, "headers": {"content-length": {"value": "1"}}}, "read-only"),
        ({"statusCode": 200, "headers": {"set-cookie": {"value": "a=1"}}}, "use response.cookies"),
    ],
)
def test_responses_that_a_function_may_not_return(result: dict[str, Any], reason: str) -> None:
    """Wrong statuses, bodies and headers are refused."""
    with pytest.raises(InvalidResultError, match=reason):
        events.generated_response(result)


def test_a_response_as_a_function_sees_it() -> None:
    """The event has status, headers and cookies with their attributes, and no body."""
    assert events.response_fields(RESPONSE) == {
        "statusCode": 200,
        "statusDescription": "OK",
        "headers": {"content-type": {"value": "text/plain"}, "content-length": {"value": "5"}},
        "cookies": {
            "id": {
                "value": "a=b",
                "attributes": "Secure; Path=/",
                "multiValue": [{"value": "a=b", "attributes": "Secure; Path=/"}, {"value": "c"}],
            }
        },
    }


def test_changes_of_a_response() -> None:
    """Headers and status change, and the body stays unless the function replaces it."""
    fields = events.response_fields(RESPONSE)
    result = copy.deepcopy(fields)
    result["headers"]["x-new"] = {"value": "1"}
    result["statusCode"] = 201
    response = events.changed_response(fields, result, RESPONSE)
    assert (response.status, response.body, response.source) == (201, b"hello", "Hit")
    assert response.headers.getlist("Set-Cookie") == ["id=a=b; Secure; Path=/", "id=c"]
    assert response.headers["X-New"] == "1"
    assert "X-New" not in RESPONSE.headers
    replaced = events.changed_response(fields, {**result, "body": "new text"}, RESPONSE)
    assert (replaced.body, replaced.headers["Content-Length"]) == (b"new text", "8")
