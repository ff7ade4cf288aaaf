"""S3 access by templates that open buckets, and by services."""

import json
import subprocess
import sys

import httpx

from .localstack import LocalStack
from .waiting import wait_for

TEMPLATE = {
    "Resources": {
        "Open": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "BucketName": "template-open",
                "PublicAccessBlockConfiguration": {"BlockPublicPolicy": "false"},
            },
        },
        "WithAcls": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "BucketName": "template-acls",
                "PublicAccessBlockConfiguration": {"BlockPublicAcls": False},
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
            },
        },
        "Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": {"Ref": "Open"},
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": {
                        "Effect": "Allow",
                        "Principal": "*",
                        "Action": "s3:GetObject",
                        "Resource": "arn:aws:s3:::template-open/*",
                    },
                },
            },
        },
    }
}


def test_access_settings_of_templates_apply(emulator: LocalStack) -> None:
    """A template's access settings apply to its bucket only."""
    cloudformation, s3 = emulator.client("cloudformation"), emulator.client("s3")
    cloudformation.create_stack(StackName="access", TemplateBody=json.dumps(TEMPLATE))

    def state() -> str:
        stack = cloudformation.describe_stacks(StackName="access")["Stacks"][0]
        return str(stack["StackStatus"])

    wait_for(lambda: not state().endswith("IN_PROGRESS"))
    assert state() == "CREATE_COMPLETE"
    s3.put_object(Bucket="template-open", Key="k", Body=b"data")
    assert httpx.get(f"{emulator.url}/template-open/k").content == b"data"
    assert httpx.get(f"{emulator.url}/template-acls").status_code == 403
    s3.put_bucket_acl(Bucket="template-acls", ACL="public-read")
    assert httpx.get(f"{emulator.url}/template-acls").status_code == 200


SERVICE = """
import json
from localstack.services.s3.models import S3Bucket, S3Object, s3_stores
from localstack_native.access.buckets import may_get_object
from localstack_native.access.policy import Principal

account, source = "111122223333", "arn:aws:cloudfront::111122223333:distribution/E"
bucket = S3Bucket("b", account, "us-east-1", {})
bucket.objects.set("k", S3Object("k"))
store = s3_stores[account]["us-east-1"]
store.buckets["b"], store.global_bucket_map["b"] = bucket, account
statement = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudfront.amazonaws.com"},
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::b/*",
    "Condition": {"StringEquals": {"AWS:SourceArn": source}},
}
bucket.policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
cloudfront = Principal.service("cloudfront.amazonaws.com")
own, other = Principal.aws(account), Principal.aws("444455556666")
print(json.dumps([
    may_get_object(cloudfront, "b", "k", {"aws:SourceArn": source}),
    may_get_object(cloudfront, "b", "k", {"aws:SourceArn": source + "2"}),
    may_get_object(cloudfront, "b", "k"),
    may_get_object(cloudfront, "b", "missing", {"aws:SourceArn": source}),
    may_get_object(cloudfront, "none", "k", {"aws:SourceArn": source}),
    may_get_object(Principal.service("s3.amazonaws.com"), "b", "k", {"aws:SourceArn": source}),
    may_get_object(Principal.anonymous(), "b", "k", {"aws:SourceArn": source}),
    may_get_object(own, "b", "k"),
    may_get_object(own, "b", "missing"),
    may_get_object(other, "b", "k"),
]))
"""


def test_services_need_a_grant() -> None:
    """A service can read what the policy grants it for its source; other principals can't."""
    response = subprocess.run(
        [sys.executable, "-c", SERVICE], capture_output=True, text=True, check=True
    )
    yes, no = True, False
    assert json.loads(response.stdout) == [yes, no, no, no, no, no, no, yes, yes, no]
