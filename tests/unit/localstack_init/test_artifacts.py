"""The artifact bucket: its settings, its owner, uploads and pruning."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from localstack_init.artifacts import ArtifactBucket, empty_bucket
from localstack_init.build import Artifact
from localstack_init.cloudformation import StackError

from .stacks import Session, stubbed

OWNED = {"Bucket": "darkroom-artifacts-1-eu-central-1", "ExpectedBucketOwner": "1"}


@pytest.fixture
def s3() -> Iterator[Stubber]:
    """Return a stubbed S3."""
    with stubbed("s3") as stubber:
        yield stubber


@pytest.fixture
def bucket(s3: Stubber) -> ArtifactBucket:
    """Return the bucket under test."""
    return ArtifactBucket(s3.client, OWNED["Bucket"], "1")  # type: ignore[arg-type]


def expect_settings(s3: Stubber) -> None:
    """Expect the settings: private, encrypted, versioned, TLS only, expiring old versions."""
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
        response: dict[str, Any] = {}
        s3.add_response(operation, response, {**OWNED, **settings})


class OverTls:
    """Equals a bucket policy that denies requests without TLS."""

    def __eq__(self, other: object) -> bool:
        text = str(other)
        return '"Deny"' in text and '"aws:SecureTransport": "false"' in text

    __hash__ = None  # type: ignore[assignment]


def test_a_new_bucket(s3: Stubber, bucket: ArtifactBucket) -> None:
    """A new bucket is created in the session's region, and gets its settings."""
    s3.add_client_error("head_bucket", "404", http_status_code=404, expected_params=OWNED)
    place = {"CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"}}
    s3.add_response("create_bucket", {}, {"Bucket": OWNED["Bucket"], **place})
    expect_settings(s3)
    bucket.ensure()


def test_an_existing_bucket(s3: Stubber, bucket: ArtifactBucket) -> None:
    """An existing bucket gets its settings again, whatever they are now."""
    s3.add_response("head_bucket", {}, OWNED)
    expect_settings(s3)
    bucket.ensure()


def test_another_accounts_bucket(s3: Stubber, bucket: ArtifactBucket) -> None:
    """A bucket that another account owns is refused: it would receive the code."""
    s3.add_client_error("head_bucket", "403", http_status_code=403, expected_params=OWNED)
    with pytest.raises(StackError, match="another account owns the bucket"):
        bucket.ensure()


def test_an_existing_artifact_is_not_uploaded(
    s3: Stubber, bucket: ArtifactBucket, tmp_path: Path, said: list[str]
) -> None:
    """An artifact is named by its content, and uploaded once."""
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


def test_pruning(s3: Stubber, bucket: ArtifactBucket) -> None:
    """Unneeded artifacts are deleted, on every page of the list, except recent ones."""
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


def test_emptying_deletes_versions(s3: Stubber) -> None:
    """Emptying a versioned bucket deletes its versions and delete markers."""
    s3.add_response(
        "list_object_versions",
        {
            "Versions": [{"Key": "code/1.zip", "VersionId": "a"}],
            "DeleteMarkers": [{"Key": "code/1.zip", "VersionId": "b"}],
        },
    )
    versions = [{"Key": "code/1.zip", "VersionId": each} for each in "ab"]
    s3.add_response(
        "delete_objects",
        {},
        {"Bucket": "bucket", "Delete": {"Objects": versions, "Quiet": True}},
    )
    assert empty_bucket(s3.client, "bucket") == 2  # type: ignore[arg-type]
    s3.add_client_error("list_object_versions", "NoSuchBucket")
    assert empty_bucket(s3.client, "bucket") == 0  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["a\x1b[2J.jpg", "\0", "a\uffff"])
def test_keys_that_xml_cannot_express(key: str, s3: Stubber) -> None:
    """Their objects are deleted one by one: ``DeleteObjects`` takes XML."""
    listed = [{"Key": each, "VersionId": "v"} for each in (key, "b\n\x9b.jpg")]
    s3.add_response("list_object_versions", {"Versions": listed})
    s3.add_response("delete_object", {}, {"Bucket": "raw", **listed[0]})
    batch = {"Objects": listed[1:], "Quiet": True}
    s3.add_response("delete_objects", {}, {"Bucket": "raw", "Delete": batch})
    assert empty_bucket(s3.client, "raw") == 2  # type: ignore[arg-type]


def test_a_refused_deletion(s3: Stubber) -> None:
    """An error in the response of ``DeleteObjects`` is raised, though its status is 200."""
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
def test_names_of_stacks(stack: str, s3: Stubber, *, is_possible: bool) -> None:
    """A stack's name that does not fit into its bucket's name is refused."""
    with stubbed("sts") as sts:
        sts.add_response("get_caller_identity", {"Account": "123456789012"})
        session: Any = Session(s3=s3.client, sts=sts.client)
        if is_possible:
            name = "darkroom-test-artifacts-123456789012-eu-central-1"
            assert ArtifactBucket.of(stack, session).name == name
            return
        with pytest.raises(StackError, match="No bucket can have the name"):
            ArtifactBucket.of(stack, session)
