"""The Lambda entry point of variants."""

import base64
import importlib
import json
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from processor.images import open_source
from processor.storage.variants import StoredVariant
from tests.unit.processor.clouds import error
from tests.unit.processor.test_settings import VARIANT
from tests.unit.processor.variants.test_server import Images

CONTEXT = SimpleNamespace(aws_request_id="request", get_remaining_time_in_millis=lambda: 28_000)


@pytest.fixture
def images() -> Images:
    """Give a pipeline with the image ``a``."""
    return Images()


@pytest.fixture
def entry_point(monkeypatch: pytest.MonkeyPatch, images: Images) -> ModuleType:
    """Give the handler's module, imported as Lambda does, with the image's server."""
    for name, value in {**VARIANT, "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, "processor.handlers.variant", raising=False)
    module = importlib.import_module("processor.handlers.variant")
    monkeypatch.setattr(module, "server", images.server)
    return module


def request(entry_point: ModuleType, path: str, **headers: str) -> dict[str, Any]:
    """Return the response to CloudFront's request."""
    event = {
        "rawPath": path,
        "headers": {name.replace("_", "-"): headers[name] for name in headers},
    }
    response: dict[str, Any] = entry_point.handler(event, CONTEXT)
    return response


def metrics(printed: str) -> dict[str, float]:
    """Return the values of the metrics that were printed, without the time."""
    documents = [json.loads(line) for line in printed.splitlines() if '"_aws"' in line]
    names = {
        metric["Name"]
        for each in documents
        for directive in each["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]
    }
    assert "VariantTime" in names
    values = {name: each[name] for each in documents for name in names if name in each}
    del values["VariantTime"]
    return values


def test_the_server_has_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Buckets, table, cap and fallback are those that the environment names."""
    environment = {**VARIANT, "VARIANT_FALLBACK": "marks/x.png", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, "processor.handlers.variant", raising=False)
    module = importlib.import_module("processor.handlers.variant")
    server, fallback = module.server, module.fallback
    assert (server.raw_bucket, server.variants.bucket) == ("raw", "processed")
    assert (server.catalog.table, server.most) == ("table", 500)
    assert (fallback.bucket, fallback.key) == ("site", "marks/x.png")


def test_a_first_and_a_second_request(
    entry_point: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both have the same image and headers."""
    first = request(entry_point, "/variants/a/w_30.webp")
    assert metrics(capsys.readouterr().out) == {"VariantsRendered": 1}
    assert first["statusCode"] == 200
    assert first["headers"]["content-type"] == "image/webp"
    assert open_source(base64.b64decode(first["body"])).header.format == "webp"
    assert request(entry_point, "/variants/a/w_30.webp") == first


def test_request_headers(entry_point: ModuleType) -> None:
    """Ranges and conditions are those of the request."""
    whole = request(entry_point, "/variants/a/w_30.webp")
    part = request(entry_point, "/variants/a/w_30.webp", range="bytes=0-3")
    assert (part["statusCode"], base64.b64decode(part["body"])) == (206, b"RIFF")
    etag = whole["headers"]["etag"]
    same = request(entry_point, "/variants/a/w_30.webp", if_none_match=etag)
    assert (same["statusCode"], "body" in same) == (304, False)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/variants/never/w_30.webp", 404, "not-found"),
        ("/variants/a/w_0.webp", 400, "invalid-option"),
        ("/elsewhere", 400, "invalid-option"),
    ],
)
def test_refusals(
    entry_point: ModuleType,
    capsys: pytest.CaptureFixture[str],
    path: str,
    status: int,
    code: str,
) -> None:
    """A request without an image has a problem document, and is counted by its code."""
    response = request(entry_point, path)
    problem = json.loads(response["body"])
    assert (response["statusCode"], problem["status"], problem["code"]) == (status, status, code)
    printed = capsys.readouterr().out
    assert metrics(printed) == {"VariantsRefused": 1}
    assert f'"Reason":"{code}"' in printed


def test_the_fallback_image(entry_point: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the place of the problem document, with the error's status."""
    image = StoredVariant(b"fallback", "image/png", '"1"', "")
    monkeypatch.setattr(entry_point, "fallback", SimpleNamespace(read=lambda: image))
    response = request(entry_point, "/variants/never/w_30.webp")
    assert response["statusCode"] == 404
    assert response["headers"]["content-type"] == "image/png"
    assert base64.b64decode(response["body"]) == b"fallback"


def test_faults_end_the_invocation(
    entry_point: ModuleType, images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault is no response: Lambda counts an error, on which there is an alarm."""

    def fail(**_: object) -> None:
        raise error("AccessDenied", "PutObject")

    monkeypatch.setattr(images.cloud.s3, "put_object", fail)
    with pytest.raises(ClientError, match="AccessDenied"):
        request(entry_point, "/variants/a/w_30.webp")
