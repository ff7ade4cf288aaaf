"""Edits of the template as a developer makes them: updated in place, with the images in place.

Each edit is deployed to one stack, and read back through the service that it is about.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from darkroom.cloud import Cloud
from localstack_init.cloudformation import StackError
from localstack_init.definitions import TEMPLATE
from localstack_init.deploy import Deployment, compare, deploy, destroy

from .conftest import SAMPLES, new_deployment
from .mappings import set_mapping
from .waiting import wait_for

KEY = "kept.jpg"

type Read = Callable[[dict[str, str]], Any]


@dataclass(frozen=True)
class Edit:
    """A change of the template's text, and what a service returns then."""

    name: str
    before: str
    after: str
    read: Read
    want: Any


def function(outputs: dict[str, str]) -> Any:
    """Return the configuration of the function that renders."""
    name = outputs["ProcessFunction"]
    return boto3.client("lambda").get_function_configuration(FunctionName=name)


def alarms(outputs: dict[str, str]) -> dict[str, Any]:
    """Return the stack's alarms by name, without its prefix."""
    prefix = outputs["ProcessFunction"].removesuffix("process")
    client = boto3.client("cloudwatch")
    found = client.describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"]
    return {each["AlarmName"].removeprefix(prefix): each for each in found}


def lifecycle(outputs: dict[str, str]) -> Any:
    """Return the lifecycle rules of the bucket of originals."""
    client = boto3.client("s3")
    return client.get_bucket_lifecycle_configuration(Bucket=outputs["RawBucket"])["Rules"]


def retention(outputs: dict[str, str]) -> Any:
    """Return the days that the log of the function is kept."""
    client = boto3.client("logs")
    found = client.describe_log_groups(logGroupNamePrefix=outputs["LogGroup"])
    return found["logGroups"][0]["retentionInDays"]


def tags(outputs: dict[str, str]) -> Any:
    """Return the tags of the bucket of originals."""
    found = boto3.client("s3").get_bucket_tagging(Bucket=outputs["RawBucket"])["TagSet"]
    return {each["Key"]: each["Value"] for each in found}


def statements(outputs: dict[str, str]) -> list[str]:
    """Return the ids of the statements of a bucket policy."""
    policy = boto3.client("s3").get_bucket_policy(Bucket=outputs["RawBucket"])["Policy"]
    return [each["Sid"] for each in json.loads(policy)["Statement"]]


def throttling(outputs: dict[str, str]) -> Any:
    """Return the stage's steady-state rate."""
    stage = boto3.client("apigateway").get_stage(restApiId=outputs["Api"], stageName="api")
    return stage["methodSettings"]["*/*"]["throttlingRateLimit"]


def recovers(outputs: dict[str, str]) -> bool:
    """Return whether the table recovers to a point in time."""
    client = boto3.client("dynamodb")
    backups = client.describe_continuous_backups(TableName=outputs["CatalogTable"])
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    return bool(recovery["PointInTimeRecoveryStatus"] == "ENABLED")


QUEUE_AGE = "  QueueAgeAlarm:\n"
NEW_ALARM = """\
  ManyMessagesAlarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: !Sub "${AWS::StackName}-many-messages"
      Namespace: AWS/SQS
      MetricName: ApproximateNumberOfMessagesVisible
      Dimensions: [{ Name: QueueName, Value: !GetAtt Queue.QueueName }]
      Statistic: Maximum
      Period: 60
      EvaluationPeriods: 1
      ComparisonOperator: GreaterThanThreshold
      Threshold: 1000

"""
STATEMENT = "          - Sid: DenyPlainHttp\n"
NEW_STATEMENT = """\
          - Sid: DenyAcls
            Effect: Deny
            Principal: "*"
            Action: s3:PutObjectAcl
            Resource: !Sub "${RawBucket.Arn}/*"
"""

