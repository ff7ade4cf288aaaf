"""CloudWatch: metrics of services, metric data queries, and alarms."""

import itertools
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from .functions import Functions
from .localstack import LocalStack
from .test_gateway_responses import DOCUMENT
from .waiting import wait_for

_numbers = itertools.count()

Sums = Callable[..., list[float]]


@pytest.fixture
def cloudwatch(emulator: LocalStack) -> Any:
    """Return a CloudWatch client."""
    return emulator.client("cloudwatch")


@pytest.fixture
def metric() -> dict[str, Any]:
    """Return a metric that no other test uses."""
    name = f"metric-{next(_numbers)}"
    return {"Namespace": "tests", "MetricName": name, "Dimensions": [{"Name": "of", "Value": "x"}]}


def metric_data(cloudwatch: Any, *queries: dict[str, Any]) -> dict[str, list[float]]:
    """Return the values of the last hour by the IDs of the queries."""
    now = datetime.now(UTC)
    response = cloudwatch.get_metric_data(
        MetricDataQueries=list(queries),
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(seconds=5),
    )
    return {each["Id"]: each["Values"] for each in response["MetricDataResults"]}


def statistic(
    metric: dict[str, Any], stat: str, id_: str = "queried", **more: Any
) -> dict[str, Any]:
    """Return a query for one statistic over an hour and a bit."""
    return {"Id": id_, "MetricStat": {"Metric": metric, "Period": 3660, "Stat": stat}, **more}


def put(cloudwatch: Any, metric: dict[str, Any], *values: float) -> None:
    """Put values of a metric."""
    data = {name: metric[name] for name in ("MetricName", "Dimensions")}
    cloudwatch.put_metric_data(
        Namespace=metric["Namespace"], MetricData=[{**data, "Values": list(values)}]
    )


def test_emf_documents_become_metrics(emulator: LocalStack, cloudwatch: Any, metric: Any) -> None:
    """An EMF document publishes a metric for each set of dimensions; other events publish none."""
    logs = emulator.client("logs")
    group = {"logGroupName": f"emf-{next(_numbers)}"}
    stream = {**group, "logStreamName": "one"}
    logs.create_log_group(**group)
    logs.create_log_stream(**stream)
    name = metric["MetricName"]
    now = int(time.time() * 1000)
    directive = {
        "Namespace": "tests",
        "Dimensions": [["of"], []],
        "Metrics": [{"Name": name, "Unit": "Bytes"}],
    }
    document = {
        "_aws": {"Timestamp": now, "CloudWatchMetrics": [directive]}, "of": "x", name: [1, 5],
    }  # fmt: skip
    broken = {**document, name: "many"}
    messages = [json.dumps(document), "Started", json.dumps(broken)]
    logs.put_log_events(
        **stream, logEvents=[{"timestamp": now, "message": each} for each in messages]
    )
    bare = {key: value for key, value in metric.items() if key != "Dimensions"}
    wait_for(lambda: metric_data(cloudwatch, statistic(metric, "Sum"))["queried"])
    assert metric_data(cloudwatch, statistic(metric, "Sum"))["queried"] == [6.0]
    assert metric_data(cloudwatch, statistic(bare, "Maximum"))["queried"] == [5.0]


def test_metrics_of_functions(cloudwatch: Any, functions: Functions) -> None:
    """Duration equals the REPORT line's; a throttled invocation counts in Throttles."""
    function = functions.make("def handler(event, context): print('hello')")
    reported = float(function.invoke().report()["Duration"].removesuffix(" ms"))
    metric = {
        "Namespace": "AWS/Lambda",
        "MetricName": "Duration",
        "Dimensions": [{"Name": "FunctionName", "Value": function.name}],
    }
    wait_for(lambda: metric_data(cloudwatch, statistic(metric, "Maximum"))["queried"])
    assert metric_data(cloudwatch, statistic(metric, "Maximum"))["queried"] == [
        pytest.approx(reported)
    ]
    function.client.put_function_concurrency(
        FunctionName=function.name, ReservedConcurrentExecutions=0
    )
    with pytest.raises(ClientError, match="TooManyRequests"):
        function.invoke()
    throttles = {**metric, "MetricName": "Throttles"}
    wait_for(lambda: metric_data(cloudwatch, statistic(throttles, "Sum"))["queried"] == [1.0])


