"""Every alarm of the stack: it rings when it should, and stops when the reason is gone."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from darkroom.cloud import Cloud
from localstack_init.dashboard import ALARMS
from localstack_init.deploy import deploy, destroy
from tests.speed import LIMIT

from .conftest import new_deployment
from .mappings import set_mapping
from .waiting import wait_for

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

pytestmark = pytest.mark.contract

SOON = {"queue-age": 2.0, "duration": 0.1}
"""Thresholds for what takes minutes, in seconds and milliseconds."""

FOR_PUTTING = (
    "AlarmName", "AlarmActions", "ComparisonOperator", "Dimensions", "ExtendedStatistic",
    "MetricName", "Metrics", "Namespace", "OKActions", "Statistic", "TreatMissingData",
)  # fmt: skip


@pytest.fixture
def own_cloud(endpoint: str) -> Iterator[Cloud]:
    """Give a pipeline of the test's own, which it may break."""
    assert endpoint
    deployment = new_deployment()
    yield Cloud(deploy(deployment, lambda _: None))
    destroy(deployment.stack, lambda _: None)


def hurry(cloudwatch: "CloudWatchClient", stack: str) -> None:
    """Let the stack's alarms look at the last half minute, else as they are."""
    alarms = cloudwatch.describe_alarms(AlarmNamePrefix=f"{stack}-")["MetricAlarms"]
    assert {each["AlarmName"] for each in alarms} == {f"{stack}-{name}" for name in ALARMS}
    for alarm in alarms:
        known: dict[str, Any] = {name: alarm[name] for name in FOR_PUTTING if alarm.get(name)}  # type: ignore[literal-required]
        for query in known.get("Metrics", []):
            if "MetricStat" in query:
                query["MetricStat"]["Period"] = 30
        if "Metrics" not in known:
            known["Period"] = 30
        name = alarm["AlarmName"].removeprefix(f"{stack}-")
        threshold = SOON.get(name, alarm["Threshold"])
        cloudwatch.put_metric_alarm(**known, EvaluationPeriods=1, Threshold=threshold)


def ring(cloud: Cloud, url: str) -> None:
    """Give each alarm its reason."""
    functions = boto3.client("lambda")
    process, api = cloud.outputs["ProcessFunction"], cloud.outputs["ApiFunction"]
    set_mapping(process, enabled=False)
    functions.put_function_concurrency(FunctionName=api, ReservedConcurrentExecutions=0)
    stepfunctions = boto3.client("stepfunctions")
    began = stepfunctions.start_execution(stateMachineArn=cloud.outputs["Workflow"], input="{}")
    stepfunctions.stop_execution(executionArn=began["executionArn"])
    # First what takes long: of the others, half a minute counts.
    assert httpx.get(f"{url}/api/images", timeout=LIMIT).is_server_error
    cloud.sqs.send_message(QueueUrl=cloud.outputs["QueueUrl"], MessageBody="waits")
    for queue in ("DeadLetterQueueUrl", "DeadEventsUrl"):
        cloud.sqs.send_message(QueueUrl=cloud.outputs[queue], MessageBody="is dead")
    for function in (process, cloud.outputs["WorkflowFunction"]):
        failed = functions.invoke(FunctionName=function, Payload=json.dumps({"Records": 1}))
        assert "FunctionError" in failed
    functions.put_function_concurrency(FunctionName=process, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="TooManyRequests"):
        functions.invoke(FunctionName=process)


def mend(cloud: Cloud) -> None:
    """Take every reason away."""
    functions = boto3.client("lambda")
    process = cloud.outputs["ProcessFunction"]
    for function in (process, cloud.outputs["ApiFunction"]):
        functions.delete_function_concurrency(FunctionName=function)
    # A message that is received meanwhile would move to the dead-letter queue.
    for queue in ("QueueUrl", "DeadLetterQueueUrl", "DeadEventsUrl"):
        cloud.sqs.purge_queue(QueueUrl=cloud.outputs[queue])
    set_mapping(process, enabled=True)


def test_every_alarm_rings_and_ends(own_cloud: Cloud) -> None:
    """All are quiet; each rings for its reason; all are quiet again when the reasons are gone."""
    stack = own_cloud.outputs["ProcessFunction"].removesuffix("-process")
    cloudwatch = boto3.client("cloudwatch")
    rung: set[str] = set()

    def states() -> dict[str, str]:
        alarms = cloudwatch.describe_alarms(AlarmNamePrefix=f"{stack}-")["MetricAlarms"]
        return {each["AlarmName"].removeprefix(f"{stack}-"): each["StateValue"] for each in alarms}

    def all_rang() -> bool:
        rung.update(name for name, state in states().items() if state == "ALARM")
        return rung == set(ALARMS)

    wait_for(lambda: set(states().values()) == {"OK"})
    hurry(cloudwatch, stack)
    ring(own_cloud, own_cloud.outputs["SiteUrl"])
    try:
        wait_for(all_rang)
    finally:
        assert rung == set(ALARMS), states()
    mend(own_cloud)
    wait_for(lambda: set(states().values()) == {"OK"})
