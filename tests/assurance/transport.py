"""Buckets and queues without a policy that denies plain HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cfnlint.decode import cfn_yaml

_POLICIES = {"AWS::S3::BucketPolicy": "Bucket", "AWS::SQS::QueuePolicy": "Queues"}
"""Policy types, with the property that names their resources."""
_GUARDED = {"AWS::S3::Bucket", "AWS::SQS::Queue"}
_PLAIN_HTTP = {"Bool": {"aws:SecureTransport": "false"}}


def open_to_plain_http(path: Path) -> Iterator[str]:
    """Yield the logical ids of buckets and queues that accept plain HTTP."""
    resources = cfn_yaml.load(str(path))["Resources"]
    guarded: set[str] = set()
    for resource in resources.values():
        key = _POLICIES.get(resource["Type"])
        statements = resource["Properties"]["PolicyDocument"]["Statement"] if key else []
        if any(_denies_all(statement) for statement in statements):
            targets = resource["Properties"][key]
            listed = targets if isinstance(targets, list) else [targets]
            guarded |= {target["Ref"] for target in listed if "Ref" in target}
    for name, resource in resources.items():
        if resource["Type"] in _GUARDED and name not in guarded:
            yield name


def _denies_all(statement: dict[str, Any]) -> bool:
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Principal") == "*"
        and str(statement.get("Action")).endswith(":*")
        and statement.get("Condition") == _PLAIN_HTTP
    )
