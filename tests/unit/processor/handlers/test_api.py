"""The Lambda entry point of the API."""

import importlib
import json
import sys
from datetime import UTC, datetime
from types import ModuleType, SimpleNamespace

import pytest

from tests.unit.processor.test_settings import API

CLOUD = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "AWS_SESSION_TOKEN": "token",
}


UPLOAD = {
    "httpMethod": "POST",
    "resource": "/uploads",
    "headers": {"content-type": "application/json"},
    "body": '{"files":[{"name":"a.jpg"}]}',
}


def imported(monkeypatch: pytest.MonkeyPatch, **environment: str) -> ModuleType:
    """Return the handler's module, imported as in a new Lambda environment."""
    for name, value in {**API, **CLOUD, **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, "processor.handlers.api", raising=False)
    return importlib.import_module("processor.handlers.api")


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, "https://raw.s3.us-east-1.amazonaws.com/"),
        ({"AWS_DEFAULT_REGION": "eu-west-3"}, "https://raw.s3.eu-west-3.amazonaws.com/"),
        ({"AWS_DEFAULT_REGION": "cn-north-1"}, "https://raw.s3.cn-north-1.amazonaws.com.cn/"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, "http://127.0.0.1:4566/raw"),
        ({"BROWSER_S3_ENDPOINT": ""}, "https://raw.s3.us-east-1.amazonaws.com/"),
    ],
)
def test_uploads_use_the_regional_endpoint(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], url: str
) -> None:
    """S3 redirects requests to other regions' addresses, and browsers refuse to follow."""
    handler = imported(monkeypatch, **environment).handler
    output = handler(UPLOAD, SimpleNamespace(aws_request_id="request"))
    (upload,) = json.loads(output["body"])["uploads"]
    assert upload["url"] == url
    assert upload["fields"]["x-amz-security-token"] == "token"
    assert upload["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"


def test_originals_use_the_regional_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    """A presigned URL (Signature Version 4) is valid for one host."""
    api = imported(monkeypatch, ORIGINALS="on").api
    images = api.routes["/images"]["GET"].__self__
    url = images.s3.generate_presigned_url("get_object", {"Bucket": "raw", "Key": "a"})
    assert url.startswith("https://raw.s3.us-east-1.amazonaws.com/a?")


@pytest.mark.parametrize(
    ("environment", "origin"),
    [
        ({"BROWSER_S3_ENDPOINT": ""}, "https://raw.s3.us-east-1.amazonaws.com"),
        (
            {"BROWSER_S3_ENDPOINT": "", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566"},
            "http://127.0.0.1:4566",
        ),
        (
            {
                "BROWSER_S3_ENDPOINT": "http://s3.localhost:4566",
                "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
            },
            "http://raw.s3.localhost:4566",
        ),
        (
            {"BROWSER_S3_ENDPOINT": "https://s3.dualstack.us-east-1.amazonaws.com"},
            "https://raw.s3.dualstack.us-east-1.amazonaws.com",
        ),
        (
            {"BROWSER_S3_ENDPOINT": "https://s3-accelerate.amazonaws.com"},
            "https://raw.s3-accelerate.amazonaws.com",
        ),
    ],
)
@pytest.mark.parametrize("header", ["origin", "sec-fetch-site"])
def test_browsers_have_an_endpoint_of_their_own(
    monkeypatch: pytest.MonkeyPatch, header: str, environment: dict[str, str], origin: str
) -> None:
    """Forms and URLs of originals are signed for the bucket's host below the endpoint."""
    module = imported(monkeypatch, ORIGINALS="on", **environment)
    headers = {"content-type": "application/json", header: "x"}
    context = SimpleNamespace(aws_request_id="request")
    output = module.handler({**UPLOAD, "headers": headers}, context)
    (upload,) = json.loads(output["body"])["uploads"]
    assert upload["url"].startswith(f"{origin}/")
    monkeypatch.setattr(
        module.s3, "head_object", lambda **_: {"LastModified": datetime.now(UTC), "Metadata": {}}
    )
    output = module.handler(
        {
            "httpMethod": "GET",
            "resource": "/images/{key}/original",
            "headers": {header: "x"},
            "pathParameters": {"key": "a.jpg"},
        },
        context,
    )
    url = json.loads(output["body"])["url"]
    assert url.startswith(f"{origin}/")
    assert "X-Amz-SignedHeaders=host&" in url


def test_invalid_settings_stop_the_initialization(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Lambda logs the error, and the function handles no request."""
    with pytest.raises(ValueError, match="ORIGINALS"):
        imported(monkeypatch, ORIGINALS="maybe")
