"""The copies of pictures that Rekognition is asked about, in the processed bucket."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.images import Limits
from processor.moderation.preview import picture

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = "workflow/"
"""Holds them: not below ``processed/``, which is all that the CDN may read."""


@dataclass(frozen=True, slots=True)
class Copies:
    """One for each execution, while it asks."""

    s3: "S3Client"
    bucket: str
    limits: Limits

    def put(self, execution: str, data: bytes) -> None:
        """Make a copy of an original, and store it. Raises ``ImageError``."""
        self.s3.put_object(
            Bucket=self.bucket,
            Key=picture_key(execution),
            Body=picture(data, self.limits),
            ContentType="image/jpeg",
            CacheControl="private, no-store",
        )

    def remove(self, execution: str) -> None:
        """Remove an execution's copy, if there is one."""
        self.s3.delete_object(Bucket=self.bucket, Key=picture_key(execution))


def picture_key(execution: str) -> str:
    """Where the copy of an execution is."""
    return f"{FOLDER}{execution}.jpg"
