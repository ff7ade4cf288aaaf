"""The account's stack: API Gateway's role for logs, which all APIs of a region share.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-account.html
"""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import boto3

from localstack_init.artifacts import ArtifactBucket
from localstack_init.build import Artifact, digest_of
from localstack_init.change_set import Change, planned
from localstack_init.cloudformation import OvertakenError, Say, StackError
from localstack_init.stack import Stack

STACK = "darkroom-account"

TEMPLATE = Path(__file__).parent / "account.yaml"


def is_prepared(session: boto3.Session) -> bool:
    """Return whether API Gateway has a role for logs, from this stack or another source."""
    return bool(session.client("apigateway").get_account().get("cloudwatchRoleArn"))


def prepare(
    stack: Stack, bucket: ArtifactBucket, boundary: str, say: Say, session: boto3.Session
) -> None:
    """Create the account's ``stack`` if API Gateway cannot write logs yet.

    ``boundary`` is the ARN of its role's permissions boundary, or empty. Waits for another
    deployment that creates it. Raises ``StackError``.
    """
    if is_prepared(session):
        return
    say(f"API Gateway has no role for logs in this region: creating the stack {STACK}")
    template = Artifact(TEMPLATE, f"template/account-{digest_of(TEMPLATE.read_bytes())}.yaml")
    bucket.upload(template, say)
    while not is_prepared(session):
        # All pipelines of the account share this stack: another deployment may be first.
        with suppress(OvertakenError):
            stack.apply(bucket.url(template), {"RolesBoundary": boundary})
        stack.wait_until_stable()


def additions() -> list[Change]:
    """Return the resources that the stack adds to an account."""
    changes = planned(TEMPLATE.read_text())
    return [replace(each, resource=f"{STACK}/{each.resource}") for each in changes]


def check_name(stack: str) -> None:
    """Raise ``StackError`` for a pipeline with the name of the account's stack."""
    if stack == STACK:
        raise StackError(
            f"{STACK} is no pipeline: all pipelines of the account share it, and API Gateway "
            "writes logs with its role. Choose another name or environment. Nothing was changed."
        )
