"""Policies of resources: buckets, queues, topics, functions, and the trust policies of roles."""

import json
from dataclasses import asdict
from typing import Any

from localstack_native.access.judgment import Document, Resource

_NONE = Resource()


def find(action: str, arn: str) -> Resource:
    """Return the account and the policy of a resource that a request names.

    A role's trust policy judges who assumes it, and no other action.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return _NONE
    account = parts[4]
    read = _reader(arn)
    if read is None or (parts[2] == "iam" and not action.startswith("sts:")):
        # AWS's own policies are every account's.
        return Resource("" if account == "aws" else account)
    found: Resource = read(account, parts[3], parts[5], arn)
    return found


def _reader(arn: str) -> Any:
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return None
    if parts[2] == "lambda":
        return _function if parts[5].startswith("function:") else None
    if parts[2] == "iam":
        return _role if parts[5].startswith("role/") else None
    return {"s3": _bucket, "sns": _topic, "sqs": _queue}.get(parts[2])


def _bucket(_account: str, _region: str, path: str, _arn: str) -> Resource:
    from localstack_native.access import buckets

    name = path.partition("/")[0]
    found = buckets.find(name)
    if found is None:
        return _NONE
    return Resource(str(found.bucket_account_id), _document(name, found.policy))


def _queue(account: str, region: str, name: str, _arn: str) -> Resource:
    from localstack.services.sqs.models import sqs_stores

    queue: Any = sqs_stores[account][region].queues.get(name)
    return Resource(account, _document(name, queue.attributes.get("Policy") if queue else None))


def _topic(account: str, region: str, name: str, arn: str) -> Resource:
    from localstack.services.sns.models import sns_stores

    # A subscription's ARN begins with its topic's.
    topic_arn = ":".join(arn.split(":")[:6])
    topic: Any = sns_stores[account][region].topics.get(topic_arn)
    return Resource(account, _document(name, topic["attributes"].get("Policy") if topic else None))


def _function(account: str, region: str, path: str, _arn: str) -> Resource:
    from localstack.services.lambda_.invocation.models import lambda_stores

    _, name, *qualifier = path.split(":")
    function = lambda_stores[account][region].functions.get(name)
    if function is None:
        return Resource(account)
    found = function.permissions.get(qualifier[0] if qualifier else "$LATEST")
    return Resource(account, Document(name, json.dumps(asdict(found.policy))) if found else None)


def _role(account: str, _region: str, _path: str, arn: str) -> Resource:
    from localstack_native.access import identities

    role = identities.role(account, arn)
    return Resource(account, role.trust() if role else None, "trust")


def _document(name: str, text: str | None) -> Document | None:
    return Document(name, text) if text else None