def test_metrics_of_rest_apis(emulator: LocalStack, cloudwatch: Any) -> None:
    """Requests and errors are counted by API and by stage."""
    gateway = emulator.client("apigateway")
    title = f"counted-{next(_numbers)}"
    document = {**DOCUMENT, "info": {**DOCUMENT["info"], "title": title}}
    api = gateway.import_rest_api(body=json.dumps(document).encode())["id"]
    gateway.create_deployment(restApiId=api, stageName="live")
    url = f"{emulator.url}/_aws/execute-api/{api}/live/guarded"
    assert httpx.get(url).status_code == 401
    metric = {
        "Namespace": "AWS/ApiGateway",
        "MetricName": "4XXError",
        "Dimensions": [{"Name": "ApiName", "Value": title}],
    }
    wait_for(lambda: metric_data(cloudwatch, statistic(metric, "Sum"))["queried"] == [1.0])
    of_stage = {**metric, "Dimensions": [*metric["Dimensions"], {"Name": "Stage", "Value": "live"}]}
    assert metric_data(cloudwatch, statistic(of_stage, "Sum"))["queried"] == [1.0]
    assert metric_data(cloudwatch, statistic({**metric, "MetricName": "5XXError"}, "Sum"))[
        "queried"
    ] == [0.0]


def test_metric_of_the_oldest_message(emulator: LocalStack, cloudwatch: Any) -> None:
    """The age of a queue's oldest message includes messages in flight."""
    sqs = emulator.client("sqs")
    name = f"aged-{next(_numbers)}"
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="old")
    sqs.receive_message(QueueUrl=queue)
    metric = {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateAgeOfOldestMessage",
        "Dimensions": [{"Name": "QueueName", "Value": name}],
    }

    def is_seconds_old() -> bool:
        values = metric_data(cloudwatch, statistic(metric, "Maximum"))["queried"]
        return bool(values) and values[0] >= 1

    wait_for(is_seconds_old)


def test_percentiles_and_expressions(cloudwatch: Any, metric: dict[str, Any]) -> None:
    """GetMetricData returns both, without queries with ReturnData false."""
    put(cloudwatch, metric, *range(1, 101))
    response = metric_data(
        cloudwatch,
        {"Id": "spread", "Expression": "(high - low) / low * 100"},
        statistic(metric, "p90", "high"),
        statistic(metric, "p10", "low", ReturnData=False),
    )
    assert response["high"] == [pytest.approx(90.1)]
    assert response["spread"] == [pytest.approx(100 * (90.1 - 10.9) / 10.9)]
    assert "low" not in response
    with pytest.raises(ClientError, match="Invalid expression"):
        metric_data(cloudwatch, statistic(metric, "Sum", "m1"), {"Id": "bad", "Expression": "m1 +"})
    now = datetime.now(UTC)
    (point,) = cloudwatch.get_metric_statistics(
        **metric, Period=3660, ExtendedStatistics=["p50"], Statistics=["Maximum"],
        StartTime=now - timedelta(hours=1), EndTime=now + timedelta(seconds=5),
    )["Datapoints"]  # fmt: skip
    assert point["ExtendedStatistics"] == {"p50": pytest.approx(50.5)}
    assert point["Maximum"] == 100
    summary = {"SampleCount": 2, "Sum": 3, "Minimum": 1, "Maximum": 2}
    sets = {**metric, "MetricName": f"{metric['MetricName']}-sets"}
    data = {name: sets[name] for name in ("MetricName", "Dimensions")}
    cloudwatch.put_metric_data(Namespace="tests", MetricData=[{**data, "StatisticValues": summary}])
    (point,) = cloudwatch.get_metric_statistics(
        **sets, Period=3660, ExtendedStatistics=["p50"], Statistics=["Sum"],
        StartTime=now - timedelta(hours=1), EndTime=now + timedelta(seconds=60),
    )["Datapoints"]  # fmt: skip
    assert (point["Sum"], point.get("ExtendedStatistics")) == (3, None)


