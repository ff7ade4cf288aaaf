"""Answers, as API Gateway takes them from a function."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec

from processor.api.http.problems import ProblemError

JSON = "application/json"
PROBLEM = "application/problem+json"

ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""Answers are of the moment, and some hold leave to upload."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, and a body of JSON; without one there is no content."""

    status: HTTPStatus
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    def for_gateway(self, more: Mapping[str, str]) -> dict[str, Any]:
        """The function's answer, with ``more`` headers."""
        content = {"Content-Type": self.content_type} if self.body else {}
        return {
            "statusCode": self.status.value,
            "headers": {**content, **ALWAYS, **self.headers, **more},
            "body": self.body.decode(),
            "isBase64Encoded": False,
        }


def answer(content: object, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    """Answer with content that msgspec can encode."""
    return Answer(status, msgspec.json.encode(content))


def refuse(error: ProblemError) -> Answer:
    """Answer with a problem document."""
    return Answer(error.status, msgspec.json.encode(error.problem), PROBLEM, error.headers)
