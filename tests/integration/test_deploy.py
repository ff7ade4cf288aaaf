"""Deploying, deploying again, and removing."""

import uuid
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from darkroom.cloud import Cloud
from localstack_init import account
from localstack_init import deploy as deploy_module
from localstack_init.artifacts import ArtifactBucket
from localstack_init.build import Artifact, build_layer
from localstack_init.cloudformation import StackError
from localstack_init.definitions import TEMPLATE
from localstack_init.deploy import FUNCTIONS, Deployment, deploy, destroy
from localstack_init.function_code import build_code
from localstack_init.stack import Stack
from tests.speed import LIMIT

from .conftest import SAMPLES, new_deployment
from .mappings import set_mapping
from .waiting import wait_for

pytestmark = pytest.mark.contract


@pytest.fixture
def deployment(endpoint: str) -> Iterator[Deployment]:
    """Give a deployment of the test's own, and clear it away."""
    assert endpoint
    own = new_deployment()
    yield own
    destroy(own.stack, lambda _: None)


def resources(stack: str) -> dict[str, list[str]]:
    """What is in the account under the stack's name, by kind."""

    def every(service: Any, operation: str, kind: str) -> list[Any]:
        pages = boto3.client(service).get_paginator(operation).paginate()
        return [each for page in pages for each in page.get(kind, [])]

    found = {
        "buckets": [each["Name"] for each in boto3.client("s3").list_buckets()["Buckets"]],
        "tables": every("dynamodb", "list_tables", "TableNames"),
        "queues": every("sqs", "list_queues", "QueueUrls"),
        "functions": [
            each["FunctionName"] for each in every("lambda", "list_functions", "Functions")
        ],
        "log groups": [
            each["logGroupName"] for each in every("logs", "describe_log_groups", "logGroups")
        ],
        "APIs": [each["name"] for each in every("apigateway", "get_rest_apis", "items")],
        "distributions": [
            each["Comment"]
            for each in boto3.client("cloudfront")
            .list_distributions()["DistributionList"]
            .get("Items", [])
        ],
        "roles": [each["RoleName"] for each in every("iam", "list_roles", "Roles")],
    }
    return {kind: [name for name in names if stack in name] for kind, names in found.items()}


