"""What all routes have in common: methods, bodies, errors, other sites' pages, the log."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from processor.api.http.application import Application
from processor.api.http.cors import Cors
from processor.api.http.request import Request
from processor.api.http.response import Answer, answer
from tests.unit.processor.api.conftest import Api, Log

PATHS = {
    "/uploads": "POST, OPTIONS",
    "/images": "GET, OPTIONS",
    "/images/{key}": "GET, DELETE, OPTIONS",
    "/images/{key}/process": "POST, OPTIONS",
    "/images/{key}/original": "GET, OPTIONS",
    "/recipes": "GET, OPTIONS",
    "/stats": "GET, OPTIONS",
}
PREFLIGHT = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
CORS = "access-control-"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "HEAD", "TRACE", "get", ""])
def test_other_methods_are_not_allowed(api: Api, path: str, method: str) -> None:
    """The answer names those that are."""
    said = api.call(method, path, key="a")
    assert (said.status, said.code) == (405, "method-not-allowed")
    assert said.headers["Allow"] == PATHS[path]


@pytest.mark.parametrize("path", ["/", "", "/images/", "/image", "/images/{other}", "/Stats"])
def test_other_paths_are_not_found(api: Api, path: str) -> None:
    """API Gateway sends none of them, unless somebody binds them."""
    said = api.call("GET", path)
    assert (said.status, said.code) == (404, "not-found")


@pytest.mark.parametrize("path", PATHS)
def test_pages_of_listed_sites_may_call(api: Api, path: str) -> None:
    """A browser that asks is told the methods and the headers."""
    said = api.call("OPTIONS", path, key="a", headers=PREFLIGHT)
    assert said.status == 204
    assert said.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert said.headers["Access-Control-Allow-Methods"] == said.headers["Allow"] == PATHS[path]
    assert said.headers["Access-Control-Allow-Headers"].split(", ") == [
        "content-type",
        "x-api-key",
        "authorization",
        "x-amz-date",
        "x-amz-security-token",
    ]
    assert int(said.headers["Access-Control-Max-Age"]) > 0
    assert said.headers["Vary"] == "Origin"


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
def test_pages_of_other_sites_may_not(api: Api, origin: str) -> None:
    """Origins are compared whole; the answer varies by them all the same."""
    for method in ("OPTIONS", "GET"):
        said = api.call(method, "/recipes", headers={"Origin": origin})
        assert said.status in (200, 204)
        assert not any(name.lower().startswith(CORS) for name in said.headers)
        assert said.headers["Vary"] == "Origin"


def test_without_origins_no_page_of_another_site_may(api: Api) -> None:
    """Then nothing depends on the origin."""
    closed = api.with_settings(cors_origins="")
    said = closed.call("OPTIONS", "/recipes", headers=PREFLIGHT)
    assert said.status == 204
    assert "Vary" not in said.headers
    assert not any(name.lower().startswith(CORS) for name in said.headers)


def test_problems_can_be_read_by_listed_pages(api: Api) -> None:
    """A refusal says whose pages may read it, as an answer does."""
    said = api.call("PUT", "/recipes", headers=PREFLIGHT)
    assert said.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert "retry-after" in said.headers["Access-Control-Expose-Headers"]


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
def test_no_page_sends_a_post_without_a_preflight(
    origin: str, method: str, headers: dict[str, str], status: int
) -> None:
    """What a page sends without one never comes to an operation, whatever that would do with it;
    of DELETE a browser always asks first.
    """
    called: list[Request] = []

    def operation(request: Request) -> Answer:
        called.append(request)
        return answer({})

    api = Application({"/x": {method: operation}}, Cors(frozenset({"https://app.example"})))
    event = {"httpMethod": method, "resource": "/x"}
    said = api.answer({**event, "headers": {"Origin": origin, **headers}})
    assert (said["statusCode"], len(called)) == (status, int(status == 200))
    if status == 415:
        assert "Send content-type: application/json." in json.loads(said["body"])["detail"]
    assert api.answer({**event, "headers": headers})["statusCode"] == 200


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/uploads"), ("POST", "/images/{key}/process")]
)
@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        ("{}", "", 415, "not-json"),
        ("{}", "text/plain", 415, "not-json"),
        ("{}", "application/x-www-form-urlencoded", 415, "not-json"),
        ("{}", "application/jsonp", 415, "not-json"),
        (None, "application/json", 400, "invalid-json"),
        ("", "application/json", 400, "invalid-json"),
        ("{", "application/json", 400, "invalid-json"),
        ("{}{}", "application/json", 400, None),
        ("\ufeff{}", "application/json", 400, "invalid-json"),
        ("NaN", "application/json", 400, "invalid-json"),
        ('{"recipe":' + "[" * 100_000, "application/json", 400, None),
        ('{"files":' + "[" * 100_000, "application/json", 400, None),
        ('"' + "x" * 300_000 + '"', "application/json", 413, "body-too-large"),
        ('"' + "é" * 131_071 + '"', "application/json", 400, "invalid-request"),
        ('"' + "é" * 131_072 + '"', "application/json", 413, "body-too-large"),
        ("[]", "application/json; charset=utf-8", 400, "invalid-request"),
        ("[]", "APPLICATION/JSON ;x=y", 400, "invalid-request"),
    ],
)
def test_bodies_are_json(
    api: Api,
    method: str,
    path: str,
    body: str | None,
    content_type: str,
    status: int,
    code: str | None,
) -> None:
    """Not too large, not too deep, and called what they are."""
    headers = {"Content-Type": content_type} if content_type else {}
    event = {"httpMethod": method, "resource": path, "headers": headers, "body": body}
    said = api.send({**event, "pathParameters": {"key": "a"}, "isBase64Encoded": False})
    assert said.status == status
    if code:
        assert said.code == code


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
    """API Gateway does so to what it takes for binary."""
    said = api.send(
        {
            "httpMethod": "POST",
            "resource": "/uploads",
            "headers": {"content-type": "application/json"},
            "body": body,
            "isBase64Encoded": True,
        }
    )
    assert said.status == status


def refused(code: str, status: int = 400) -> ClientError:
    """What boto3 raises when a service answers an error."""
    return ClientError(
        {
            "Error": {"Code": code, "Message": "secret"},
            "ResponseMetadata": {"HTTPStatusCode": status},  # type: ignore[typeddict-item]
        },
        "Operation",
    )


@pytest.mark.parametrize(
    "failure",
    [
        refused("SlowDown", 503),
        refused("503", 503),
        refused("Unheard", 503),
        refused("TooMany", 429),
        refused("ProvisionedThroughputExceededException"),
        refused("ThrottlingException"),
        refused("InternalServerError", 500),
        ReadTimeoutError(endpoint_url="https://x"),
        EndpointConnectionError(endpoint_url="https://x"),
    ],
)
def test_what_passes_by_itself_is_to_be_tried_again(api: Api, failure: Exception) -> None:
    """The client is told so, and when; not by whom we were let down."""
    api.table.failure = failure
    said = api.call("GET", "/images/{key}", key="a")
    assert (said.status, said.code) == (503, "unavailable")
    assert int(said.headers["Retry-After"]) > 0
    assert "secret" not in json.dumps(said.body)


@pytest.mark.parametrize(
    "failure", [refused("AccessDeniedException"), KeyError("secret"), RuntimeError("secret")]
)
def test_what_nobody_expected_is_in_the_log_alone(api: Api, failure: Exception, log: Log) -> None:
    """The answer is a problem document all the same, with no trace of the code in it."""
    api.table.failure = failure
    said = api.call("GET", "/images", headers={"Origin": "https://app.example"})
    assert (said.status, said.code) == (500, "internal")
    assert "secret" not in json.dumps(said.body)
    assert said.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert [(level, message) for level, message, _ in log.lines] == [
        ("exception", "internal"),
        ("info", "request"),
    ]


def test_a_key_that_s3_calls_bad_is_not_found(api: Api) -> None:
    """S3 answers 400 to a HEAD of some keys, such as those that lead upwards."""
    api.s3.failure = refused("400", 400)
    assert api.call("DELETE", "/images/{key}", key="..%2F..").status == 404


def test_what_is_no_object_is_not_deleted(api: Api) -> None:
    """Where buckets are in the path, the key "/" leads to the bucket itself."""
    api.s3.objects["/"] = {}
    assert api.call("DELETE", "/images/{key}", key="%2F").status == 404
    assert "/" in api.s3.objects


def test_each_request_has_a_line_in_the_log(api: Api, log: Log) -> None:
    """It names the path's template, and nothing of what was signed."""
    said = api.call("POST", "/uploads", {"files": [{"name": "a.jpg"}]})
    ((level, message, more),) = log.lines
    assert (level, message) == ("info", "request")
    assert more.pop("ms") >= 0
    assert more == {"method": "POST", "resource": "/uploads", "status": 200}
    assert said.body["uploads"][0]["fields"]["policy"] not in str(log.lines)


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
def test_events_of_api_gateway_are_understood(
    api: Api, event: Callable[[str], dict[str, Any]], name: str, status: int
) -> None:
    """As it writes them, with all that is null in them."""
    api.table.add(filename="été/100% a+b.jpg")
    assert api.send(event(name)).status == status


def test_recipes_are_told_without_defaults(api: Api) -> None:
    """As they stand in the file that ships."""
    recipes = api.call("GET", "/recipes").body["recipes"]
    assert {"default", "avatar", "print"} <= recipes.keys()
    assert "gps" not in recipes["default"]
    assert [each["name"] for each in recipes["default"]["renditions"]] == [
        "thumb",
        "preview",
        "web",
    ]
