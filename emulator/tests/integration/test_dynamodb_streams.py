"""DynamoDB Streams: their records, and functions that receive them."""

import json
import time
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from tests.speed import limit

from .localstack import LocalStack, policy
from .persistence import PersistentLocalStack
from .queue_function import InvocationRecorder
from .stream_function import StreamFunction
from .waiting import wait_for


@pytest.fixture
def stream(emulator: LocalStack, recorder: InvocationRecorder) -> StreamFunction:
    """Return a function with a table that has a stream, not yet connected."""
    return StreamFunction(emulator, recorder)


def test_each_change_has_a_record(stream: StreamFunction) -> None:
    """Records have the item before and after a change, in order; a write that changes nothing has
    none.
    """
    key, table = {"key": {"S": "a"}}, stream.table
    data = {"data": {"B": b"\x00\xff"}, "list": {"L": [{"M": {"n": {"N": "1"}}}]}}
    stream.dynamodb.put_item(TableName=table, Item=key | data)
    stream.dynamodb.put_item(TableName=table, Item=key | data)
    stream.dynamodb.put_item(TableName=table, Item=key)
    stream.dynamodb.delete_item(TableName=table, Key=key)
    stream.dynamodb.delete_item(TableName=table, Key=key)
    stream.dynamodb.update_item(
        TableName=table,
        Key=key,
        UpdateExpression="SET n = :n",
        ExpressionAttributeValues={":n": {"N": "1"}},
    )
    records = stream.records()
    assert [each["eventName"] for each in records] == ["INSERT", "MODIFY", "REMOVE", "INSERT"]
    changes = [each["dynamodb"] for each in records]
    assert [(each.get("OldImage"), each.get("NewImage")) for each in changes] == [
        (None, key | data),
        (key | data, key),
        (key, None),
        (None, key | {"n": {"N": "1"}}),
    ]
    assert all(each["Keys"] == key for each in changes)
    numbers = [each["SequenceNumber"] for each in changes]
    assert numbers == sorted(set(numbers))
    assert abs(changes[0]["ApproximateCreationDateTime"].timestamp() - time.time()) < 60


def test_a_transaction_that_fails_has_no_records(stream: StreamFunction) -> None:
    """All writes of a transaction have records, or none has."""

    def write(*keys: str) -> None:
        condition = {"ConditionExpression": "attribute_not_exists(#key)"}
        names = {"ExpressionAttributeNames": {"#key": "key"}}
        puts = [
            {"Put": {"TableName": stream.table, "Item": {"key": {"S": key}}, **condition, **names}}
            for key in keys
        ]
        stream.dynamodb.transact_write_items(TransactItems=puts)

    write("a", "b")
    with pytest.raises(ClientError, match="TransactionCanceled"):
        write("c", "a")
    assert [each["dynamodb"]["Keys"]["key"]["S"] for each in stream.records()] == ["a", "b"]


def test_an_expiry_names_its_service(stream: StreamFunction) -> None:
    """The record of an item that time to live deletes has DynamoDB as its user."""
    stream.dynamodb.update_time_to_live(
        TableName=stream.table,
        TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True},
    )
    stream.dynamodb.put_item(
        TableName=stream.table,
        Item={"key": {"S": "a"}, "expires": {"N": str(int(time.time()) - 60)}},
    )
    removal = wait_for(lambda: stream.records()[1:])[0]
    assert removal["eventName"] == "REMOVE"
    assert removal["userIdentity"] == {
        "Type": "Service",
        "PrincipalId": "dynamodb.amazonaws.com",
    }


def test_iterators(stream: StreamFunction) -> None:
    """Iterators begin at the oldest or the next record, or at a sequence number."""
    stream.put("a", "b")
    (shard,) = stream.streams.describe_stream(StreamArn=stream.arn)["StreamDescription"]["Shards"]
    numbers = [each["dynamodb"]["SequenceNumber"] for each in stream.records()]

    def read(kind: str, number: str | None = None) -> list[str]:
        more = {"SequenceNumber": number} if number else {}
        iterator = stream.streams.get_shard_iterator(
            StreamArn=stream.arn, ShardId=shard["ShardId"], ShardIteratorType=kind, **more
        )["ShardIterator"]
        found = stream.streams.get_records(ShardIterator=iterator, Limit=1)
        more = stream.streams.get_records(ShardIterator=found["NextShardIterator"])
        records = found["Records"] + more["Records"]
        return [each["dynamodb"]["Keys"]["key"]["S"] for each in records]

    assert read("TRIM_HORIZON") == read("AT_SEQUENCE_NUMBER", numbers[0]) == ["a", "b"]
    assert read("AFTER_SEQUENCE_NUMBER", numbers[0]) == ["b"]
    assert read("LATEST") == []
    listed = stream.streams.list_streams(TableName=stream.table)["Streams"]
    assert [each["StreamArn"] for each in listed] == [stream.arn]


