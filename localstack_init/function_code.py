"""Code of Lambda functions, updated without CloudFormation: where stacks cannot be updated."""

import base64
import hashlib
from collections.abc import Iterable

import boto3

from localstack_init.build import Artifact
from localstack_init.cloudformation import Say


def update_code(
    functions: Iterable[str], bucket: str, code: Artifact, say: Say, session: boto3.Session
) -> None:
    """Update the functions that run other code than an artifact's; return when they run it."""
    client = session.client("lambda")
    digest = base64.b64encode(hashlib.sha256(code.path.read_bytes()).digest()).decode()
    outdated = [
        function
        for function in functions
        if client.get_function_configuration(FunctionName=function)["CodeSha256"] != digest
    ]
    for function in outdated:
        client.update_function_code(FunctionName=function, S3Bucket=bucket, S3Key=code.key)
    for function in outdated:
        waiter = client.get_waiter("function_updated_v2")
        waiter.wait(FunctionName=function, WaiterConfig={"Delay": 1})
        say(f"Updated the code of {function}")
    if not outdated:
        say("Nothing has changed")
