"""Runtime API client in pure Python, for any version of Python.

It has the name and the functions of awslambdaric's C extension, which is built for one version.
``other_versions`` copies it into environments of interpreters that have no awslambdaric.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import http.client
import os

INVOCATION = "/2018-06-01/runtime/invocation"


def initialize_client(user_agent: str) -> None:
    """Do nothing: each request has its own connection."""


def next() -> tuple[bytes, dict[str, str]]:  # noqa: A001 (the extension's name)
    """Wait for an event; return its payload and the headers that describe it."""
    return _send("GET", "/next")


def post_invocation_result(invoke_id: str, data: bytes, content_type: str, *_: object) -> None:
    """Send the handler's result."""
    _send("POST", f"/{invoke_id}/response", data, content_type)


def post_error(invoke_id: str, data: str, *_: object) -> None:
    """Send the handler's error."""
    _send("POST", f"/{invoke_id}/error", data.encode())


def _send(
    method: str, path: str, data: bytes | None = None, content_type: str = "application/json"
) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of the response; raise RuntimeError for an error."""
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        connection.request(method, INVOCATION + path, data, {"Content-Type": content_type})
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    if response.status >= http.client.BAD_REQUEST:
        raise RuntimeError(f"{method} {path} failed, code: {response.status}")
    return body, dict(response.getheaders())