@pytest.mark.parametrize("kind", ["percentile", "expression"])
def test_alarms_change_their_state(
    emulator: LocalStack, cloudwatch: Any, metric: dict[str, Any], kind: str
) -> None:
    """An alarm on a percentile or an expression notifies its topic, and returns to OK."""
    sns, sqs = emulator.client("sns"), emulator.client("sqs")
    name = f"alarm-{next(_numbers)}"
    topic = sns.create_topic(Name=name)["TopicArn"]
    queue = emulator.create_queue(name)
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"])
    watched: dict[str, Any] = {**metric, "ExtendedStatistic": "p99", "Period": 10}
    if kind == "expression":
        query = {"Metric": metric, "Period": 10, "Stat": "Maximum"}
        watched = {
            "Metrics": [
                {"Id": "doubled", "Expression": "IF(m1 > 0, m1 * 2, 0)"},
                {"Id": "m1", "MetricStat": query, "ReturnData": False},
            ]
        }
    cloudwatch.put_metric_alarm(
        AlarmName=name, EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold",
        Threshold=100, TreatMissingData="notBreaching", AlarmActions=[topic], OKActions=[topic],
        **watched,
    )  # fmt: skip

    def state() -> Any:
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return alarm["StateValue"]

    wait_for(lambda: state() == "OK")
    put(cloudwatch, metric, *[1.0] * 10, 500.0)
    wait_for(lambda: state() == "ALARM")
    wait_for(lambda: state() == "OK")
    told: list[str] = []

    def is_notified() -> bool:
        for each in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            message = json.loads(json.loads(each["Body"])["Message"])
            told.append(message["NewStateValue"])
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=each["ReceiptHandle"])
        return "ALARM" in told and told.count("OK") >= 1

    wait_for(is_notified)


def test_dynamodb_alarms_ignore_missing_data(cloudwatch: Any, metric: dict[str, Any]) -> None:
    """Without data, an alarm on a DynamoDB metric keeps its state by default."""
    names = [f"alarm-{next(_numbers)}" for _ in range(4)]
    plain, computed, overridden, other = names
    of_dynamodb = {**metric, "Namespace": "AWS/DynamoDB"}
    query = {"Id": "m1", "MetricStat": {"Metric": of_dynamodb, "Period": 10, "Stat": "Sum"}}
    expression = {"Id": "e1", "Expression": "m1 * 2"}
    condition = {
        "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold", "Threshold": 1,
    }  # fmt: skip
    single = {"Statistic": "Sum", "Period": 10, **condition}
    cloudwatch.put_metric_alarm(AlarmName=plain, **of_dynamodb, **single)
    cloudwatch.put_metric_alarm(
        AlarmName=computed, Metrics=[{**query, "ReturnData": False}, expression], **condition
    )
    cloudwatch.put_metric_alarm(
        AlarmName=overridden, TreatMissingData="notBreaching", **of_dynamodb, **single
    )
    cloudwatch.put_metric_alarm(AlarmName=other, **metric, **single)

    def states() -> list[str]:
        alarms = cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]
        found = {each["AlarmName"]: each["StateValue"] for each in alarms}
        return [found[name] for name in names]

    def are_alarmed() -> bool:
        put(cloudwatch, of_dynamodb, 5)
        put(cloudwatch, metric, 5)
        return states() == ["ALARM"] * 4

    wait_for(are_alarmed)
    # The alarms are evaluated in the order of their creation.
    wait_for(lambda: states()[3] == "INSUFFICIENT_DATA")
    assert states()[:3] == ["ALARM", "ALARM", "OK"]


