"""S3 clients that presign requests: one for browsers, one for all other clients."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.api.http.request import Request

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Signers:
    """The clients; both have the same credentials, and lead to the same buckets."""

    usual: "S3Client"
    browsers: "S3Client"
    """Its endpoint may be one that browsers alone resolve, or reach sooner."""

    def of(self, request: Request) -> "S3Client":
        """Return the client that signs for the sender of a request."""
        return self.browsers if request.is_from_browser else self.usual
