"""CloudWatch Logs: filter patterns in FilterLogEvents and in subscriptions."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from .functions import Functions
from .localstack import LocalStack
from .logs import Group
from .waiting import wait_for


@pytest.fixture
def group(emulator: LocalStack) -> Group:
    """Return an empty log group."""
    return Group(emulator.client("logs"))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", ["red 1", '{"color": "red", "size": 2}', "blue 3"]),
        ("red", ["red 1", '{"color": "red", "size": 2}']),
        ("?red ?blue", ["red 1", '{"color": "red", "size": 2}', "blue 3"]),
        ("-red", ["blue 3"]),
        ('"red 1"', ["red 1"]),
        (r"%^[a-z]+\s3$%", ["blue 3"]),
        ("{ $.color = red && $.size > 1 }", ['{"color": "red", "size": 2}']),
        ("{ $.size > 2 }", []),
        ("[color, number > 1]", ["blue 3"]),
    ],
)
def test_matching_events_are_found(group: Group, pattern: str, expected: list[str]) -> None:
    """FilterLogEvents finds the events that the pattern matches."""
    group.put("red 1", '{"color": "red", "size": 2}', "blue 3")
    assert group.found(pattern) == expected


def test_events_of_all_streams_are_ordered_by_time(group: Group) -> None:
    """The events of all streams are ordered by time, and have their stream's name."""
    group.put("a", "c", "e", stream="one", step=20)
    group.put("b", "d", stream="two", at=group.start + 10, step=20)
    page = group.page()
    assert [(event["message"], event["logStreamName"]) for event in page["events"]] == [
        ("a", "one"), ("b", "two"), ("c", "one"), ("d", "two"), ("e", "one"),
    ]  # fmt: skip
    assert len({event["eventId"] for event in page["events"]}) == 5
    assert "nextToken" not in page


def test_log_groups_are_described(group: Group) -> None:
    """The description has the size of the events, the number of metric filters and the retention;
    groups are found by their beginnings and by parts of their names.
    """
    group.put("12345", "é")
    group.logs.put_retention_policy(logGroupName=group.name, retentionInDays=7)
    group.logs.put_metric_filter(
        logGroupName=group.name,
        filterName="errors",
        filterPattern="ERROR",
        metricTransformations=[
            {"metricName": "Errors", "metricNamespace": "Test", "metricValue": "1"}
        ],
    )
    (described,) = group.logs.describe_log_groups(logGroupNamePrefix=group.name)["logGroups"]
    assert described["logGroupName"] == group.name
    assert described["arn"] == described["logGroupArn"] + ":*"
    assert described["storedBytes"] > 0
    assert described["metricFilterCount"] == 1
    assert described["retentionInDays"] == 7
    assert "kmsKeyId" not in described
    found = group.logs.describe_log_groups(logGroupNamePattern=group.name[1:])["logGroups"]
    assert found == [described]
    assert group.logs.describe_log_groups(logGroupNamePrefix=group.name[1:])["logGroups"] == []


def test_pages_neither_omit_nor_repeat_events(group: Group) -> None:
    """Pages with a limit contain every matching event once, also events with the same time, and
    while events are added.
    """
    for stream in ("one", "two"):
        group.put(*(f"{stream} {number}" for number in range(5)), stream=stream)
        group.put("other", stream=stream)
    first = group.page(filterPattern="-other", limit=4)
    assert len(first["events"]) == 4
    group.put("late", at=group.start - 1000)
    group.put("new", at=group.start + 1000)
    rest = group.found("-other", PaginationConfig={"StartingToken": None}, startTime=group.start)
    second = group.page(filterPattern="-other", limit=4, nextToken=first["nextToken"])
    third = group.page(filterPattern="-other", limit=4, nextToken=second["nextToken"])
    assert "nextToken" not in third
    paged = [event["message"] for page in (first, second, third) for event in page["events"]]
    assert paged == rest
    assert len(paged) == len(set(paged)) == 11


