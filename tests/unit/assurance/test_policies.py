"""The policies of a template, resolved."""

from pathlib import Path
from typing import Any

import pytest

from tests.assurance.policies import UnresolvedError, policies

from .templates import bucket_policy, template

TEMPLATES = Path(__file__).parents[3] / "localstack_init"


def test_policies_are_found_and_resolved(tmp_path: Path) -> None:
    """Each policy is yielded twice: with all conditions true, and with all false."""
    get = {"Effect": "Allow", "Action": "s3:GetObject", "Principal": "*"}
    names = {"Suffix": {"Fn::Join": ["-", ["a", "b"]]}}
    named = {"Fn::Sub": ["${AWS::StackName}-${Who}-${Suffix}", names]}
    path = template(
        tmp_path,
        Bucket={"Type": "AWS::S3::Bucket", "Properties": {"BucketName": named}},
        Policy=bucket_policy(
            get | {"Resource": {"Fn::Sub": "${Bucket.Arn}/*"}},
            {"Fn::If": ["Open", get | {"Resource": "*"}, {"Ref": "AWS::NoValue"}]},
        ),
    )
    open_, closed = policies(path)
    assert (open_.kind, open_.resource) == ("resource", "Policy")
    assert len(open_.document["Statement"]) == 2
    [statement] = closed.document["Statement"]
    assert statement["Resource"] == "arn:aws:s3:::darkroom-who-a-b/*"


@pytest.mark.parametrize(
    "value", [{"Fn::ImportValue": "x"}, {"Fn::GetAtt": ["Other", "Arn"]}], ids=["function", "type"]
)
def test_an_unresolved_policy_is_an_error(tmp_path: Path, value: Any) -> None:
    """A function or ARN that cannot be resolved raises an error: no policy is skipped."""
    resource = {"Type": "AWS::EC2::VPC"}
    path = template(tmp_path, Other=resource, Policy=bucket_policy({"Resource": value}))
    with pytest.raises(UnresolvedError):
        list(policies(path))


def test_our_policies_are_found() -> None:
    """Policies of roles, queues and buckets in our templates are among the yielded ones."""
    seen = {policy.resource for path in TEMPLATES.glob("*.yaml") for policy in policies(path)}
    assert {"ProcessRole", "ApiRole", "ApiLogRole", "QueuePolicy", "RawBucketPolicy"} <= seen
