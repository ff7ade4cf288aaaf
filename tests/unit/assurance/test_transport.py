"""Buckets and queues that plain HTTP reaches."""

from pathlib import Path

from tests.assurance.transport import open_to_plain_http

from .templates import bucket_policy, template


def test_plain_http(tmp_path: Path) -> None:
    """A bucket without a policy that denies plain HTTP is reported."""
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Condition": insecure}
    bucket = {"Type": "AWS::S3::Bucket"}
    good = template(tmp_path, Bucket=bucket, Other=bucket, Policy=bucket_policy(deny))
    assert list(open_to_plain_http(good)) == ["Other"]
    bad = template(tmp_path, Bucket=bucket, Policy=bucket_policy(deny | {"Action": "s3:GetObject"}))
    assert list(open_to_plain_http(bad)) == ["Bucket"]
