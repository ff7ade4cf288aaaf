"""HTTP responses, and their form in API Gateway's Lambda proxy integration."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec

from processor.api.http.problems import ProblemError

JSON = "application/json"
PROBLEM = "application/problem+json"

SECURITY_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""Headers of every response. No cache keeps one: some hold presigned requests."""


@dataclass(frozen=True, slots=True)
class Response:
    """A status, and a JSON body; an empty body means no content."""

    status: HTTPStatus
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    def for_api_gateway(self, more_headers: Mapping[str, str]) -> dict[str, Any]:
        """Return the function's output for this response, with more headers."""
        content = {"Content-Type": self.content_type} if self.body else {}
        return {
            "statusCode": self.status.value,
            "headers": {**content, **SECURITY_HEADERS, **self.headers, **more_headers},
            "body": self.body.decode(),
            "isBase64Encoded": False,
        }


def json_response(content: object, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Return a response with content that msgspec can encode."""
    return Response(status, msgspec.json.encode(content))


def problem_response(error: ProblemError) -> Response:
    """Return a response with the error's problem document."""
    return Response(error.status, msgspec.json.encode(error.problem), PROBLEM, error.headers)
