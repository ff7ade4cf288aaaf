"""Originals and renditions in S3."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from processor.errors import PermanentError
from processor.images import Encoded, Limits

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEY_BYTES = 1024
"""Longest key that S3 takes, in bytes of UTF-8."""


def rendition_key(key: str, name: str, extension: str) -> str:
    """Where the rendition ``name`` of the original ``key`` is in the processed bucket.

    The whole key is kept, with its extension: ``a.png`` and ``a.jpg`` must not meet.
    """
    return f"processed/{key}/{name}.{extension}"


def read_original(s3: "S3Client", bucket: str, key: str, limits: Limits) -> bytes:
    """The bytes of an original. Nothing is read of one that is over the limit.

    Raises ``PermanentError`` and ``ImageError``; other errors of S3 may pass by themselves.
    """
    try:
        answer = s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            raise PermanentError(
                "missing-original", "The original is no longer in the bucket. Upload it again."
            ) from error
        raise
    with answer["Body"] as body:
        limits.check_bytes(answer["ContentLength"])
        return body.read()


def write_rendition(s3: "S3Client", bucket: str, key: str, rendition: Encoded) -> str:
    """Store a rendition of the original ``key``; answers the rendition's own key.

    Raises ``PermanentError``.
    """
    target = rendition_key(key, rendition.name, rendition.extension)
    if len(target.encode()) > KEY_BYTES:
        raise PermanentError(
            "key-too-long",
            f"The name of the upload is too long: with {rendition.name}.{rendition.extension} "
            f"it takes more than the {KEY_BYTES} bytes that S3 allows. Shorten it.",
        )
    s3.put_object(
        Bucket=bucket,
        Key=target,
        Body=rendition.data,
        ContentType=rendition.content_type,
        # An original can be replaced under its key, so that clients have to ask again.
        CacheControl="public, max-age=60, stale-while-revalidate=86400",
    )
    return target