EDITS = (
    Edit(
        "memory",
        "MemorySize: !Ref FunctionMemory",
        "MemorySize: 2048",
        lambda it: function(it)["MemorySize"],
        2048,
    ),
    Edit(
        "environment variable",
        "          POWERTOOLS_SERVICE_NAME: process\n",
        "          POWERTOOLS_SERVICE_NAME: process\n          EXTRA: one\n",
        lambda it: function(it)["Environment"]["Variables"]["EXTRA"],
        "one",
    ),
    Edit(
        "alarm threshold",
        "Threshold: 600\n",
        "Threshold: 900\n",
        lambda it: alarms(it)["queue-age"]["Threshold"],
        900,
    ),
    Edit(
        "lifecycle",
        "DaysAfterInitiation: 1 }",
        "DaysAfterInitiation: 3 }",
        lambda it: lifecycle(it)[0]["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"],
        3,
    ),
    Edit(
        "log retention",
        "RetentionInDays: !Ref LogRetention",
        "RetentionInDays: 30",
        retention,
        30,
    ),
    Edit(
        "tag",
        "      BucketName: !If\n        - HasRawBucketName\n",
        "      Tags: [{ Key: team, Value: images }]\n"
        "      BucketName: !If\n        - HasRawBucketName\n",
        tags,
        {"project": "darkroom", "team": "images"},
    ),
    Edit(
        "bucket policy",
        STATEMENT,
        NEW_STATEMENT + STATEMENT,
        statements,
        ["DenyAcls", "DenyPlainHttp"],
    ),
    Edit(
        "throttling",
        "ThrottlingRateLimit: !Ref ApiRate",
        "ThrottlingRateLimit: 20",
        throttling,
        20,
    ),
    Edit(
        "new alarm",
        QUEUE_AGE,
        NEW_ALARM + QUEUE_AGE,
        lambda it: alarms(it)["many-messages"]["Threshold"],
        1000,
    ),
    Edit("removed alarm", NEW_ALARM, "", lambda it: "many-messages" in alarms(it), want=False),
    Edit(
        "recovery",
        "PointInTimeRecoveryEnabled: true",
        "PointInTimeRecoveryEnabled: false",
        recovers,
        want=False,
    ),
)


@pytest.fixture(scope="module")
def deployment(endpoint: str) -> Iterator[Deployment]:
    """Yield a stack of these tests."""
    assert endpoint
    own = new_deployment()
    yield own
    destroy(own.stack, lambda _: None)


@pytest.fixture
def deployed_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Return a function that sets the text of the template to deploy."""

    def use(text: str) -> None:
        path = tmp_path / "template.yaml"
        path.write_text(text)
        for module in ("definitions", "deploy"):
            monkeypatch.setattr(f"localstack_init.{module}.TEMPLATE", path)

    return use


def edited(text: str, edit: Edit) -> str:
    """Return the template after an edit."""
    assert edit.before in text, edit.name
    return text.replace(edit.before, edit.after, 1)


def is_there(outputs: dict[str, str]) -> None:
    """Check that the image has its original, entry and renditions."""
    s3 = boto3.client("s3")
    assert s3.head_object(Bucket=outputs["RawBucket"], Key=KEY)
    listed = s3.list_objects_v2(Bucket=outputs["ProcessedBucket"], Prefix=f"processed/{KEY}/")
    assert listed["KeyCount"]
    entry = Cloud(outputs).catalog.get(KEY)
    assert entry
    assert entry["status"] == "done"


def changed(said: list[str]) -> set[str]:
    """Return the resources that a deployment printed as changed."""
    words = [line.split() for line in said]
    return {
        each[-1]
        for each in words
        if len(each) > 2
        and each[-3].endswith("_COMPLETE")
        and each[-2] != "AWS::CloudFormation::Stack"
    }


def test_ten_edits(deployment: Deployment, deployed_text: Callable[[str], None]) -> None:
    """Each edit changes what a comparison told and reaches its service; images, entries and
    addresses are as before.
    """
    outputs = deploy(deployment, lambda _: None)
    body = (SAMPLES / "raccoon.jpg").read_bytes()
    boto3.client("s3").put_object(Bucket=outputs["RawBucket"], Key=KEY, Body=body)

    def is_done() -> bool:
        entry = Cloud(outputs).catalog.get(KEY)
        return entry is not None and entry["status"] == "done"

    wait_for(is_done)
    text = TEMPLATE.read_text()
    for edit in EDITS:
        text = edited(text, edit)
        deployed_text(text)
        said: list[str] = []
        _, changes = compare(deployment, lambda _: None)
        assert deploy(deployment, said.append) == outputs, edit.name
        assert changed(said) == {each.resource for each in changes}, edit.name
        assert {each.replacement for each in changes} == {"False"}, edit.name
        assert edit.read(outputs) == edit.want, edit.name
        assert "DELETE" not in "\n".join(said) or edit.name == "removed alarm", said
        is_there(outputs)
    said = []
    deploy(deployment, said.append)
    assert said == ["Nothing has changed"]

    # The last function's code is missing when the first one has its memory.
    start, _, end = text.rpartition("S3Key: !Ref CodeKey")
    deployed_text(f"{start}S3Key: missing{end}".replace("MemorySize: 2048", "MemorySize: 3008"))
    with pytest.raises(StackError, match="UPDATE_ROLLBACK_COMPLETE"):
        deploy(deployment, lambda _: None)
    assert function(outputs)["MemorySize"] == 2048
    is_there(outputs)

    deployed_text(text.replace("MemorySize: 2048", "MemorySize: 1024"))
    assert deploy(deployment, lambda _: None) == outputs
    assert function(outputs)["MemorySize"] == 1024
    is_there(outputs)
    set_mapping(outputs["ProcessFunction"], enabled=False)
