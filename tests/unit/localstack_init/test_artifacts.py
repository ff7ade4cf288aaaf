"""The artifact bucket: its settings, whose it is, and what is thrown away."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from localstack_init.artifacts import ArtifactBucket, empty_bucket
from localstack_init.build import Artifact
from localstack_init.stack import StackError

OWNED = {"Bucket": "darkroom-artifacts-1-eu-central-1", "ExpectedBucketOwner": "1"}


@pytest.fixture
def s3() -> Iterator[Stubber]:
    """Give an S3 that answers what a test puts in, in order; all must be asked."""
    client = boto3.client(
        "s3", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def bucket(s3: Stubber) -> ArtifactBucket:
    """Give the bucket under test."""
    return ArtifactBucket(s3.client, OWNED["Bucket"], "1")  # type: ignore[arg-type]


def expect_settings(s3: Stubber) -> None:
    """Private, encrypted, versioned, over TLS alone, and without old artifacts."""
    for operation, settings in (
        (
            "put_bucket_ownership_controls",
            {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
        ),
        (
            "put_public_access_block",
            {
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": True,
                    "BlockPublicPolicy": True,
                    "IgnorePublicAcls": True,
                    "RestrictPublicBuckets": True,
                }
            },
        ),
        (
            "put_bucket_encryption",
            {
                "ServerSideEncryptionConfiguration": {
                    "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
                }
            },
        ),
        ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
        ("put_bucket_policy", {"Policy": OverTls()}),
        (
            "put_bucket_lifecycle_configuration",
            {
                "LifecycleConfiguration": {
                    "Rules": [
                        {
                            "ID": ANY,
                            "Status": "Enabled",
                            "Filter": {"Prefix": ""},
                            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                            "Expiration": {"ExpiredObjectDeleteMarker": True},
                            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                        }
                    ]
                }
            },
        ),
    ):
        answer: dict[str, Any] = {}
        s3.add_response(operation, answer, {**OWNED, **settings})


class OverTls:
    """Equals a bucket policy that denies all that is not over TLS."""

    def __eq__(self, other: object) -> bool:
        text = str(other)
        return '"Deny"' in text and '"aws:SecureTransport": "false"' in text

    __hash__ = None  # type: ignore[assignment]


def test_a_new_bucket(s3: Stubber, bucket: ArtifactBucket) -> None:
    """It is made in the region at hand, and gets its settings."""
    s3.add_client_error("head_bucket", "404", http_status_code=404, expected_params=OWNED)
    place = {"CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"}}
    s3.add_response("create_bucket", {}, {"Bucket": OWNED["Bucket"], **place})
    expect_settings(s3)
    bucket.ensure()


def test_a_bucket_that_is_there(s3: Stubber, bucket: ArtifactBucket) -> None:
    """It gets its settings again, whatever somebody made of them."""
    s3.add_response("head_bucket", {}, OWNED)
    expect_settings(s3)
    bucket.ensure()


def test_somebody_elses_bucket(s3: Stubber, bucket: ArtifactBucket) -> None:
    """The code is not handed to who guessed the name first."""
    s3.add_client_error("head_bucket", "403", http_status_code=403, expected_params=OWNED)
    with pytest.raises(StackError, match="another account has taken its name"):
        bucket.ensure()


def test_what_is_there_is_not_uploaded(
    s3: Stubber, bucket: ArtifactBucket, tmp_path: Path, said: list[str]
) -> None:
    """An artifact is named by its content, so that it is sent once."""
    path = tmp_path / "code.zip"
    path.write_bytes(b"zip")
    artifact = Artifact(path, "code/1.zip")
    s3.add_response("head_object", {}, {**OWNED, "Key": "code/1.zip"})
    bucket.upload(artifact, said.append)
    assert not said
    s3.add_client_error("head_object", "404", http_status_code=404)
    sent = {**OWNED, "Key": "code/1.zip", "Body": ANY, "ChecksumAlgorithm": ANY}
    s3.add_response("put_object", {}, sent)
    bucket.upload(artifact, said.append)
    assert len(said) == 1


def test_old_artifacts_go(s3: Stubber, bucket: ArtifactBucket) -> None:
    """What no deployment needs is deleted, on every page of the list, but for what just came."""
    now = datetime.now(UTC)
    pages = [
        {"code/1.zip": now - timedelta(days=3), "code/2.zip": now - timedelta(days=2)},
        {"code/3.zip": now - timedelta(hours=1), "layer/1.zip": now - timedelta(days=3)},
    ]
    for number, page in enumerate(pages):
        more = {"IsTruncated": True, "NextContinuationToken": "2"} if not number else {}
        token = {"ContinuationToken": "2"} if number else {}
        listed = {"Contents": [{"Key": key, "LastModified": page[key]} for key in page], **more}
        s3.add_response("list_objects_v2", listed, {**OWNED, **token})
        for key in page:
            if key in ("code/1.zip", "layer/1.zip"):
                s3.add_response("delete_object", {}, {**OWNED, "Key": key})
    bucket.prune({"code/2.zip", "darkroom", ""})


def test_emptying_takes_the_versions_along(s3: Stubber) -> None:
    """A versioned bucket is empty when its versions and delete markers are gone."""
    s3.add_response(
        "list_object_versions",
        {
            "Versions": [{"Key": "code/1.zip", "VersionId": "a"}],
            "DeleteMarkers": [{"Key": "code/1.zip", "VersionId": "b"}],
        },
    )
    doomed = [{"Key": "code/1.zip", "VersionId": each} for each in "ab"]
    s3.add_response(
        "delete_objects",
        {},
        {"Bucket": "somebodys", "Delete": {"Objects": doomed, "Quiet": True}},
    )
    assert empty_bucket(s3.client, "somebodys") == 2  # type: ignore[arg-type]
    s3.add_client_error("list_object_versions", "NoSuchBucket")
    assert empty_bucket(s3.client, "somebodys") == 0  # type: ignore[arg-type]


def test_emptying_what_may_not_be_emptied(s3: Stubber) -> None:
    """S3 answers a refusal with success and a list: it is an error all the same."""
    listed = {"Versions": [{"Key": "beach.jpg", "VersionId": "a"}]}
    s3.add_response("list_object_versions", listed)
    refusal = {"Key": "beach.jpg", "Code": "AccessDenied", "Message": "Access Denied"}
    s3.add_response("delete_objects", {"Errors": [refusal]})
    with pytest.raises(StackError, match=r"beach\.jpg in raw can't be deleted: AccessDenied"):
        empty_bucket(s3.client, "raw")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stack", "is_possible"),
    [("darkroom-test", True), ("darkroom-Test", False), ("darkroom-" + "x" * 30, False)],
)
def test_names_of_stacks(
    stack: str, s3: Stubber, monkeypatch: pytest.MonkeyPatch, *, is_possible: bool
) -> None:
    """A stack whose buckets could not have their names is refused before anything is made."""

    class Sts:
        def get_caller_identity(self) -> dict[str, str]:
            return {"Account": "123456789012"}

    monkeypatch.setattr(boto3, "client", lambda name: Sts() if name == "sts" else s3.client)
    if is_possible:
        name = "darkroom-test-artifacts-123456789012-eu-central-1"
        assert ArtifactBucket.of(stack).name == name
        return
    with pytest.raises(StackError, match="No bucket can be named"):
        ArtifactBucket.of(stack)
