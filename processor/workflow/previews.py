"""Previews in S3: the images that Rekognition analyzes for executions."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.images import Limits, Source
from processor.moderation.preview import preview

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = "workflow/"
"""Prefix of their keys: the CDN can read only what is below ``processed/``."""


@dataclass(frozen=True, slots=True)
class Previews:
    """One preview for each execution, while Rekognition analyzes it."""

    s3: "S3Client"
    bucket: str
    limits: Limits

    def put(self, execution: str, source: Source) -> None:
        """Render and store the preview of an original. Raises ``ImageError``."""
        self.s3.put_object(
            Bucket=self.bucket,
            Key=preview_key(execution),
            Body=preview(source, self.limits),
            ContentType="image/jpeg",
            CacheControl="private, no-store",
        )

    def delete(self, execution: str) -> None:
        """Delete an execution's preview, if there is one."""
        self.s3.delete_object(Bucket=self.bucket, Key=preview_key(execution))


def preview_key(execution: str) -> str:
    """Return the key of an execution's preview."""
    return f"{FOLDER}{execution}.jpg"
