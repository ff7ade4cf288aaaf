"""A table with a stream, a function that receives its records, and a record of its invocations."""

import itertools
from typing import Any

from .functions import Functions
from .localstack import LocalStack
from .queue_function import InvocationRecorder
from .waiting import wait_for

CODE = """
import json, os
from urllib.request import urlopen

def handler(event, context):
    records = event["Records"]
    keys = [record["dynamodb"]["Keys"]["key"]["S"] for record in records]
    report = {"records": records, "keys": keys}
    urlopen(os.environ["RECORDER"], json.dumps(report).encode()).read()
    if "error" in keys:
        raise ValueError("requested by the test")
    bad = [r["dynamodb"]["SequenceNumber"] for r, key in zip(records, keys) if key == "bad"]
    return {"batchItemFailures": [{"itemIdentifier": number} for number in bad]}
"""

_numbers = itertools.count()


class StreamFunction:
    """A function, a table with a stream, and the mapping between them."""

    def __init__(
        self, emulator: LocalStack, recorder: InvocationRecorder, name: str = "", **options: Any
    ) -> None:
        self._recorder = recorder
        self.dynamodb, self.streams = (
            emulator.client("dynamodb"),
            emulator.client("dynamodbstreams"),
        )
        self.lambda_ = emulator.client("lambda")
        self.function = Functions(emulator, name or f"stream-function-{next(_numbers)}-").make(
            CODE, Environment={"Variables": {"RECORDER": recorder.url}}, Timeout=30, **options
        )
        self.table = self.function.name
        created = self.dynamodb.create_table(
            TableName=self.table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        self.arn = str(created["TableDescription"]["LatestStreamArn"])
        self.uuid = ""

    def connect(self, **options: Any) -> None:
        """Create the mapping, by default from the oldest record on."""
        created = self.lambda_.create_event_source_mapping(
            EventSourceArn=self.arn,
            FunctionName=self.function.name,
            **{"StartingPosition": "TRIM_HORIZON"} | options,
        )
        self.uuid = created["UUID"]
        wait_for(lambda: self.state() in {"Enabled", "Disabled"})

    def state(self) -> str:
        """Return the mapping's state."""
        return str(self.lambda_.get_event_source_mapping(UUID=self.uuid)["State"])

    def put(self, *keys: str) -> None:
        """Write an item for each key."""
        for key in keys:
            self.dynamodb.put_item(TableName=self.table, Item={"key": {"S": key}})

    def records(self) -> list[dict[str, Any]]:
        """Return all records that the stream has."""
        described = self.streams.describe_stream(StreamArn=self.arn)["StreamDescription"]
        iterator = self.streams.get_shard_iterator(
            StreamArn=self.arn,
            ShardId=described["Shards"][0]["ShardId"],
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]
        return list(self.streams.get_records(ShardIterator=iterator)["Records"])

    def batches(self) -> list[list[str]]:
        """Return the keys of each invocation, in order."""
        return [record["keys"] for record in list(self._recorder.records)]

    def received(self) -> list[dict[str, Any]]:
        """Return the records of all invocations, in order."""
        return [each for record in list(self._recorder.records) for each in record["records"]]