def test_the_last_page_has_no_token(group: Group) -> None:
    """A full page has no token if no further event matches."""
    group.put("a", "a", "b")
    assert "nextToken" not in group.page(filterPattern="a", limit=2)


def test_a_page_has_at_most_a_megabyte(group: Group) -> None:
    """A page holds at most a megabyte of events."""
    for place in range(3):
        group.put(*["x" * 200_000] * 3, at=group.start + place)
    page = group.page()
    assert len(page["events"]) == 5
    assert len(group.found()) == 9


def test_events_are_filtered_by_time_and_stream(group: Group) -> None:
    """Events can be filtered by time, both ends inclusive, and by stream name or prefix."""
    group.put("a", "b", "c", "d", step=1000)
    group.put("e", stream="two")
    assert group.found(startTime=group.start + 1000, endTime=group.start + 2000) == ["b", "c"]
    assert group.found(logStreamNames=["two"]) == ["e"]
    assert group.found(logStreamNamePrefix="t") == ["e"]
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group.name}"
    by_arn = group.logs.filter_log_events(logGroupIdentifier=arn, logStreamNamePrefix="two")
    assert [event["message"] for event in by_arn["events"]] == ["e"]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"filterPattern": "{ $.a = }"}, "InvalidParameterException"),
        ({"filterPattern": "a-b"}, "InvalidParameterException"),
        ({"nextToken": "x"}, "InvalidParameterException"),
        ({"limit": 10001}, "InvalidParameterException"),
        ({"logStreamNames": ["a"], "logStreamNamePrefix": "a"}, "InvalidParameterException"),
        ({"logStreamNames": ["missing"]}, "ResourceNotFoundException"),
    ],
)
def test_invalid_searches_are_refused(group: Group, options: dict[str, Any], error: str) -> None:
    """An invalid search is refused."""
    with pytest.raises(ClientError, match=error):
        group.page(**options)


def test_json_logs_of_functions_are_found_by_field(
    emulator: LocalStack, functions: Functions
) -> None:
    """JSON that a function logs is found by its fields."""
    function = functions.make("""
        def handler(event, context):
            print('{"level": "INFO", "number": 1}')
            print('{"level": "ERROR", "number": 2}')
    """)
    function.invoke()
    logs = emulator.client("logs")

    def errors() -> list[str]:
        response = logs.filter_log_events(
            logGroupName=f"/aws/lambda/{function.name}", filterPattern='{ $.level = "ERROR" }'
        )
        return [event["message"].strip() for event in response["events"]]

    group = {"logGroupNamePrefix": f"/aws/lambda/{function.name}"}
    wait_for(lambda: logs.describe_log_groups(**group)["logGroups"])
    assert wait_for(errors) == ['{"level": "ERROR", "number": 2}']


def test_a_subscription_receives_matching_events(
    emulator: LocalStack, group: Group, functions: Functions
) -> None:
    """A subscription receives the events that match its pattern, also of streams created later."""
    function = functions.make("""
        import base64, gzip, json
        def handler(event, context):
            data = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
            print("GOT", [each["message"] for each in data["logEvents"]])
    """)
    arn = emulator.client("lambda").get_function_configuration(FunctionName=function.name)
    emulator.client("lambda").add_permission(
        FunctionName=function.name,
        StatementId="logs",
        Action="lambda:InvokeFunction",
        Principal="logs.amazonaws.com",
    )
    group.logs.put_subscription_filter(
        logGroupName=group.name,
        filterName="errors",
        filterPattern="ERROR",
        destinationArn=arn["FunctionArn"],
    )
    group.put("ERROR 1", "fine", "ERROR 2")
    own = {"logGroupNamePrefix": f"/aws/lambda/{function.name}"}
    wait_for(lambda: group.logs.describe_log_groups(**own)["logGroups"])

    def got() -> list[str]:
        response = group.logs.filter_log_events(
            logGroupName=f"/aws/lambda/{function.name}", filterPattern="GOT"
        )
        return [event["message"].strip() for event in response["events"]]

    assert wait_for(got) == ["GOT ['ERROR 1', 'ERROR 2']"]
