"""Errors of requests for variants, and their statuses."""

from http import HTTPStatus
from typing import Literal

Code = Literal[
    "invalid-option",
    "not-allowed",
    "not-found",
    "not-processed",
    "original-deleted",
    "original-expired",
    "too-large",
    "too-many-variants",
    "unknown-recipe",
    "unknown-rendition",
    "unrenderable",
]

STATUSES: dict[Code, HTTPStatus] = {
    "invalid-option": HTTPStatus.BAD_REQUEST,
    "not-allowed": HTTPStatus.FORBIDDEN,
    "not-found": HTTPStatus.NOT_FOUND,
    "not-processed": HTTPStatus.SERVICE_UNAVAILABLE,
    "original-deleted": HTTPStatus.GONE,
    "original-expired": HTTPStatus.GONE,
    "too-large": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too-many-variants": HTTPStatus.FORBIDDEN,
    "unknown-recipe": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unknown-rendition": HTTPStatus.NOT_FOUND,
    "unrenderable": HTTPStatus.UNPROCESSABLE_ENTITY,
}

SECONDS = {HTTPStatus.SERVICE_UNAVAILABLE: 1, HTTPStatus.NOT_FOUND: 10}
"""How long CloudFront and browsers keep an error."""
OTHER_SECONDS = 60


class VariantError(Exception):
    """A variant that cannot be served. Its text says why, and what to do."""

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(detail)
        self.code: Code = code

    @property
    def status(self) -> HTTPStatus:
        """The response's status."""
        return STATUSES[self.code]

    @property
    def seconds(self) -> int:
        """Seconds for which the response may be cached."""
        return SECONDS.get(self.status, OTHER_SECONDS)
