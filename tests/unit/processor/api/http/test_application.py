"""What all routes share: methods, errors, and the log."""

import json

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from tests.unit.processor.api.conftest import Api

METHODS = {
    "/uploads": "POST, OPTIONS",
    "/images": "GET, OPTIONS",
    "/images/{key}": "GET, PATCH, DELETE, OPTIONS",
    "/images/{key}/process": "POST, OPTIONS",
    "/images/{key}/original": "GET, OPTIONS",
    "/recipes": "GET, OPTIONS",
    "/stats": "GET, OPTIONS",
}


@pytest.mark.parametrize("path", METHODS)
@pytest.mark.parametrize("method", ["PUT", "HEAD", "TRACE", "get", ""])
def test_other_methods_are_not_allowed(api: Api, path: str, method: str) -> None:
    """The response lists the allowed ones."""
    result = api.call(method, path, key="a")
    assert (result.status, result.code) == (405, "method-not-allowed")
    assert result.headers["Allow"] == METHODS[path]
    assert METHODS[path] in result.body["detail"]


@pytest.mark.parametrize("path", ["/", "", "/images/", "/image", "/images/{other}", "/Stats"])
def test_other_paths_are_not_found(api: Api, path: str) -> None:
    """API Gateway routes some of them to the function, too."""
    result = api.call("GET", path)
    assert (result.status, result.code) == (404, "not-found")


def aws_error(code: str, status: int = 400) -> ClientError:
    """Return what boto3 raises for an error response."""
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
        aws_error("SlowDown", 503),
        aws_error("503", 503),
        aws_error("Unheard", 503),
        aws_error("TooMany", 429),
        aws_error("ProvisionedThroughputExceededException"),
        aws_error("ThrottlingException"),
        aws_error("InternalServerError", 500),
        ReadTimeoutError(endpoint_url="https://x"),
        EndpointConnectionError(endpoint_url="https://x"),
    ],
)
def test_a_transient_error_of_a_service_is_unavailable(api: Api, failure: Exception) -> None:
    """The response says when to retry, and does not name the service."""
    api.table.failure = failure
    result = api.call("GET", "/images/{key}", key="a")
    assert (result.status, result.code) == (503, "unavailable")
    assert int(result.headers["Retry-After"]) > 0
    assert "secret" not in json.dumps(result.body)


@pytest.mark.parametrize(
    "failure", [aws_error("AccessDeniedException"), KeyError("secret"), RuntimeError("secret")]
)
def test_an_unexpected_error_is_only_in_the_log(api: Api, failure: Exception) -> None:
    """The response is a problem document without details."""
    api.table.failure = failure
    result = api.call("GET", "/images", headers={"Origin": "https://app.example"})
    assert (result.status, result.code) == (500, "internal")
    assert "secret" not in json.dumps(result.body)
    assert result.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert [(level, message) for level, message, _ in api.log.lines] == [
        ("exception", "internal"),
        ("info", "request"),
    ]


def test_each_request_has_a_line_in_the_log(api: Api) -> None:
    """The line has the path template, and no part of a presigned request."""
    result = api.call("POST", "/uploads", {"files": [{"name": "a.jpg"}]})
    ((level, message, fields),) = api.log.lines
    assert (level, message) == ("info", "request")
    assert fields.pop("ms") >= 0
    assert fields == {"method": "POST", "resource": "/uploads", "status": 200}
    assert result.body["uploads"][0]["fields"]["policy"] not in str(api.log.lines)
