"""Deploy the pipeline to wherever boto3's session leads: AWS, or what AWS_ENDPOINT_URL names."""

import base64
import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from localstack_init.package import Artifact, Target, build_code, build_layer
from localstack_init.stack import Say, Stack

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

TEMPLATE = Path(__file__).parent / "template.yaml"


@dataclass(frozen=True, slots=True)
class Deployment:
    """What to deploy, and how."""

    stack: str = "darkroom"
    target: Target = "x86_64"
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Values for the template's parameters; the others keep their defaults."""
    replace: bool = False
    """Delete and create the stack anew where its template or parameters changed, instead of
    updating it. For clouds that cannot update: all that the stack holds is lost."""

    @classmethod
    def to_emulator(cls, stack: str = "darkroom") -> "Deployment":
        """For an emulator on this machine, which is born empty and cannot update stacks."""
        return cls(stack=stack, target="host", replace=True)


def deploy(deployment: Deployment, say: Say) -> dict[str, str]:
    """Bring the stack to the state of this checkout; answers its outputs.

    Raises ``BuildError`` and ``StackError``.
    """
    code, layer = build_code(), build_layer(deployment.target)
    stack = Stack(boto3.client("cloudformation"), deployment.stack, say)
    stack.validate(TEMPLATE.read_text())
    bucket = artifact_bucket(deployment.stack)
    s3 = boto3.client("s3")
    _ensure_bucket(s3, bucket)
    for artifact in (code, layer):
        _upload(s3, bucket, artifact, say)
    parameters = {
        "ArtifactBucket": bucket,
        "CodeKey": code.key,
        "LayerKey": layer.key,
        "Architecture": _architecture(deployment.target),
        **deployment.parameters,
    }
    if deployment.replace and _is_complete(stack):
        if _differs_in_code_alone(stack, parameters):
            _update_code(stack, bucket, code, say)
            return stack.outputs()
        say("The template or its parameters changed: replacing the stack and all that it holds")
        _empty_buckets(s3, stack, say)
        stack.delete()
    if not stack.apply(TEMPLATE.read_text(), parameters):
        say("Nothing has changed")
    return stack.outputs()


def destroy(name: str, say: Say) -> None:
    """Empty and remove the stack and its artifacts. Raises ``StackError``."""
    stack = Stack(boto3.client("cloudformation"), name, say)
    s3 = boto3.client("s3")
    _empty_buckets(s3, stack, say)
    stack.delete()
    bucket = artifact_bucket(name)
    if _exists(s3, bucket):
        empty_bucket(s3, bucket)
        s3.delete_bucket(Bucket=bucket)


def artifact_bucket(stack: str) -> str:
    """Name of the bucket with a stack's code and layer: bucket names are shared by all of AWS."""
    account = boto3.client("sts").get_caller_identity()["Account"]
    return f"{stack}-artifacts-{account}-{boto3.session.Session().region_name}"


def empty_bucket(s3: "S3Client", bucket: str) -> int:
    """Delete every object, with its versions; answers how many there were."""
    count = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        doomed: list[ObjectIdentifierTypeDef] = [
            {"Key": each["Key"], "VersionId": each["VersionId"]}
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        ]
        if doomed:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": doomed, "Quiet": True})
            count += len(doomed)
    return count


def _empty_buckets(s3: "S3Client", stack: Stack, say: Say) -> None:
    """CloudFormation deletes empty buckets alone."""
    outputs = stack.outputs()
    for bucket in (outputs.get("RawBucket"), outputs.get("ProcessedBucket")):
        if bucket and _exists(s3, bucket) and (count := empty_bucket(s3, bucket)):
            say(f"Deleted {count} objects from {bucket}")


def _ensure_bucket(s3: "S3Client", bucket: str) -> None:
    if _exists(s3, bucket):
        return
    region = s3.meta.region_name
    if region == "us-east-1":  # the one region that must not be named
        s3.create_bucket(Bucket=bucket)
    else:
        s3.create_bucket(
            Bucket=bucket,
            CreateBucketConfiguration={"LocationConstraint": region},  # type: ignore[typeddict-item]
        )
    s3.put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
    )


def _exists(s3: "S3Client", bucket: str, key: str | None = None) -> bool:
    try:
        if key is None:
            s3.head_bucket(Bucket=bucket)
        else:
            s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchBucket", "NoSuchKey"):
            return False
        raise
    return True


def _upload(s3: "S3Client", bucket: str, artifact: Artifact, say: Say) -> None:
    if _exists(s3, bucket, artifact.key):
        return
    say(f"Uploading {artifact.key} ({artifact.path.stat().st_size / 1e6:.1f} MB)")
    s3.upload_file(str(artifact.path), bucket, artifact.key)


def _architecture(target: Target) -> str:
    if target != "host":
        return target
    return "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"


def _is_complete(stack: Stack) -> bool:
    known = stack.describe()
    return known is not None and known["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def _differs_in_code_alone(stack: Stack, parameters: Mapping[str, str]) -> bool:
    """Whether the stack is as wanted but for the code that its function runs."""
    if stack.template() != TEMPLATE.read_text():
        return False
    current = stack.parameters()
    return all(
        current.get(name) == value for name, value in parameters.items() if name != "CodeKey"
    )


def _update_code(stack: Stack, bucket: str, code: Artifact, say: Say) -> None:
    """Give the function the code at hand, if it runs another."""
    client = boto3.client("lambda")
    function = stack.outputs()["ProcessFunction"]
    wanted = base64.b64encode(hashlib.sha256(code.path.read_bytes()).digest()).decode()
    if client.get_function_configuration(FunctionName=function)["CodeSha256"] == wanted:
        say("Nothing has changed")
        return
    client.update_function_code(FunctionName=function, S3Bucket=bucket, S3Key=code.key)
    client.get_waiter("function_updated_v2").wait(FunctionName=function, WaiterConfig={"Delay": 1})
    say(f"Updated the code of {function}")
