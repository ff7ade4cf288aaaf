"""Carry-over: originals outlive the replacement of a stack that an emulator cannot update.

They wait in a bucket beside the stack. A replacement that was interrupted is completed by the next
deployment.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import boto3
from botocore.exceptions import ClientError

from localstack_init.artifacts import empty_bucket
from localstack_init.cloudformation import StackError, code
from processor.errors import sentence

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

THREADS = 8

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CarryOver:
    """The originals of a stack that is replaced."""

    s3: "S3Client"
    bucket: str
    """Where the originals wait."""

    @classmethod
    def of(cls, stack: str, session: boto3.Session) -> Self:
        """Return the carry-over of the stack of that name."""
        account = session.client("sts").get_caller_identity()["Account"]
        s3 = session.client("s3")
        return cls(s3, f"{stack}-carried-{account}-{s3.meta.region_name}")

    def exists(self) -> bool:
        """Return whether originals wait."""
        try:
            self.s3.head_bucket(Bucket=self.bucket)
        except ClientError as error:
            if code(error) in ("404", "NoSuchBucket"):
                return False
            raise
        return True

    def save(self, originals: str) -> int:
        """Copy a bucket's originals, with their metadata; return their number.

        Raises ``StackError``, with the stack unchanged, if one cannot be copied.
        """
        self.s3.create_bucket(Bucket=self.bucket)
        return self._copy(originals, self.bucket)

    def restore(self, originals: str) -> int:
        """Move the originals into a bucket; return their number. Raises ``StackError``.

        S3's events then have them processed again.
        """
        count = self._copy(self.bucket, originals)
        empty_bucket(self.s3, self.bucket)
        self.s3.delete_bucket(Bucket=self.bucket)
        return count

    def _copy(self, source: str, target: str) -> int:
        def copy(key: str) -> None:
            try:
                self.s3.copy(CopySource={"Bucket": source, "Key": key}, Bucket=target, Key=key)
            except ClientError as error:
                raise StackError(
                    f"The original {key!r} cannot be copied, and would be lost: "
                    f"{sentence(str(error))} Delete it, or run `make reset` to start without any "
                    "images."
                ) from error

        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=source)
        keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(copy, keys))
        return len(keys)
