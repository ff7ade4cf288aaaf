"""The artifact bucket: a stack's code, layer and definitions, each named by its content."""

import json
import re
import sys
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from localstack_init.build import Artifact
from localstack_init.cloudformation import Say, StackError, code, default_session

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import DeleteTypeDef, ObjectIdentifierTypeDef

LONGEST_NAME = 63
"""Characters in a bucket's name. The template's buckets have shorter names than this one."""

RESTORE_DAYS = 30
"""Days for which versions of a deleted artifact can be restored."""

PRUNE_AGE = timedelta(days=1)
"""Age before which an artifact stays: another deployment may be about to use it."""


NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""A character that keys may contain and XML cannot express: https://www.w3.org/TR/xml/#charsets"""


@dataclass(frozen=True, slots=True)
class ArtifactBucket:
    """One stack's artifacts. Bucket names can be guessed: each call names the expected owner."""

    s3: "S3Client"
    name: str
    account: str

    @classmethod
    def of(cls, stack: str, session: boto3.Session | None = None) -> "ArtifactBucket":
        """Return the bucket of a stack in the session's account and region.

        Raises ``StackError`` for a stack name that does not fit into a bucket's name.
        """
        session = session or default_session()
        s3 = session.client("s3")
        account = session.client("sts").get_caller_identity()["Account"]
        name = f"{stack}-artifacts-{account}-{s3.meta.region_name}"
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name) or len(name) > LONGEST_NAME:
            raise StackError(
                f"No bucket can have the name {name}: S3 allows lowercase letters, digits and "
                f"hyphens, at most {LONGEST_NAME}. Choose another name for the stack (--stack)."
            )
        return cls(s3, name, account)

    def exists(self) -> bool:
        """Return whether the bucket exists. Raises ``StackError`` if access is denied."""
        try:
            self.s3.head_bucket(Bucket=self.name, ExpectedBucketOwner=self.account)
        except ClientError as error:
            if code(error) in ("404", "NoSuchBucket"):
                return False
            if code(error) in ("403", "AccessDenied"):
                raise StackError(
                    f"Access to the bucket {self.name} is denied: the credentials lack permission, "
                    "or another account owns the bucket. In the second case, choose another name "
                    "for the stack (--stack)."
                ) from error
            raise
        return True

    def ensure(self) -> None:
        """Create the bucket and apply its settings: private, encrypted, versioned, TLS only."""
        region = self.s3.meta.region_name
        if not self.exists():
            if region == "us-east-1":  # S3 refuses it as a LocationConstraint
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
                        "NoncurrentVersionExpiration": {"NoncurrentDays": RESTORE_DAYS},
                        "Expiration": {"ExpiredObjectDeleteMarker": True},
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                    }
                ]
            },
        )

    def upload(self, artifact: Artifact, say: Say) -> None:
        """Upload an artifact unless the bucket has it."""
        try:
            self.s3.head_object(
                Bucket=self.name, Key=artifact.key, ExpectedBucketOwner=self.account
            )
        except ClientError as error:
            if code(error) not in ("404", "NoSuchKey"):
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

    def url(self, artifact: Artifact) -> str:
        """Return the URL of an artifact, as CloudFormation takes it."""
        return f"{self.s3.meta.endpoint_url}/{self.name}/{artifact.key}"

    def prune(self, needed: Collection[str]) -> None:
        """Delete artifacts that no deployment needs; their versions stay for some days."""
        newest = datetime.now(UTC) - PRUNE_AGE
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.name, ExpectedBucketOwner=self.account
        )
        for page in pages:
            for each in page.get("Contents", []):
                if each["Key"] not in needed and each["LastModified"] < newest:
                    self.s3.delete_object(
                        Bucket=self.name, Key=each["Key"], ExpectedBucketOwner=self.account
                    )

    def delete(self) -> None:
        """Empty and delete the bucket, if it exists."""
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
                        "Sid": "DenyPlainHttp",
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
    """Delete all versions of all objects; return their number, 0 if no such bucket exists.

    Raises ``StackError`` for an object that S3 refuses to delete.
    """
    count = 0
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            listed = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            count += len(listed)
            versions: list[ObjectIdentifierTypeDef] = []
            for each in listed:
                if NOT_XML.search(each["Key"]):
                    s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
                else:
                    versions.append({"Key": each["Key"], "VersionId": each["VersionId"]})
            if versions:
                delete: DeleteTypeDef = {"Objects": versions, "Quiet": True}
                response = s3.delete_objects(Bucket=bucket, Delete=delete)
                for refused in response.get("Errors", []):
                    why = f"{refused.get('Code')} ({refused.get('Message')})"
                    raise StackError(f"{refused.get('Key')} in {bucket} can't be deleted: {why}")
    except ClientError as error:
        if code(error) != "NoSuchBucket":
            raise
    return count


def delete_bucket(bucket: str) -> None:
    """Delete a bucket with all versions of its objects. Raises ``StackError``."""
    s3 = default_session().client("s3")
    empty_bucket(s3, bucket)
    s3.delete_bucket(Bucket=bucket)


if __name__ == "__main__":
    delete_bucket(*sys.argv[1:])
