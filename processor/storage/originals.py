"""Originals in S3."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from processor.errors import PermanentError
from processor.images import Limits
from processor.storage.renditions import MISSING
from processor.telemetry.correlation import METADATA, checked

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FORBIDDEN = ("AccessDenied", "403")

UNUSABLE_KEY = ("KMS.DisabledException", "KMS.KMSInvalidStateException", "KMS.NotFoundException")
"""S3's error codes for objects whose encryption key cannot be used."""

ARCHIVED = "InvalidObjectState"
"""S3's error code for objects in a storage class that must be restored before a read."""


@dataclass(frozen=True, slots=True)
class Original:
    """An uploaded file, and the settings in its object's metadata."""

    data: bytes
    etag: str
    recipe: str | None
    """Name of its recipe (``x-amz-meta-recipe``)."""
    correlation_id: str | None = None
    """The upload's ID, if it has one (``processor.telemetry.correlation``)."""


def read_original(s3: "S3Client", bucket: str, key: str, limits: Limits) -> Original | None:
    """Return an original; None if there is none. The body of one over the limit is not read.

    Raises ``PermanentError``, and S3's transient errors.
    """
    try:
        response = s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in MISSING:
            return None
        if code == ARCHIVED:
            raise PermanentError(
                "archived",
                "The original is archived: its storage class cannot be read. Restore the object "
                "in S3, then process it again.",
            ) from error
        if code in (*FORBIDDEN, *UNUSABLE_KEY):
            raise PermanentError(
                "forbidden",
                "The function may not read the original: its encryption key or access control list "
                "denies it. Upload it again without them, or grant the function's role access.",
            ) from error
        raise
    with response["Body"] as body:
        limits.check_bytes(response["ContentLength"])
        metadata = response["Metadata"]
        return Original(
            body.read(),
            response["ETag"].strip('"'),
            metadata.get("recipe"),
            checked(metadata.get(METADATA)),
        )
