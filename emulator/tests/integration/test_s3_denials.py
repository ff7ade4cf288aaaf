"""A Deny of a bucket's policy, for requests that are signed."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from .functions import Functions
from .localstack import REGION, LocalStack

_numbers = itertools.count()
PUT = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject"}
EVERYTHING = PUT | {"Action": "s3:*"}


class Bucket:
    """A bucket with an object, and its owner's client."""

    def __init__(self, emulator: LocalStack) -> None:
        self.emulator = emulator
        self.s3 = emulator.client("s3")
        self.name = f"denials-{next(_numbers)}"
        self.place = {"Bucket": self.name, "Key": "key"}
        self.s3.create_bucket(Bucket=self.name)
        self.s3.put_object(**self.place, Body=b"data")

    def deny(self, statement: dict[str, Any]) -> None:
        """Put a policy with this statement on the bucket and its objects."""
        arn = f"arn:aws:s3:::{self.name}"
        statement = {**statement, "Resource": [arn, f"{arn}/*"]}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        self.s3.put_bucket_policy(Bucket=self.name, Policy=json.dumps(policy))

    def role(self, name: str = "uploader") -> Any:
        """Return a client in a session of a role."""
        self.emulator.create_role(name)
        sts, arn = self.emulator.client("sts"), f"arn:aws:iam::000000000000:role/{name}"
        key = sts.assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
        return boto3.client(
            "s3",
            endpoint_url=self.emulator.url,
            region_name=REGION,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            aws_session_token=key["SessionToken"],
        )


@pytest.fixture
def bucket(emulator: LocalStack) -> Bucket:
    """Return a new bucket."""
    return Bucket(emulator)


def is_denied(operation: Callable[..., object], **arguments: Any) -> bool:
    """Return whether S3 denies an operation."""
    try:
        operation(**arguments)
    except ClientError as error:
        return bool(error.response["Error"]["Code"] == "AccessDenied")
    return False


def test_a_deny_applies_to_roles_and_to_the_owner(bucket: Bucket) -> None:
    """A Deny for everyone refuses what it names to every signer, and nothing else."""
    role = bucket.role()
    assert not is_denied(role.put_object, **bucket.place, Body=b"new")
    bucket.deny(PUT)
    for s3 in (role, bucket.s3):
        assert is_denied(s3.put_object, **bucket.place, Body=b"a")
        assert is_denied(s3.create_multipart_upload, **bucket.place)
        source = {"Bucket": bucket.name, "Key": "key"}
        assert is_denied(s3.copy_object, **bucket.place, CopySource=source)
        assert s3.get_object(**bucket.place)["Body"].read() == b"new"
    bucket.s3.delete_bucket_policy(Bucket=bucket.name)
    assert not is_denied(role.put_object, **bucket.place, Body=b"a")


def test_a_function_cannot_do_what_is_denied(bucket: Bucket, functions: Functions) -> None:
    """A function, whose role the session is of, gets AccessDenied."""
    function = functions.make(
        "import boto3\n"
        "def handler(event, context):\n"
        "    try: boto3.client('s3').put_object(**event, Body=b'data')\n"
        "    except Exception as error: return error.response['Error']['Code']\n"
    )
    assert function.invoke(bucket.place).payload is None
    bucket.deny(PUT)
    assert function.invoke(bucket.place).payload == "AccessDenied"


def test_a_deny_applies_to_presigned_urls_and_forms(bucket: Bucket) -> None:
    """What a signature hands on is denied as well."""
    url = bucket.s3.generate_presigned_url("put_object", bucket.place)
    form = bucket.s3.generate_presigned_post(bucket.name, "key")
    bucket.deny(PUT)
    assert httpx.put(url, content=b"data").status_code == 403
    response = httpx.post(form["url"], data=form["fields"], files={"file": b"data"})
    assert (response.status_code, "<Code>AccessDenied</Code>" in response.text) == (403, True)


@pytest.mark.parametrize(
    ("statement", "denied"),
    [
        ({"Principal": {"AWS": "arn:aws:iam::000000000000:role/uploader"}}, True),
        ({"Principal": {"AWS": "arn:aws:iam::000000000000:role/other"}}, False),
        ({"Principal": {"Service": "cloudfront.amazonaws.com"}}, False),
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, False),
        ({"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/uploader"}}}, True),
        ({"Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/up*"}}}, False),
        ({"Condition": {"StringEquals": {"aws:PrincipalType": "AssumedRole"}}}, True),
        ({"Condition": {"StringNotEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}}, True),
    ],
)
def test_whom_a_deny_names(bucket: Bucket, statement: dict[str, Any], *, denied: bool) -> None:
    """A Deny applies to the principals and in the conditions that it names."""
    role = bucket.role()
    bucket.deny({**PUT, **statement})
    assert is_denied(role.put_object, **bucket.place, Body=b"a") is denied


def test_the_root_user_keeps_the_policy(bucket: Bucket) -> None:
    """A Deny of everything does not lock the owner's root user out of the policy."""
    role = bucket.role()
    bucket.deny(EVERYTHING)
    assert is_denied(bucket.s3.list_objects_v2, Bucket=bucket.name)
    assert is_denied(role.delete_bucket_policy, Bucket=bucket.name)
    bucket.deny(EVERYTHING)
    assert "Deny" in bucket.s3.get_bucket_policy(Bucket=bucket.name)["Policy"]
    bucket.s3.delete_bucket_policy(Bucket=bucket.name)
    assert bucket.s3.list_objects_v2(Bucket=bucket.name)["KeyCount"] == 1
