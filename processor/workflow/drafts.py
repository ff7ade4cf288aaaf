"""Rendered images of an execution, stored apart until all of them are there.

What is below ``processed/`` is public: a rendition that fails must leave the others as they were.
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
    """Those in the processed bucket, below ``workflow/``; a lifecycle rule ends what is left."""

    s3: "S3Client"
    bucket: str

    def put(self, execution: str, rendition: Encoded) -> None:
        """Store a rendition that is not to be seen yet."""
        self.s3.put_object(
            Bucket=self.bucket,
            Key=_key(execution, rendition.name, rendition.extension),
            Body=rendition.data,
            ContentType=rendition.content_type,
            CacheControl="private, no-store",
        )

    def get(self, execution: str, made: Mapping[str, Any]) -> Encoded:
        """Return a rendition that was ``made``, as the Map tells of it."""
        key = _key(execution, made["name"], made["extension"])
        with self.s3.get_object(Bucket=self.bucket, Key=key)["Body"] as body:
            data = body.read()
        return Encoded(
            made["name"],
            data,
            made["extension"],
            made["type"],
            made["width"],
            made["height"],
            made["ms"],
            made["at"],
        )

    def remove(self, execution: str) -> None:
        """Remove all that an execution has stored."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=f"{FOLDER}{execution}/", Delimiter="/"
        )
        for page in pages:
            for each in page.get("Contents", []):
                self.s3.delete_object(Bucket=self.bucket, Key=each["Key"])


def _key(execution: str, name: str, extension: str) -> str:
    return f"{FOLDER}{execution}/{name}.{extension}"
