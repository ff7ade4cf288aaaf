"""The DynamoDB Streams provider that ``PROVIDER_OVERRIDE_DYNAMODBSTREAMS=moto`` selects."""

import base64
import json
import time
from datetime import UTC, datetime
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext, handler
from localstack.aws.api.dynamodbstreams import (
    DescribeStreamInput,
    DescribeStreamOutput,
    DynamodbstreamsApi,
    ExpiredIteratorException,
    GetRecordsInput,
    GetRecordsOutput,
    GetShardIteratorInput,
    GetShardIteratorOutput,
    ListStreamsInput,
    ListStreamsOutput,
    ResourceNotFoundException,
    TrimmedDataAccessException,
)
from localstack.services.plugins import Service
from moto.dynamodb.models import dynamodb_backends

from localstack_native.dynamodb.streams import Shard, StreamRecord, find

ITERATOR_SECONDS = 15 * 60
MOST_RECORDS = 1000
MOST_BYTES = 1_000_000
"""AWS returns up to 1 MB."""


class MotoDynamoDBStreams(DynamodbstreamsApi):
    """Streams of moto's tables, each with one shard. Iterators are stateless."""

    @handler("DescribeStream", expand=False)
    def describe_stream(  # type: ignore[override]
        self, context: RequestContext, request: DescribeStreamInput
    ) -> DescribeStreamOutput:
        """Describe a stream and its shard."""
        del context
        shard = _find(request["StreamArn"])
        shards: list[Any] = [
            {
                "ShardId": shard.id,
                "SequenceNumberRange": {"StartingSequenceNumber": str(shard.first)},
            }
        ]
        if request.get("ExclusiveStartShardId") == shard.id:
            shards = []
        described: Any = {
            **_summary(shard),
            "StreamStatus": "ENABLED",
            "StreamViewType": _view(shard),
            "CreationRequestDateTime": datetime.fromtimestamp(int(shard.created), UTC),
            "KeySchema": shard.table.schema,
            "Shards": shards,
        }
        return DescribeStreamOutput(StreamDescription=described)

    @handler("ListStreams", expand=False)
    def list_streams(  # type: ignore[override]
        self, context: RequestContext, request: ListStreamsInput
    ) -> ListStreamsOutput:
        """List the streams of all tables, or of one."""
        name = request.get("TableName")
        tables = dynamodb_backends[context.account_id][context.region].tables
        shards: list[Any] = [
            each.stream_shard
            for each in list(tables.values())
            if each.stream_shard and name in {None, each.name}
        ]
        summaries: Any = sorted(map(_summary, shards), key=lambda each: str(each["StreamArn"]))
        if after := request.get("ExclusiveStartStreamArn"):
            summaries = [each for each in summaries if each["StreamArn"] > after]
        page = summaries[: request.get("Limit") or 100]
        if len(page) < len(summaries):
            return ListStreamsOutput(Streams=page, LastEvaluatedStreamArn=page[-1]["StreamArn"])
        return ListStreamsOutput(Streams=page)

    @handler("GetShardIterator", expand=False)
    def get_shard_iterator(  # type: ignore[override]
        self, context: RequestContext, request: GetShardIteratorInput
    ) -> GetShardIteratorOutput:
        """Return an iterator, which is valid for 15 minutes."""
        del context
        shard = _find(request["StreamArn"])
        if request["ShardId"] != shard.id:
            raise ResourceNotFoundException(
                "Requested resource not found: Shard does not exist in stream"
            )
        kind, number = str(request["ShardIteratorType"]), request.get("SequenceNumber")
        match kind:
            case "TRIM_HORIZON":
                start = shard.first
            case "LATEST":
                start = shard.next
            case "AT_SEQUENCE_NUMBER" | "AFTER_SEQUENCE_NUMBER" if number:
                start = int(number) + (kind == "AFTER_SEQUENCE_NUMBER")
                _check(start, shard)
            case _:
                raise CommonServiceException(
                    "ValidationException",
                    f"ShardIteratorType {kind} needs a SequenceNumber, or is unknown",
                )
        return GetShardIteratorOutput(ShardIterator=_iterator(shard, start))

    @handler("GetRecords", expand=False)
    def get_records(  # type: ignore[override]
        self, context: RequestContext, request: GetRecordsInput
    ) -> GetRecordsOutput:
        """Return the records at an iterator, up to 1 MB."""
        del context
        arn, _, encoded = request["ShardIterator"].split("|")
        start, issued = json.loads(base64.b64decode(encoded))
        if time.time() - issued > ITERATOR_SECONDS:
            raise ExpiredIteratorException("Iterator expired")
        shard = _find(arn)
        _check(start, shard)
        found: list[Any] = []
        bytes_left = MOST_BYTES
        for number, record in shard.read(start, request.get("Limit") or MOST_RECORDS):
            bytes_left -= len(record.old) + len(record.new)
            if bytes_left < 0 and found:
                break
            found.append(_record(shard, number, record))
            start = number + 1
        return GetRecordsOutput(Records=found, NextShardIterator=_iterator(shard, start))


def service() -> Service:
    """Return the service. Its state is that of DynamoDB's tables."""
    return Service.for_provider(MotoDynamoDBStreams())


def _find(arn: str) -> Shard:
    shard = find(arn)
    if shard is None:
        raise ResourceNotFoundException(f"Requested resource not found: Stream: {arn} not found")
    return shard


def _check(start: int, shard: Shard) -> None:
    if start < shard.first:
        raise TrimmedDataAccessException("The operation attempted to read past the oldest record")


def _iterator(shard: Shard, start: int) -> str:
    """Return an iterator; IAM reads the stream's ARN in it."""
    encoded = base64.b64encode(json.dumps([start, time.time()]).encode()).decode()
    return f"{shard.arn}|1|{encoded}"


def _summary(shard: Shard) -> dict[str, Any]:
    return {"StreamArn": shard.arn, "TableName": shard.table.name, "StreamLabel": shard.label}


def _view(shard: Shard) -> str:
    return str(shard.table.stream_specification["StreamViewType"])


def _record(shard: Shard, number: int, record: StreamRecord) -> Any:
    view = _view(shard)
    change: dict[str, Any] = {
        "ApproximateCreationDateTime": datetime.fromtimestamp(int(record.time), UTC),
        "Keys": _binary(record.keys),
        "SequenceNumber": str(number),
        "SizeBytes": len(record.old) + len(record.new),
        "StreamViewType": view,
    }
    images = (
        ("NewImage", record.new, view in {"NEW_IMAGE", "NEW_AND_OLD_IMAGES"}),
        ("OldImage", record.old, view in {"OLD_IMAGE", "NEW_AND_OLD_IMAGES"}),
    )
    change |= {name: _binary(json.loads(image)) for name, image, has in images if has and image}
    found = {
        "eventID": record.id,
        "eventName": record.name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": shard.table.region_name,
        "dynamodb": change,
    }
    if record.is_expiry:
        found["userIdentity"] = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    return found


def _binary(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return attributes with binary values decoded: LocalStack encodes them in responses."""
    return {name: _value(value) for name, value in attributes.items()}


def _value(value: dict[str, Any]) -> Any:
    (kind, content), *_ = value.items()
    match kind:
        case "B":
            return {kind: base64.b64decode(content)}
        case "BS":
            return {kind: [base64.b64decode(each) for each in content]}
        case "M":
            return {kind: _binary(content)}
        case "L":
            return {kind: [_value(each) for each in content]}
        case _:
            return value
