"""The bucket with a stack's code, layer and API definition, each named by what it is made of."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from localstack_init.build import Artifact
from localstack_init.stack import Say, StackError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

LONGEST = 63
"""Characters in the name of a bucket. The template's buckets have no longer ones than this."""

DAYS = 30
"""How long an artifact that no deployment needs can still be brought back."""

RECENT = timedelta(days=1)
"""How long an artifact is left alone: another deployment may be about to name it."""


@dataclass(frozen=True, slots=True)
class ArtifactBucket:
    """One stack's artifacts. Its name can be guessed, so that each call says who has to own it."""

    s3: "S3Client"
    name: str
    account: str

    @classmethod
    def of(cls, stack: str) -> "ArtifactBucket":
        """The bucket of a stack where boto3's session leads: names are shared by all of AWS.

        Raises ``StackError`` for a stack whose name no bucket can have.
        """
        s3 = boto3.client("s3")
        account = boto3.client("sts").get_caller_identity()["Account"]
        name = f"{stack}-artifacts-{account}-{s3.meta.region_name}"
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name) or len(name) > LONGEST:
            raise StackError(
                f"No bucket can be named {name}, as the stack's name would have it: it takes small "
                f"letters, digits and hyphens, {LONGEST} at most."
            )
        return cls(s3, name, account)

    def exists(self) -> bool:
        """Whether it is there. Raises ``StackError`` if it is somebody else's."""
        try:
            self.s3.head_bucket(Bucket=self.name, ExpectedBucketOwner=self.account)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchBucket"):
                return False
            if error.response["Error"]["Code"] in ("403", "AccessDenied"):
                raise StackError(
                    f"The bucket {self.name} is not for these credentials: they lack the rights, "
                    "or another account has taken its name. Then choose another name for the "
                    "stack (--stack)."
                ) from error
            raise
        return True

    def ensure(self) -> None:
        """Make it, and see to its settings: private, encrypted, versioned, over TLS alone."""
        region = self.s3.meta.region_name
        if not self.exists():
            if region == "us-east-1":  # the one region that must not be named
                self.s3.create_bucket(Bucket=self.name)
            else:
                self.s3.create_bucket(
                    Bucket=self.name,
                    CreateBucketConfiguration={"LocationConstraint": region},  # type: ignore[typeddict-item]
                )
        owned: Any = {"Bucket": self.name, "ExpectedBucketOwner": self.account}
        self.s3.put_bucket_ownership_controls(
            **owned, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        )
        self.s3.put_public_access_block(
            **owned,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
        )
        self.s3.put_bucket_encryption(
            **owned,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
        )
        self.s3.put_bucket_versioning(**owned, VersioningConfiguration={"Status": "Enabled"})
        self.s3.put_bucket_policy(**owned, Policy=self._policy())
        self.s3.put_bucket_lifecycle_configuration(
            **owned,
            LifecycleConfiguration={
                "Rules": [
                    {
                        "ID": "old-artifacts",
                        "Status": "Enabled",
                        "Filter": {"Prefix": ""},
                        "NoncurrentVersionExpiration": {"NoncurrentDays": DAYS},
                        "Expiration": {"ExpiredObjectDeleteMarker": True},
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                    }
                ]
            },
        )

    def upload(self, artifact: Artifact, say: Say) -> None:
        """Put an artifact there, unless it is."""
        try:
            self.s3.head_object(
                Bucket=self.name, Key=artifact.key, ExpectedBucketOwner=self.account
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("404", "NoSuchKey"):
                raise
        else:
            return
        say(f"Uploading {artifact.key} ({artifact.path.stat().st_size / 1e6:.1f} MB)")
        self.s3.upload_file(
            str(artifact.path),
            self.name,
            artifact.key,
            ExtraArgs={"ExpectedBucketOwner": self.account},
        )

    def prune(self, needed: Collection[str]) -> None:
        """Delete what no deployment needs; for some days its versions are still there."""
        recent = datetime.now(UTC) - RECENT
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.name, ExpectedBucketOwner=self.account
        )
        for page in pages:
            for each in page.get("Contents", []):
                if each["Key"] not in needed and each["LastModified"] < recent:
                    self.s3.delete_object(
                        Bucket=self.name, Key=each["Key"], ExpectedBucketOwner=self.account
                    )

    def delete(self) -> None:
        """Remove it with all that is in it."""
        if self.exists():
            empty_bucket(self.s3, self.name)
            self.s3.delete_bucket(Bucket=self.name, ExpectedBucketOwner=self.account)

    def _policy(self) -> str:
        arn = f"arn:{self.s3.meta.partition}:s3:::{self.name}"
        return json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "OverTlsAlone",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Resource": [arn, f"{arn}/*"],
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                ],
            }
        )


def empty_bucket(s3: "S3Client", bucket: str) -> int:
    """Delete every object, with its versions; answers how many there were.

    Answers 0 for a bucket that is not there. Raises ``StackError`` for what may not be deleted.
    """
    count = 0
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            doomed: list[ObjectIdentifierTypeDef] = [
                {"Key": each["Key"], "VersionId": each["VersionId"]}
                for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            ]
            if doomed:
                answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": doomed, "Quiet": True})
                for each in answer.get("Errors", []):
                    why = f"{each.get('Code')} ({each.get('Message')})"
                    raise StackError(f"{each.get('Key')} in {bucket} can't be deleted: {why}")
                count += len(doomed)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
    return count
