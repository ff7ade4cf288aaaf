"""Originals and renditions in S3."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from processor.errors import PermanentError
from processor.images import Encoded, Limits

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ASSETS = Path(__file__).parent / "assets"
"""Pictures that ship with the recipes."""

MISSING = ("NoSuchKey", "404")

KEY_BYTES = 1024
"""Longest key that S3 takes, in bytes of UTF-8."""


def rendition_key(key: str, name: str, extension: str) -> str:
    """Where the rendition ``name`` of the original ``key`` is in the processed bucket.

    The whole key is kept, with its extension: ``a.png`` and ``a.jpg`` must not meet.
    """
    return f"processed/{key}/{name}.{extension}"


@dataclass(frozen=True, slots=True)
class Original:
    """An uploaded file, and the recipe that its uploader named (``x-amz-meta-recipe``)."""

    data: bytes
    recipe: str | None


def read_original(s3: "S3Client", bucket: str, key: str, limits: Limits) -> Original:
    """Read an original; nothing of one that is over the limit.

    Raises ``PermanentError`` and ``ImageError``; other errors of S3 may pass by themselves.
    """
    try:
        answer = s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            raise PermanentError(
                "missing-original", "The original is no longer in the bucket. Upload it again."
            ) from error
        raise
    with answer["Body"] as body:
        limits.check_bytes(answer["ContentLength"])
        return Original(body.read(), answer["Metadata"].get("recipe"))


def read_mark(s3: "S3Client", buckets: Mapping[str, str], name: str) -> bytes:
    """The picture that a recipe lays over others: a file of ``assets``, or ``bucket:key``.

    ``buckets`` maps the names that recipes use to those of the buckets. Raises ``LookupError``
    where there is no such picture; other errors of S3 may pass by themselves.
    """
    bucket, colon, key = name.partition(":")
    if not colon:
        file = ASSETS / name
        if file.parent != ASSETS or not file.is_file():
            raise LookupError(f"there is no file {name!r} among the recipes' assets")
        return file.read_bytes()
    if bucket not in buckets:
        raise LookupError(f"{bucket!r} is no bucket: write one of {', '.join(buckets)}")
    try:
        with s3.get_object(Bucket=buckets[bucket], Key=key)["Body"] as body:
            return body.read()
    except ClientError as error:
        if error.response["Error"]["Code"] in (*MISSING, "AccessDenied"):
            raise LookupError(f"the {bucket} bucket has no object {key!r}") from error
        raise


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