def test_a_stream_is_disabled_and_enabled(stream: StreamFunction) -> None:
    """A disabled stream can't be read; enabled again, it is another stream."""
    enabled = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}

    def update(specification: dict[str, Any]) -> Any:
        return stream.dynamodb.update_table(
            TableName=stream.table, StreamSpecification=specification
        )["TableDescription"]

    with pytest.raises(ClientError, match="ResourceInUse"):
        update(enabled)
    update({"StreamEnabled": False})
    with pytest.raises(ClientError, match="ResourceNotFound"):
        stream.records()
    old, stream.arn = stream.arn, update(enabled)["LatestStreamArn"]
    assert stream.arn != old
    stream.put("a")
    ((change),) = (each["dynamodb"] for each in stream.records())
    assert change["Keys"] == {"key": {"S": "a"}}
    assert not {"OldImage", "NewImage"} & change.keys()


def test_a_function_receives_the_records_in_order(stream: StreamFunction) -> None:
    """A function receives all records in order, in batches, as AWS sends them."""
    keys = [f"{number}" for number in range(5)]
    stream.put(*keys)
    stream.connect(BatchSize=2)
    stream.put("last")
    wait_for(lambda: len(stream.received()) == 6)
    assert stream.batches()[:2] == [["0", "1"], ["2", "3"]]
    assert [key for batch in stream.batches() for key in batch] == [*keys, "last"]
    first = stream.received()[0]
    assert first["eventSource"] == "aws:dynamodb"
    assert first["eventSourceARN"] == stream.arn
    assert first["dynamodb"]["NewImage"] == {"key": {"S": "0"}}
    assert isinstance(first["dynamodb"]["ApproximateCreationDateTime"], float)


def test_latest_begins_at_the_creation(stream: StreamFunction) -> None:
    """A mapping from LATEST on receives what is written after its creation."""
    stream.put("before")
    stream.connect(StartingPosition="LATEST")
    stream.put("after")
    assert wait_for(stream.batches) == [["after"]]


def test_a_window_fills_a_batch(stream: StreamFunction) -> None:
    """A batch is delivered when it is full, before its window is over."""
    stream.connect(BatchSize=3, MaximumBatchingWindowInSeconds=300)
    stream.put("a", "b", "c", "d")
    assert wait_for(stream.batches) == [["a", "b", "c"]]


def test_reported_failures_are_retried_from_the_first_on(stream: StreamFunction) -> None:
    """Records before the first reported failure are not delivered again; later ones wait for it."""
    stream.put("a", "bad", "c")
    stream.connect(
        FunctionResponseTypes=["ReportBatchItemFailures"], MaximumRetryAttempts=1, BatchSize=10
    )
    wait_for(lambda: len(stream.batches()) >= 3)
    stream.put("d")
    wait_for(lambda: ["d"] in stream.batches())
    first, *retries, last = stream.batches()
    assert first == ["a", "bad", "c"]
    assert retries == [["bad", "c"]] * len(retries)
    assert last == ["d"]


def test_an_error_bisects_the_batch(emulator: LocalStack, stream: StreamFunction) -> None:
    """A batch with an error is halved until the bad record is alone, which is then discarded: its
    position is sent to the destination.
    """
    queue = emulator.create_queue(stream.table)
    arn = queue_arn(emulator, queue)
    stream.put("a", "b", "error", "d")
    stream.connect(
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    wait_for(lambda: ["d"] in stream.batches())
    assert stream.batches() == [
        ["a", "b", "error", "d"], ["a", "b"], ["error", "d"], ["error"], ["error"], ["d"],
    ]  # fmt: skip
    (message,) = wait_for(
        lambda: emulator.client("sqs").receive_message(QueueUrl=queue).get("Messages")
    )
    about = json.loads(message["Body"])
    assert about["requestContext"]["condition"] == "RetryAttemptsExhausted"
    number = stream.records()[2]["dynamodb"]["SequenceNumber"]
    assert about["DDBStreamBatchInfo"]["startSequenceNumber"] == number
    assert about["DDBStreamBatchInfo"]["endSequenceNumber"] == number


def test_a_filter_skips_records(stream: StreamFunction) -> None:
    """Records that do not match the filter are not delivered."""
    pattern = {"dynamodb": {"Keys": {"key": {"S": ["wanted"]}}}}
    stream.connect(FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})
    stream.put("other", "wanted")
    assert wait_for(stream.batches) == [["wanted"]]


