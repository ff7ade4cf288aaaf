"""The target of a deployment, as commands print it."""

import boto3
import pytest
from botocore.stub import Stubber

from darkroom.terminal.stacks import account_of

SESSION = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x")


@pytest.mark.parametrize(
    ("endpoint", "region", "place"),
    [
        (None, "eu-west-1", "AWS, account 1, region eu-west-1"),
        (None, "cn-north-1", "AWS, account 1, region cn-north-1"),
        (
            "http://127.0.0.1:4566",
            "us-east-1",
            "http://127.0.0.1:4566, account 1, region us-east-1",
        ),
        (
            "https://amazonaws.com.example",
            "us-east-1",
            "https://amazonaws.com.example, account 1, region us-east-1",
        ),
    ],
)
def test_the_account(endpoint: str | None, region: str, place: str) -> None:
    """The endpoint is named unless it is AWS's own."""
    cloudformation = SESSION.client("cloudformation", region_name=region, endpoint_url=endpoint)
    sts = SESSION.client("sts", region_name=region)
    caller = "arn:aws:iam::1:user/somebody"
    with Stubber(sts) as stub:
        stub.add_response("get_caller_identity", {"Account": "1", "Arn": caller})
        assert account_of(cloudformation, sts) == (place, caller)
