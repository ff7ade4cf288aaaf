"""Drafts in S3: the renditions of an execution until all of them are rendered.

Whatever is below ``processed/`` is public: a rendition that fails must leave the others unchanged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from processor.images import Encoded
from processor.workflow.previews import FOLDER

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Drafts:
    """Drafts in the processed bucket, below ``workflow/``; a lifecycle rule expires leftovers."""

    s3: "S3Client"
    bucket: str

    def put(self, execution: str, rendition: Encoded) -> dict[str, Any]:
        """Store a draft, and return its description for the execution's state."""
        self.s3.put_object(
            Bucket=self.bucket,
            Key=_key(execution, rendition.name, rendition.extension),
            Body=rendition.data,
            ContentType=rendition.content_type,
            CacheControl="private, no-store",
        )
        return {
            "name": rendition.name,
            "extension": rendition.extension,
            "width": rendition.width,
            "height": rendition.height,
            "type": rendition.content_type,
            "ms": rendition.milliseconds,
            "at": rendition.at,
        }

    def get(self, execution: str, draft: Mapping[str, Any]) -> Encoded:
        """Return the rendition that a description from ``put`` refers to."""
        key = _key(execution, draft["name"], draft["extension"])
        with self.s3.get_object(Bucket=self.bucket, Key=key)["Body"] as body:
            data = body.read()
        return Encoded(
            draft["name"],
            data,
            draft["extension"],
            draft["type"],
            draft["width"],
            draft["height"],
            draft["ms"],
            draft["at"],
        )

    def delete(self, execution: str) -> None:
        """Delete all drafts of an execution."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=f"{FOLDER}{execution}/", Delimiter="/"
        )
        for page in pages:
            for each in page.get("Contents", []):
                self.s3.delete_object(Bucket=self.bucket, Key=each["Key"])


def _key(execution: str, name: str, extension: str) -> str:
    return f"{FOLDER}{execution}/{name}.{extension}"