@pytest.mark.parametrize("missing", ["GetRecords", "GetShardIterator", "DescribeStream"])
def test_the_functions_role_reads_the_stream(
    emulator: LocalStack, recorder: InvocationRecorder, missing: str
) -> None:
    """A mapping reads with the permissions of its function's role, and continues when it has
    them.
    """
    name = f"stream-{missing.lower()}"
    emulator.create_role(name)
    role = f"arn:aws:iam::000000000000:role/{name}"
    stream = StreamFunction(emulator, recorder, f"{name}-", Role=role)
    stream.connect()
    iam = emulator.client("iam")
    denied = policy({"Effect": "Deny", "Action": f"dynamodb:{missing}", "Resource": stream.arn})
    iam.put_role_policy(RoleName=name, PolicyName="denied", PolicyDocument=denied)
    stream.put("a")
    wait_for(lambda: f"dynamodb:{missing}" in emulator.log_text())
    assert stream.batches() == []
    iam.delete_role_policy(RoleName=name, PolicyName="denied")
    assert wait_for(stream.batches) == [["a"]]


def test_a_mapping_needs_a_role_that_lists_streams(
    emulator: LocalStack, recorder: InvocationRecorder
) -> None:
    """Without the permission no mapping is created; the error names what the role needs."""
    name = "lists-streams"
    emulator.create_role(name)
    role = f"arn:aws:iam::000000000000:role/{name}"
    stream = StreamFunction(emulator, recorder, f"{name}-", Role=role)
    iam = emulator.client("iam")
    denied = policy({"Effect": "Deny", "Action": "dynamodb:ListStreams", "Resource": "*"})
    iam.put_role_policy(RoleName=name, PolicyName="denied", PolicyDocument=denied)
    with pytest.raises(ClientError, match=r"Cannot access stream .* ListStreams Actions") as caught:
        stream.connect()
    assert caught.value.response["Error"]["Code"] == "InvalidParameterValueException"
    iam.delete_role_policy(RoleName=name, PolicyName="denied")
    stream.connect()
    stream.put("a")
    assert wait_for(stream.batches) == [["a"]]


def test_latency_and_load_of_an_idle_mapping(emulator: LocalStack, stream: StreamFunction) -> None:
    """A record reaches a warm function within 0.5 s after an idle time, which costs no CPU time."""
    stream.connect()
    stream.put("warm")
    wait_for(stream.batches)
    process = psutil.Process(emulator.process.pid)
    before, idle = sum(process.cpu_times()[:2]), 5.0
    time.sleep(idle)
    assert sum(process.cpu_times()[:2]) - before < limit(0.2 * idle)
    began = time.monotonic()
    stream.put("late")
    wait_for(lambda: ["late"] in stream.batches())
    assert time.monotonic() - began < limit(0.5)


def test_a_restart_continues_after_the_last_batch(
    own_root: Any, recorder: InvocationRecorder
) -> None:
    """After a restart, a mapping continues with the records that it has not handled.

    The batch during which LocalStack stops may come again: delivery is at least once.
    """
    persistent = PersistentLocalStack(own_root)
    with persistent.start() as localstack:
        localstack.create_role("any")
        stream = StreamFunction(localstack, recorder)
        stream.connect()
        stream.put("before")
        wait_for(stream.batches)
        wait_for(
            lambda: stream.lambda_.update_event_source_mapping(UUID=stream.uuid, Enabled=False)
        )
        wait_for(lambda: stream.state() == "Disabled")
        stream.put("meanwhile")
        wait_for(lambda: stream.lambda_.update_event_source_mapping(UUID=stream.uuid, Enabled=True))
        wait_for(lambda: len(stream.batches()) == 2)
    with persistent.start():
        wait_for(lambda: stream.state() == "Enabled")
        stream.put("after")
        wait_for(lambda: ["after"] in stream.batches())
        assert stream.batches().count(["before"]) == 1
        assert list(dict.fromkeys(map(tuple, stream.batches()))) == [
            ("before",),
            ("meanwhile",),
            ("after",),
        ]


def queue_arn(emulator: LocalStack, url: str) -> str:
    """Return the ARN of a queue."""
    attributes = emulator.client("sqs").get_queue_attributes(
        QueueUrl=url, AttributeNames=["QueueArn"]
    )
    return str(attributes["Attributes"]["QueueArn"])
