"""The plain loop: a stack beside the pipeline's in the same emulator."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import boto3

from localstack_init.artifacts import ArtifactBucket
from localstack_init.build import build_layer
from localstack_init.stack import Stack
from processor.catalog.attributes import deserialize

PLAIN = Path(__file__).parent / "plain"
CODE_KEY = "code/plain.zip"


def deploy_plain() -> dict[str, str]:
    """Create the stack with the pipeline's layer; return its outputs."""
    bucket = ArtifactBucket.of("darkroom").name
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.write(PLAIN / "handler.py", "handler.py")
    boto3.client("s3").put_object(Bucket=bucket, Key=CODE_KEY, Body=code.getvalue())
    stack = Stack(boto3.client("cloudformation"), "plain", lambda _: None)
    parameters = {
        "ArtifactBucket": bucket,
        "CodeKey": CODE_KEY,
        "LayerKey": build_layer("host").key,
    }
    stack.apply((PLAIN / "template.yaml").read_text(), parameters)
    return stack.outputs()


def plain_items(table: str) -> Iterator[dict[str, str]]:
    """Yield all items of the plain loop's table."""
    for page in boto3.client("dynamodb").get_paginator("scan").paginate(TableName=table):
        yield from map(deserialize, page["Items"])
