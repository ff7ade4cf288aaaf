"""Presigning: the S3 clients that sign requests for browsers and for other clients."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.api.http.request import Request

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class PresigningClients:
    """Two clients with the same credentials, for the same buckets."""

    default: "S3Client"
    browser: "S3Client"
    """Its endpoint may be one that only browsers resolve, or that is nearer to them."""

    def for_sender(self, request: Request) -> "S3Client":
        """Return the client that signs for the sender of a request."""
        return self.browser if request.is_from_browser else self.default
