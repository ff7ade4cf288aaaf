"""Deploy the pipeline to wherever boto3's session leads: AWS, or what AWS_ENDPOINT_URL names."""

import base64
import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import ClientError

from localstack_init.package import Artifact, Target, build_code, build_definition, build_layer
from localstack_init.site import deploy_site
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
    """Values for the template's parameters; the others stay as they were deployed last, or have
    their defaults."""
    replace: bool = False
    """Delete and create the stack anew where its template or parameters changed, instead of
    updating it. For clouds that cannot update: all that the stack holds is lost."""

    @classmethod
    def to_emulator(cls, endpoint: str, stack: str = "darkroom") -> "Deployment":
        """For an emulator on this machine, which is born empty and cannot update stacks.

        ``endpoint`` is its URL. Only who is on this machine can reach it, so that nobody has to
        show credentials.
        """
        port = urlsplit(endpoint).port
        parameters = {
            "ApiAuth": "none",
            "Originals": "on",
            "SiteUrlPrefix": f"http://localhost:{port}/_aws/cloudfront/",
            "UploadOrigins": f"http://127.0.0.1:{port} http://localhost:{port}",
        }
        return cls(stack=stack, target="host", parameters=parameters, replace=True)


def deploy(deployment: Deployment, say: Say) -> dict[str, str]:
    """Bring the stack to the state of this checkout; answers its outputs.

    Raises ``BuildError`` and ``StackError``.
    """
    code, layer, definition = build_code(), build_layer(deployment.target), build_definition()
    template = _template(definition)
    stack = Stack(boto3.client("cloudformation"), deployment.stack, say)
    stack.validate(template)
    kept = {
        name: value for name, value in stack.parameters().items() if f"\n  {name}:\n" in template
    }
    bucket = artifact_bucket(deployment.stack)
    s3 = boto3.client("s3")
    _ensure_bucket(s3, bucket)
    for artifact in (code, layer, definition):
        _upload(s3, bucket, artifact, say)
    parameters = {
        **kept,
        "ArtifactBucket": bucket,
        "CodeKey": code.key,
        "LayerKey": layer.key,
        "ApiDefinitionKey": definition.key,
        "Architecture": _architecture(deployment.target),
        **deployment.parameters,
    }
    if deployment.replace and _is_complete(stack):
        if _differs_in_code_alone(stack, template, parameters):
            _update_code(stack, bucket, code, say)
            return _with_site(stack.outputs(), say)
        say("The template or its parameters changed: replacing the stack and all that it holds")
        _empty_buckets(s3, stack, say)
        stack.delete()
    if not stack.apply(template, parameters):
        say("Nothing has changed")
    return _with_site(stack.outputs(), say)


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
    for name in ("RawBucket", "ProcessedBucket", "SiteBucket"):
        bucket = outputs.get(name)
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


def _template(definition: Artifact) -> str:
    """The template, with a name for the API's deployment that changes with its definition."""
    digest = definition.path.stem.rpartition("-")[2]
    return TEMPLATE.read_text().replace("ApiDeployment", f"ApiDeployment{digest[:8]}")


def _with_site(outputs: dict[str, str], say: Say) -> dict[str, str]:
    deploy_site(outputs["SiteBucket"], outputs["Distribution"], say)
    return outputs


def _differs_in_code_alone(stack: Stack, template: str, parameters: Mapping[str, str]) -> bool:
    """Whether the stack is as wanted but for the code that its functions run."""
    if stack.template() != template:
        return False
    current = stack.parameters()
    return all(
        current.get(name) == value for name, value in parameters.items() if name != "CodeKey"
    )


def _update_code(stack: Stack, bucket: str, code: Artifact, say: Say) -> None:
    """Give the functions the code at hand, where they run another."""
    client = boto3.client("lambda")
    outputs = stack.outputs()
    wanted = base64.b64encode(hashlib.sha256(code.path.read_bytes()).digest()).decode()
    functions = [
        function
        for function in (outputs["ProcessFunction"], outputs["ApiFunction"])
        if client.get_function_configuration(FunctionName=function)["CodeSha256"] != wanted
    ]
    for function in functions:
        client.update_function_code(FunctionName=function, S3Bucket=bucket, S3Key=code.key)
    for function in functions:
        waiter = client.get_waiter("function_updated_v2")
        waiter.wait(FunctionName=function, WaiterConfig={"Delay": 1})
        say(f"Updated the code of {function}")
    if not functions:
        say("Nothing has changed")
