"""Watermark images in S3: files of ``assets``, or objects of the buckets."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from processor.storage.renditions import MISSING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ASSETS = Path(__file__).parents[1] / "assets"
"""Folder of the images that ship with the recipes."""


def read_watermark_image(s3: "S3Client", buckets: Mapping[str, str], name: str) -> bytes:
    """Return the file of a watermark image: one of ``assets``, or ``bucket:key``.

    ``buckets`` maps the names that recipes use to bucket names. Raises ``LookupError`` if there is
    no such image, and S3's other errors: a read that is denied is the deployment's fault.
    """
    bucket, colon, key = name.partition(":")
    if not colon:
        file = ASSETS / name
        if file.parent != ASSETS or not file.is_file():
            raise LookupError(f"there is no file {name!r} among the recipes' assets")
        return file.read_bytes()
    if bucket not in buckets:
        raise LookupError(f"there is no bucket {bucket!r}: use one of {', '.join(buckets)}")
    try:
        with s3.get_object(Bucket=buckets[bucket], Key=key)["Body"] as body:
            return body.read()
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            raise LookupError(f"the {bucket} bucket has no object {key!r}") from error
        raise
