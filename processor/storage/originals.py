"""Originals in S3."""

import gzip
import io
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from botocore.exceptions import ClientError

from processor.change import NO_VERSION, is_folder_marker
from processor.errors import PermanentError
from processor.images import Limits
from processor.storage.renditions import MISSING
from processor.telemetry.correlation import METADATA, checked

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NAME = "name"
"""Field of an original's metadata with the name of its file, percent-encoded."""

MAX_NAME = 255
"""Characters of a name: any client may write the metadata."""

UNUSABLE_KEY = ("KMS.DisabledException", "KMS.KMSInvalidStateException", "KMS.NotFoundException")
"""S3's error codes for objects whose encryption key cannot be used."""

CUSTOMER_KEY = "InvalidRequest"
"""S3's error code for a read of an object that its uploader encrypted with a key of their own.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html"""

ARCHIVED = "InvalidObjectState"
"""S3's error code for objects in a storage class that must be restored before a read."""

GZIP = b"\x1f\x8b"
NO_ENCODING = ("", "identity", "aws-chunked")
"""Content encodings that leave the body as it is; SDKs add the last to streamed uploads."""


@dataclass(frozen=True, slots=True)
class Original:
    """An uploaded file, and the settings in its object's metadata."""

    data: bytes
    etag: str
    recipe: str | None
    """Name of its recipe (``x-amz-meta-recipe``)."""
    correlation_id: str | None = None
    """The upload's ID, if it has one (``processor.telemetry.correlation``)."""
    stored_bytes: int = 0
    """Size of the object; ``data`` is larger if it was stored with gzip's encoding."""
    version_id: str | None = None
    """S3's ID of its version; None without versioning."""
    name: str | None = None
    """The name of the uploaded file, where the upload has told it."""
    encoding: str = ""
    """The content encoding that ``data`` still has, where the object names one that is unknown."""


def read_original(s3: "S3Client", bucket: str, key: str, limits: Limits) -> Original | None:
    """Return an original; None if there is none, or only the marker of a folder.

    The body of one over the limit is not read. Raises ``PermanentError``, and S3's transient
    errors.
    """
    try:
        response = s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in MISSING:
            return None
        if refusal := _refusal(error):
            raise refusal from error
        raise
    with response["Body"] as body:
        if is_folder_marker(key, response["ContentLength"]):
            return None
        limits.check_bytes(response["ContentLength"])
        metadata = response["Metadata"]
        data, encoding = _decoded(body.read(), response.get("ContentEncoding", ""), limits)
        return Original(
            data,
            response["ETag"].strip('"'),
            metadata.get("recipe"),
            checked(metadata.get(METADATA)),
            response["ContentLength"],
            version_id_of(response),
            name_of(metadata),
            encoding,
        )


def name_of(metadata: Mapping[str, str]) -> str | None:
    """Return the file's name in an original's metadata; None where there is none."""
    name = unquote(metadata.get(NAME, ""), errors="replace")
    return "".join(each for each in name if each.isprintable())[:MAX_NAME] or None


def version_id_of(response: Mapping[str, Any]) -> str | None:
    """Return the version ID in a response of S3; None for an object without one."""
    version_id: str | None = response.get("VersionId")
    return None if version_id in NO_VERSION else version_id


def _refusal(error: ClientError) -> PermanentError | None:
    """Return the permanent error that belongs to the object; None for the deployment's errors.

    Objects have no access control lists here (``BucketOwnerEnforced``): apart from their encryption
    key, only the role's or the bucket's policy denies a read, which somebody has to correct for
    all images. The message goes to the dead-letter queue after its last receive, and raises an
    alarm.
    """
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if code == ARCHIVED:
        return PermanentError(
            "archived",
            "The original is archived: its storage class cannot be read. Restore the object in S3; "
            "it is processed when the restore is complete.",
        )
    if code == CUSTOMER_KEY:
        return PermanentError(
            "forbidden",
            "The original is encrypted with a key that only its uploader has (SSE-C). Upload it "
            "again without this key.",
            s3=message,
        )
    if code in UNUSABLE_KEY or (code == "AccessDenied" and "kms:" in message):
        return PermanentError(
            "forbidden",
            "The function may not use the original's encryption key. Grant the function's role "
            "kms:Decrypt on the key, or upload the original again without it.",
            s3=message,
        )
    return None


def _decoded(data: bytes, encodings: str, limits: Limits) -> tuple[bytes, str]:
    """Return a body without gzip's content encoding, and the encodings that it still has.

    Raises ``PermanentError``. The content decides: an object that only says gzip is left unchanged.
    """
    names = [name for each in encodings.lower().split(",") if (name := each.strip())]
    names = [name for name in names if name not in NO_ENCODING]
    if names not in (["gzip"], ["x-gzip"]) or not data.startswith(GZIP):
        return data, ", ".join(names)
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            decoded = file.read(limits.max_bytes + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise PermanentError(
            "corrupt",
            "The original is stored with Content-Encoding: gzip, and its gzip data is damaged. "
            "Upload it again, without compression.",
            decoder=str(error),
        ) from error
    limits.check_bytes(len(decoded))
    return decoded, ""