@pytest.mark.parametrize(
    ("age", "period", "step"),
    [
        (timedelta(hours=1), 10, 10),
        (timedelta(hours=1), 300, 60),
        (timedelta(days=14), 60, 60),
        (timedelta(days=16), 300, 300),
        (timedelta(days=64), 3600, 3600),
    ],
)
def test_periods_start_at_the_rounded_start(
    cloudwatch: Any, metric: dict[str, Any], age: timedelta, period: int, step: int
) -> None:
    """The start of a query is rounded down by its age and period; periods follow each other."""
    start = datetime.now(UTC).replace(microsecond=0) - age
    # Not a multiple of any step.
    start -= timedelta(seconds=start.timestamp() % 3600 - 1234 - 3)
    first = datetime.fromtimestamp(start.timestamp() // step * step, UTC)
    second = first + timedelta(seconds=period)
    data = [
        {
            **{name: metric[name] for name in ("MetricName", "Dimensions")},
            "Timestamp": moment,
            "Value": value,
        }
        for moment, value in ((first, 1), (second - timedelta(seconds=1), 2), (second, 4))
    ]
    cloudwatch.put_metric_data(Namespace=metric["Namespace"], MetricData=data)
    times = {"StartTime": start, "EndTime": second + timedelta(seconds=period)}
    query = {"Id": "m1", "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"}}
    response = cloudwatch.get_metric_data(
        MetricDataQueries=[query, {"Id": "e1", "Expression": "m1 * 2"}],
        ScanBy="TimestampAscending", **times,
    )  # fmt: skip
    values, doubled = response["MetricDataResults"]
    assert values["Timestamps"] == doubled["Timestamps"] == [first, second]
    assert (values["Values"], doubled["Values"]) == ([3, 4], [6, 8])
    points = cloudwatch.get_metric_statistics(
        **metric, **times, Period=period, Statistics=["Sum"], ExtendedStatistics=["p0"]
    )["Datapoints"]
    found = {each["Timestamp"]: (each["Sum"], each["ExtendedStatistics"]["p0"]) for each in points}
    assert found == {first: (3, 1), second: (4, 4)}


def test_unknown_statistics_are_refused(cloudwatch: Any, metric: dict[str, Any]) -> None:
    """A statistic that does not exist is AWS's error, in queries and in alarms."""
    message = "The value {} for parameter {}.MetricStat.Stat is not a valid statistic."
    queries = [statistic(metric, name, id_) for name, id_ in (("Sum", "a"), ("Min", "b"))]
    with pytest.raises(ClientError) as caught:
        metric_data(cloudwatch, *queries, statistic(metric, "p101", "c"))
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert caught.value.response["Error"]["Message"] == "\n".join(
        (
            message.format("Min", "MetricDataQueries.member.2"),
            message.format("p101", "MetricDataQueries.member.3"),
        )
    )
    with pytest.raises(ClientError, match=r"tm99 .*MetricStat\.Stat is not supported here"):
        metric_data(cloudwatch, statistic(metric, "tm99"))
    alarm = {
        "AlarmName": metric["MetricName"], "EvaluationPeriods": 1, "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    }  # fmt: skip
    with pytest.raises(ClientError, match=message.format("Min", "Metrics.member.1")):
        cloudwatch.put_metric_alarm(**alarm, Metrics=[queries[1]])
    with pytest.raises(ClientError, match="The value pNN for parameter ExtendedStatistic is not"):
        cloudwatch.put_metric_alarm(**alarm, **metric, Period=60, ExtendedStatistic="pNN")
    now = datetime.now(UTC)
    asked = {**metric, "StartTime": now - timedelta(hours=1), "EndTime": now, "Period": 60}
    with pytest.raises(ClientError, match=r"parameter Statistics\.member\.2 must be a value in"):
        cloudwatch.get_metric_statistics(**asked, Statistics=["Sum", "Min"])
    with pytest.raises(ClientError, match=r"ExtendedStatistics\.member\.1 is not supported"):
        cloudwatch.get_metric_statistics(**asked, ExtendedStatistics=["pNN"])


def test_a_template_creates_a_dashboard(emulator: LocalStack, cloudwatch: Any) -> None:
    """CloudFormation creates it, replaces functions in its body, and deletes it with the stack."""
    cloudformation = emulator.client("cloudformation")
    name = f"dashboard-{next(_numbers)}"
    body = json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "${AWS::Region}"}}]})
    properties = {"DashboardName": name, "DashboardBody": {"Fn::Sub": body}}
    template = {
        "Resources": {"Board": {"Type": "AWS::CloudWatch::Dashboard", "Properties": properties}}
    }
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1}
    )
    assert "us-east-1" in cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1}
    )
    assert not cloudwatch.list_dashboards(DashboardNamePrefix=name)["DashboardEntries"]