def test_the_way_of_a_stack(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Created once, left alone when nothing changed, given new code alone, updated, removed."""
    said: list[str] = []
    outputs = deploy(deployment, said.append)
    assert any("CREATE_COMPLETE" in line for line in said)
    assert all(resources(deployment.stack).values())
    function = outputs["ProcessFunction"]
    client = boto3.client("lambda")

    said.clear()
    assert deploy(deployment, said.append) == outputs
    assert said == ["Nothing has changed"]

    before = client.get_function_configuration(FunctionName=function)
    code = build_code()
    monkeypatch.setattr(deploy_module, "build_code", lambda: with_a_change(code))
    said.clear()
    deploy(deployment, said.append)
    after = client.get_function_configuration(FunctionName=function)
    assert after["CodeSha256"] != before["CodeSha256"]
    assert said == [
        *(line for line in said if line.startswith("Uploading code/")),
        # The stack has no webhooks.
        *(
            f"Updated the code of {outputs[name]}"
            for name in FUNCTIONS
            if name != "WebhookFunction"
        ),
    ]
    said.clear()
    deploy(deployment, said.append)
    assert said == ["Nothing has changed"]

    s3, raw = boto3.client("s3"), outputs["RawBucket"]
    body = (SAMPLES / "raccoon.jpg").read_bytes()
    s3.put_object(Bucket=raw, Key="kept.jpg", Body=body, Metadata={"recipe": "avatar"})
    catalog = Cloud(outputs).catalog

    def is_done() -> bool:
        entry = catalog.get("kept.jpg")
        return entry is not None and entry["status"] == "done"

    wait_for(is_done)
    entry = catalog.get("kept.jpg")
    smaller = replace(deployment, parameters={**deployment.parameters, "FunctionMemory": "1024"})
    said.clear()
    assert deploy(smaller, said.append) == outputs
    assert "DELETE" not in "\n".join(said)
    assert client.get_function_configuration(FunctionName=function)["MemorySize"] == 1024
    # The new code, which the functions got without CloudFormation, stays.
    assert (
        client.get_function_configuration(FunctionName=function)["CodeSha256"]
        == (after["CodeSha256"])
    )
    original = s3.get_object(Bucket=raw, Key="kept.jpg")
    assert original["Body"].read() == body
    assert original["Metadata"] == {"recipe": "avatar"}
    assert catalog.get("kept.jpg") == entry

    # A running function would create its log group again.
    set_mapping(function, enabled=False)
    destroy(deployment.stack, said.append)
    left = resources(deployment.stack)
    assert not any(left.values()), left
    # The account's other APIs write their logs with its role.
    assert account.is_prepared(boto3.Session())


def test_an_alarm_rolls_back_new_code(deployment: Deployment, tmp_path: Path) -> None:
    """Code that fails raises an alarm in the monitoring time, and the old code responds again."""
    by_stack = replace(deployment, is_quick=False)
    outputs = deploy(by_stack, lambda _: None)
    client, function = boto3.client("lambda"), outputs["ApiFunction"]
    before = client.get_function_configuration(FunctionName=function)["CodeSha256"]

    def status() -> int:
        return httpx.get(f"{outputs['SiteUrl']}/api/recipes", timeout=LIMIT).status_code

    def ring() -> bool:
        # The alarm's own evaluation may end the state before a step of the deployment looks at it.
        boto3.client("cloudwatch").set_alarm_state(
            AlarmName=f"{deployment.stack}-function-errors", StateValue="ALARM", StateReason="test"
        )
        return deploying.done()

    wait_for(lambda: status() == 200)
    broken = with_a_failing_api(build_code(), tmp_path)
    monitored = replace(by_stack, monitoring_minutes=15)
    with ThreadPoolExecutor(1) as pool:
        deploying = pool.submit(
            deploy, monitored, lambda _: None, build=lambda target: (broken, build_layer(target))
        )
        try:
            wait_for(lambda: deploying.done() or status() >= 500)
        finally:
            wait_for(ring)
        with pytest.raises(StackError, match="UPDATE_ROLLBACK_COMPLETE"):
            deploying.result()
    assert client.get_function_configuration(FunctionName=function)["CodeSha256"] == before
    wait_for(lambda: status() == 200)


def with_a_failing_api(code: Artifact, folder: Path) -> Artifact:
    """Return the code with a handler of the API that fails to start."""
    path = folder / "failing.zip"
    with zipfile.ZipFile(code.path) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            if name == "processor/handlers/api.py":
                target.writestr(name, "raise RuntimeError('new code')")
            elif "handlers/__pycache__/api." not in name:
                target.writestr(name, source.read(name))
    return Artifact(path, f"code/failing-{uuid.uuid4().hex}.zip")


def test_an_account_is_prepared_once(endpoint: str) -> None:
    """API Gateway gets a role for logs, unless it has one, whoever set it."""
    assert endpoint
    session = boto3.Session(region_name="eu-west-3")
    said: list[str] = []
    cloudformation, gateway = session.client("cloudformation"), session.client("apigateway")
    stack = Stack(cloudformation, account.STACK, said.append)
    bucket = ArtifactBucket.of(f"darkroom-test-{uuid.uuid4().hex[:8]}", session)
    bucket.ensure()
    try:
        account.prepare(stack, bucket, "", said.append, session)
        assert stack.is_deployed()
        role = gateway.get_account()["cloudwatchRoleArn"]
        assert "ApiLogRole" in role
        other = role.replace("ApiLogRole", "OfSomebody")
        set_gateway_role(gateway, other)
        said.clear()
        account.prepare(stack, bucket, "", said.append, session)
        assert said == []
        assert gateway.get_account()["cloudwatchRoleArn"] == other
        stack.delete()
        # The role of other APIs stays.
        iam, name = session.client("iam"), role.rpartition("/")[2]
        (policy,) = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
        iam.delete_role(RoleName=name)
    finally:
        stack.delete()
        bucket.delete()
        set_gateway_role(gateway, "")


def set_gateway_role(gateway: Any, role: str) -> None:
    """Set API Gateway's role for logs."""
    gateway.update_account(
        patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}]
    )


def test_a_broken_template_changes_nothing(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A template that can't be read is refused before the stack that runs is changed."""
    deploy(deployment, lambda _: None)
    before = resources(deployment.stack)
    broken = tmp_path / "template.yaml"
    broken.write_text(TEMPLATE.read_text().replace("Resources:", "Resources: [", 1))
    monkeypatch.setattr("localstack_init.deploy.TEMPLATE", broken)
    with pytest.raises(StackError, match="not valid YAML"):
        deploy(deployment, lambda _: None)
    assert resources(deployment.stack) == before


def with_a_change(code: Artifact) -> Artifact:
    """The same code in an archive of other bytes."""
    path: Path = code.path.with_name("code-changed.zip")
    # A zip file may have bytes before its first entry.
    path.write_bytes(b"changed" + code.path.read_bytes())
    return Artifact(path, "code/changed.zip")


def test_a_failed_deployment_says_why(endpoint: str) -> None:
    """The error names the resource that failed and the reason that the service gave."""
    assert endpoint
    deployment = new_deployment()
    name = deployment.parameters["TableName"]
    dynamodb = boto3.client("dynamodb")
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    try:
        with pytest.raises(StackError, match=rf"Catalog \(AWS::DynamoDB::Table\): .*{name}"):
            deploy(deployment, lambda _: None)
    finally:
        dynamodb.delete_table(TableName=name)
        destroy(deployment.stack, lambda _: None)


def test_destroying_nothing_is_no_error(endpoint: str) -> None:
    """A stack that does not exist is gone already."""
    assert endpoint
    destroy("darkroom-test-never-was", lambda _: None)
