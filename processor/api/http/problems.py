"""What is answered where a request cannot be: problem documents, RFC 9457."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal

import msgspec

Code = Literal[
    "body-too-large",
    "empty",
    "internal",
    "invalid-cursor",
    "invalid-json",
    "invalid-key",
    "invalid-parameter",
    "invalid-recipe",
    "invalid-request",
    "method-not-allowed",
    "not-found",
    "not-held",
    "not-json",
    "originals-off",
    "other-version",
    "too-many-bytes",
    "unavailable",
    "unknown-recipe",
    "unsupported-type",
]
"""Stable: programs decide by them. API Gateway adds `forbidden`, `unauthorized` and `throttled`."""


class Problem(msgspec.Struct, frozen=True):
    """A problem document, without the ``type``: it would be about:blank."""

    title: str
    status: int
    code: str
    detail: str


class ProblemError(Exception):
    """A request that is answered with a problem document."""

    def __init__(
        self, status: HTTPStatus, code: Code, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code: Code = code
        self.headers = headers or {}

    @property
    def problem(self) -> Problem:
        """The document."""
        return Problem(self.status.phrase, self.status.value, self.code, str(self))


def bad_request(code: Code, detail: str) -> ProblemError:
    """The client has to change the request."""
    return ProblemError(HTTPStatus.BAD_REQUEST, code, detail)


def not_found(key: str) -> ProblemError:
    """There is no picture of that key."""
    return ProblemError(
        HTTPStatus.NOT_FOUND,
        "not-found",
        f"There is no picture {key!r}. A key is percent-encoded whole in a path; a new upload is "
        "there as soon as the pipeline has begun with it.",
    )
