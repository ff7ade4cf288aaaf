"""Problem documents (RFC 9457): the body of every error response."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal

import msgspec

Code = Literal[
    "archived",
    "body-too-large",
    "cursor-expired",
    "edited",
    "empty",
    "if-match-required",
    "internal",
    "invalid-cursor",
    "invalid-json",
    "invalid-key",
    "invalid-parameter",
    "invalid-recipe",
    "invalid-request",
    "invalid-search",
    "method-not-allowed",
    "no-hash",
    "no-signing-key",
    "not-deleted",
    "not-found",
    "not-held",
    "not-json",
    "nothing-to-restore",
    "original-deleted",
    "original-expired",
    "originals-off",
    "other-version",
    "signing-off",
    "too-many-bytes",
    "unavailable",
    "undelete-off",
    "unknown-recipe",
    "unknown-version",
    "unsupported-type",
    "version-expired",
]
"""Stable codes for programs. API Gateway adds its own (localstack_init/gateway.py)."""


class Problem(msgspec.Struct, frozen=True):
    """A problem document. Its ``type`` is about:blank, so it is left out."""

    title: str
    status: int
    code: str
    detail: str


class ProblemError(Exception):
    """A request that fails: its response is a problem document."""

    def __init__(
        self, status: HTTPStatus, code: Code, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code: Code = code
        self.headers = headers or {}

    @property
    def problem(self) -> Problem:
        """The problem document."""
        return Problem(self.status.phrase, self.status.value, self.code, str(self))


def bad_request(code: Code, detail: str) -> ProblemError:
    """Return a problem with status 400: the client has to change the request."""
    return ProblemError(HTTPStatus.BAD_REQUEST, code, detail)
