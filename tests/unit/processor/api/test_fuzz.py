"""Property-based tests: the response to every request follows the contract."""

import json
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processor.catalog.entries import shard_of
from tests.profiles import examples
from tests.unit.processor.api.conftest import CONTRACT, Api
from tests.unit.processor.api.table import entry

TEXT = st.text(max_size=20)
KEYS = st.one_of(
    st.sampled_from(["there", "gone", "entry-only", "original-only"]),
    TEXT.map(lambda text: quote(text, safe="")),
    TEXT,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
FILES = st.fixed_dictionaries(
    {"name": TEXT | JSON},
    optional={
        "type": st.sampled_from(["", "image/png", "text/html"]) | JSON,
        "size": st.integers(-1, 10**9) | JSON,
        "recipe": st.sampled_from(["default", "avatar"]) | JSON,
        "other": JSON,
    },
)
RENDITIONS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["a", "b", "C"]),
        "output": st.fixed_dictionaries({"format": st.sampled_from(["webp", "jpeg", "no"])}),
    },
    optional={
        "resize": st.fixed_dictionaries({"width": st.integers(0, 9)}),
        "watermark": st.fixed_dictionaries(
            {"image": st.sampled_from(["logo.png", "raw:a", "x"]) | TEXT}
        ),
    },
)
RECIPES = st.one_of(
    st.sampled_from(["default", "none"]),
    st.fixed_dictionaries({"renditions": st.lists(RENDITIONS, max_size=14)}),
    JSON,
)
BODIES = st.one_of(
    st.fixed_dictionaries({"files": st.lists(FILES, max_size=4)}).map(json.dumps),
    st.fixed_dictionaries({}, optional={"recipe": RECIPES}).map(json.dumps),
    JSON.map(json.dumps),
    st.text(st.characters(codec=None), max_size=30),
    st.none(),
)
HEADERS = st.dictionaries(
    st.sampled_from(["Content-Type", "content-type", "Origin", "X-Amz-Date"]),
    st.sampled_from(["application/json", "https://app.example", "null", ""]) | TEXT,
)
QUERIES = st.dictionaries(
    st.sampled_from(["status", "limit", "cursor", "X-Amz-Date"]) | TEXT,
    st.lists(st.sampled_from(["done", "1", "100", "k6tk"]) | TEXT, min_size=1, max_size=2),
)
ROUTES = st.sampled_from(sorted(CONTRACT.operations)) | st.tuples(
    st.sampled_from(["GET", "PUT", "OPTIONS", "HEAD"]),
    st.sampled_from(sorted(CONTRACT.document["paths"])),
)


def populated() -> Api:
    """Return the API with images in several states."""
    api = Api()
    api.s3.put("there")
    api.s3.put("original-only", "text/html")
    api.table.add(filename="there")
    api.table.add(filename="entry-only", status="failed", renditions=None, width=None, recipe="{")
    api.table.add(filename="gone", status="deleted", shard=None)
    return api


@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.too_slow])
@given(
    route=ROUTES,
    key=KEYS,
    headers=HEADERS,
    query=QUERIES,
    body=BODIES,
    is_base64=st.booleans() | st.none(),
    as_json=st.booleans(),
    multiple=st.booleans(),
)
def test_no_request_causes_a_server_error(
    *,
    route: tuple[str, str],
    key: str,
    headers: dict[str, str],
    query: dict[str, list[str]],
    body: str | None,
    is_base64: bool | None,
    as_json: bool,
    multiple: bool,
) -> None:
    """The status is below 500, and the body is valid by its schema."""
    method, resource = route
    if as_json:
        headers = {**headers, "content-type": "application/json"}
    event: dict[str, Any] = {
        "resource": resource,
        "httpMethod": method,
        "headers": headers or None,
        "queryStringParameters": {name: each[-1] for name, each in query.items()} or None,
        "pathParameters": {"key": key} if "{key}" in resource else None,
        "body": body,
        "isBase64Encoded": is_base64,
    }
    if multiple:
        event["multiValueHeaders"] = {name: [each] for name, each in headers.items()} or None
        event["multiValueQueryStringParameters"] = query or None
    assert populated().send(event).status < 500


SIDES = st.integers(1, 9000)
ENTRIES = st.fixed_dictionaries(
    {
        "filename": st.text(st.characters(codec="utf-8"), min_size=1, max_size=9),
        "status": st.sampled_from(["processing", "done", "failed"]),
        "width": SIDES | st.none(),
        "height": SIDES | st.none(),
        "size": st.integers(0, 10**9) | st.none(),
        "analysis": st.none() | st.just(entry()["analysis"]),
        "recipe": st.sampled_from(
            ["default", "{", '{"renditions":[{"name":"a","output":{"format":"png"}}]}', None]
        ),
        "timings": st.none() | st.dictionaries(TEXT, st.integers(0, 10**6), max_size=3),
        "error": st.none() | st.fixed_dictionaries({"code": TEXT, "message": TEXT}),
        "renditions": st.none()
        | st.lists(
            st.fixed_dictionaries(
                {
                    "name": TEXT,
                    "key": st.text(st.characters(codec="utf-8"), min_size=1, max_size=9),
                    "width": SIDES,
                    "height": SIDES,
                    "bytes": st.integers(1, 10**7),
                    "type": st.sampled_from(["image/webp", "image/jpeg", "image/avif"]),
                    "ms": st.integers(0, 999),
                    "etag": st.text("0123456789abcdef", min_size=32, max_size=32),
                }
            ),
            max_size=5,
        ),
    }
)


@settings(max_examples=examples(200))
@given(ENTRIES)
def test_every_entry_is_a_valid_image(fields: dict[str, Any]) -> None:
    """Whichever fields it has: alone, in a listing and in the statistics."""
    api = Api()
    api.table.add(**fields, shard=shard_of(fields["filename"]))
    key = quote(fields["filename"], safe="")
    if "\0" not in fields["filename"]:
        assert api.call("GET", "/images/{key}", key=key).status == 200
    assert len(api.call("GET", "/images").body["images"]) == 1
    assert api.call("GET", "/stats").body["newest"]["images"] == 1
