"""docs/reference/openapi.yaml describes the API as it is."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from localstack_init.gateway import GATEWAY_ERRORS
from processor.api import file_names, images, media_types, process_request, stats, uploads
from processor.api.http.cursor import MAX_LENGTH
from processor.api.http.decoding import MAX_BODY
from processor.api.http.problems import Code
from processor.catalog.terms import MAX_DISTANCE
from processor.images.decode.formats import SIGNATURES
from tests.unit.processor.api.conftest import CONTRACT, Api
from tests.unit.processor.versioned import VersionedBucket

DOCUMENT = CONTRACT.document
SCHEMAS = DOCUMENT["components"]["schemas"]
BY_GATEWAY = {code for _, code, _ in GATEWAY_ERRORS.values()}
"""Codes of responses by API Gateway itself."""


def test_the_document_has_the_routes_of_the_function(api: Api) -> None:
    """All of them, and no others."""
    routes = {
        (method, path)
        for path, operations in api.application.routes.items()
        for method in operations
    }
    assert routes == set(CONTRACT.operations)


def test_every_operation_has_the_default_response() -> None:
    """It says that every error is a problem document."""
    for operation in CONTRACT.operations.values():
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Unexpected"}


def test_the_document_names_every_code() -> None:
    """All of them, and no others: programs depend on them."""
    named = set()
    for response in DOCUMENT["components"]["responses"].values():
        named |= set(re.findall("`([a-z]+(?:-[a-z]+)*)`", response["description"]))
    named |= set(re.findall("`([a-z-]+)`", SCHEMAS["Refusal"]["description"]))
    assert named == set(get_args(Code)) | BY_GATEWAY


def test_the_document_has_the_limits_of_the_code() -> None:
    """Numbers in both are the same."""
    parameters = {each["name"]: each["schema"] for each in list_images()["parameters"]}
    assert parameters["limit"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": images.MAX_LIMIT,
        "default": images.DEFAULT_LIMIT,
    }
    assert parameters["cursor"]["maxLength"] == MAX_LENGTH
    (distance,) = DOCUMENT["paths"]["/images/{key}/similar"]["get"]["parameters"]
    assert (
        distance["schema"]["maximum"],
        SCHEMAS["Similar"]["properties"]["similar"]["maxItems"],
    ) == (
        MAX_DISTANCE,
        images.MAX_SIMILAR,
    )
    assert SCHEMAS["Status"]["enum"] == list(images.STATUSES)
    assert f"at most {process_request.MAX_RENDITIONS} renditions" in flat(
        SCHEMAS["ProcessRequest"]["properties"]["recipe"]["description"]
    )
    assert f"at most {stats.NEWEST}" in SCHEMAS["Stats"]["properties"]["newest"]["description"]
    assert f"{MAX_BODY >> 10} KB" in DOCUMENT["components"]["responses"]["TooLarge"]["description"]


@pytest.mark.parametrize(
    ("name", "kind"), [("UploadRequest", uploads.UploadRequest), ("File", uploads.File)]
)
def test_bodies_have_the_fields_of_the_document(name: str, kind: Any) -> None:
    """The structs and the schemas have the same fields."""
    assert set(SCHEMAS[name]["properties"]) == set(kind.__struct_fields__)


def list_images() -> dict[str, Any]:
    """Return the operation ``GET /images``."""
    return CONTRACT.operations["GET", "/images"]


def flat(text: str) -> str:
    """Return a description as one line."""
    return " ".join(text.split())


def examples() -> list[tuple[str, str, object]]:
    """Return the example bodies of the document, with their routes."""
    found = []
    for (method, path), operation in CONTRACT.operations.items():
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        shown = [each["value"] for each in content.get("examples", {}).values()]
        shown += [content["example"]] if "example" in content else []
        found += [(method, path, body) for body in shown]
    return found


@pytest.mark.parametrize(("method", "path", "body"), examples())
def test_examples_can_be_sent(api: Api, method: str, path: str, body: object) -> None:
    """They are valid by the document, and the API accepts them."""
    api.s3.put("a")
    api.s3.versions = VersionedBucket(datetime.now(UTC) - timedelta(days=1))
    api.s3.versions.put("a", version_id="3HL4kqtJvjVBH40Nrjfkd")
    api.s3.versions.delete("a")
    held = {"reasons": [], "since": "2026-05-01T12:00:00.000Z"}
    api.table.add(filename="a", status="review", review=held, review_token="token")
    schema = CONTRACT.operations[method, path]["requestBody"]["content"]["application/json"]
    CONTRACT.validate(schema["schema"]["$ref"].rpartition("/")[2], body)
    headers = {"if-match": "*"} if method == "PATCH" else {}
    assert api.call(method, path, body, key="a", headers=headers).status in (200, 202)


def test_accepted_types_are_those_that_the_engine_reads() -> None:
    """The engine's table of signatures leaves out AVIF and HEIF."""
    engine = {name.lower() for name in SIGNATURES} | {"avif", "heic", "heif"}
    assert {name.removeprefix("image/") for name in media_types.TYPES} == engine
    assert set(media_types.ALIASES.values()) <= set(media_types.TYPES)


def test_cleaned_names_keep_their_extension() -> None:
    """All extensions of accepted types are short enough."""
    for extension in media_types.BY_EXTENSION:
        assert file_names.clean("x" * 200 + f".{extension}").endswith(f".{extension}")
