"""Request bodies with a Content-Encoding."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from .functions import Functions, proxy_api
from .localstack import LocalStack

type Change = Callable[[bytes], bytes]

GZIPPED = gzip.compress(b"text", mtime=0)
"""Part of test names, so the same in each worker: without a time."""
DAMAGED: dict[str, Change] = {
    "no gzip": lambda body: body,
    "cut off": lambda body: gzip.compress(body)[:-9],
    "wrong checksum": lambda body: gzip.compress(body)[:-8] + bytes(8),
    "rubbish after it": lambda body: gzip.compress(body) + b"rubbish",
}
CALLS: dict[str, tuple[str, dict[str, Any], str]] = {
    "dynamodb": ("list_tables", {}, "SerializationException"),
    "sqs": ("list_queues", {}, "SerializationException"),
    "sns": ("list_topics", {}, "MalformedInput"),
    "lambda": ("invoke", {"FunctionName": "f", "Payload": b"{}"}, "SerializationException"),
    "cloudwatch": (
        "put_metric_data",
        {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1}]},
        "SerializationException",
    ),
}


def encoded(client: Any, coding: str, change: Change) -> Any:
    """Let a client send its bodies with an encoding."""

    def send(request: Any, **_: Any) -> None:
        body = request.body
        request.data = change(body.encode() if isinstance(body, str) else body)
        request.headers["Content-Encoding"] = coding
        del request.headers["Content-Length"]

    client.meta.events.register("before-sign.*.*", send)
    return client


def refusal(call: Callable[[], object]) -> tuple[int, str]:
    """Return the status and the code of a call's error."""
    with pytest.raises(ClientError) as caught:
        call()
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


@pytest.mark.parametrize("damage", DAMAGED)
@pytest.mark.parametrize("service", CALLS)
def test_a_damaged_body_gets_the_services_error(
    emulator: LocalStack, service: str, damage: str
) -> None:
    """A body that is not in its encoding is the client's fault, in the service's own form."""
    operation, arguments, code = CALLS[service]
    client = encoded(emulator.client(service), "gzip", DAMAGED[damage])
    assert refusal(lambda: getattr(client, operation)(**arguments)) == (400, code)


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", "identity, gzip"])
def test_gzip_is_decoded(emulator: LocalStack, coding: str) -> None:
    """A body in gzip is decoded, whatever its name is written like."""
    client = encoded(emulator.client("dynamodb"), coding, gzip.compress)
    assert "TableNames" in client.list_tables()
    twice = encoded(
        emulator.client("sqs"), "gzip, gzip", lambda body: gzip.compress(gzip.compress(body))
    )
    assert twice.list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("service", [name for name in CALLS if name != "lambda"])
def test_a_body_that_cannot_be_parsed_is_refused(emulator: LocalStack, service: str) -> None:
    """Services ignore encodings that they do not know, and then can't read the body."""
    operation, arguments, code = CALLS[service]
    client = encoded(emulator.client(service), "deflate", zlib.compress)
    expected = "MissingAction" if service == "sns" else code
    assert refusal(lambda: getattr(client, operation)(**arguments)) == (400, expected)


@pytest.mark.parametrize("coding", ["gzip", "br", "x"])
@pytest.mark.parametrize("data", [b"no gzip", GZIPPED])
def test_s3_stores_bodies_unchanged(emulator: LocalStack, coding: str, data: bytes) -> None:
    """S3 stores the encoding beside the body, which it does not decode, on each way to it."""
    s3, place = emulator.client("s3"), {"Bucket": "encodings", "Key": "a/key"}
    s3.create_bucket(Bucket="encodings")
    url = s3.generate_presigned_url("get_object", place)
    put = s3.generate_presigned_url("put_object", {**place, "ContentEncoding": coding})
    headers = {"Content-Encoding": coding}

    def stored() -> tuple[bytes, str]:
        with httpx.stream("GET", url) as response:
            return b"".join(response.iter_raw()), response.headers["Content-Encoding"]

    s3.put_object(**place, Body=data, ContentEncoding=coding)
    assert stored() == (data, coding)
    s3.delete_object(**place)
    assert httpx.put(put, content=data, headers=headers).status_code == 200
    assert stored() == (data, coding)
    missing = put.replace("/encodings/", "/encodings-none/")
    assert httpx.put(missing, content=data, headers=headers).status_code == 403


@pytest.fixture(scope="module")
def api(emulator: LocalStack, functions: Functions) -> Iterator[str]:
    """Yield the URL of a REST API that returns the request's body."""
    function = functions.make("def handler(event, context): return {'body': event['body']}")
    name = proxy_api(emulator, function.name)
    yield f"{emulator.url}/_aws/execute-api/{name}/v1/"
    emulator.client("apigateway").delete_rest_api(restApiId=name)


@pytest.mark.parametrize(
    ("coding", "body", "expected"),
    [
        ("gzip", GZIPPED, (200, "text")),
        ("deflate", zlib.compress(b"text"), (200, "text")),
        ("identity", b"text", (200, "text")),
        ("gzip", b"text", (415, '{"message": "Unsupported Media Type"}')),
        ("gzip", GZIPPED[:-9], (415, '{"message": "Unsupported Media Type"}')),
        ("deflate", zlib.compress(b"text")[:-5], (415, '{"message": "Unsupported Media Type"}')),
        ("br", b"text", (415, '{"message": "Unsupported Media Type"}')),
    ],
)
def test_rest_apis_decode_bodies(
    api: str, coding: str, body: bytes, expected: tuple[int, str]
) -> None:
    """A REST API decodes gzip and deflate, and returns 415 for all else."""
    response = httpx.post(api, content=body, headers={"Content-Encoding": coding})
    assert (response.status_code, response.text) == expected


@pytest.mark.parametrize("path", ["", "_localstack/health"])
def test_other_paths_refuse_damaged_bodies(emulator: LocalStack, path: str) -> None:
    """A damaged body is no internal error on the emulator's own paths either."""
    response = httpx.post(
        f"{emulator.url}/{path}", content=b"no gzip", headers={"Content-Encoding": "gzip"}
    )
    assert 400 <= response.status_code < 500


def test_a_small_body_stays_small(emulator: LocalStack) -> None:
    """A body that would be decoded to more than any request may have is refused."""
    bomb = encoded(
        emulator.client("dynamodb"), "gzip", lambda _: gzip.compress(b" " * (101 * 1024**2), 1)
    )
    assert refusal(bomb.list_tables) == (400, "SerializationException")
