"""The bill: what was measured, times what AWS asks for it."""

import math
from dataclasses import dataclass
from typing import Literal

from consumption import Consumption, Machine
from prices import Inputs

Architecture = Literal["x86_64", "arm64"]
Part = Literal["compute", "requests", "keeping", "viewing", "standing"]

PICTURES = 1_000_000
GB = 10**9
HOURS = 730
"""In a month, as AWS counts."""
ITEM_OVERHEAD = 100
"""Bytes that DynamoDB adds to each item, in the table and in each index, for storage."""
METHOD_METRICS = 5
"""Metrics of each API method: count, latency, integration latency, and errors of both kinds."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the bill."""

    part: Part
    what: str
    quantity: float
    price: str
    """Name of the input."""
    cost: float
    """For a million pictures; for a month where the part goes on by the month."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What a million pictures of a kind cost."""

    lines: list[Line]

    def sum(self, *parts: Part) -> float:
        """Of some parts; of everything without any."""
        return math.fsum(line.cost for line in self.lines if not parts or line.part in parts)


def seconds_billed(
    used: Consumption, machine: Machine, inputs: Inputs, architecture: Architecture
) -> float:
    """Seconds that one invocation is billed for, its share of cold starts included."""
    factor = inputs["core-factor" if architecture == "x86_64" else "arm64-core-factor"]
    cpu = used.cpu if architecture == "x86_64" else used.cpu_without_resizer
    work = cpu * factor * inputs["batch"] + inputs["idle-ms"] / 1000
    # Lambda bills whole milliseconds, and the start of an environment like its work.
    return math.ceil(work * 1000) / 1000 + inputs["cold-share"] * machine.init * factor


def bill(
    used: Consumption, machine: Machine, inputs: Inputs, architecture: Architecture = "x86_64"
) -> Bill:
    """What ``PICTURES`` pictures like this one cost."""
    invocations = PICTURES / inputs["batch"]
    seconds = invocations * seconds_billed(used, machine, inputs, architecture)
    calls = PICTURES * inputs["uploads-by-page"]
    api_seconds = calls * inputs["api-ms"] / 1000
    logs = (
        PICTURES * used.log_bytes
        + invocations * machine.invocation_log_bytes
        + calls * inputs["api-log-bytes"]
    ) / GB
    items = PICTURES * (used.item_bytes + ITEM_OVERHEAD) / GB
    views = PICTURES * inputs["views"]
    viewed = views * used.rendition_bytes / used.renditions / GB
    second = f"lambda-gb-second-{architecture}"
    rows: list[tuple[Part, str, float, str]] = [
        ("compute", "Lambda, making renditions", seconds * machine.memory / 1024, second),
        ("requests", "Lambda, invocations", invocations, "lambda-requests"),
        ("requests", "S3, originals and renditions put", PICTURES * (1 + used.puts), "s3-puts"),
        ("requests", "S3, originals read", PICTURES * used.gets, "s3-gets"),
        ("requests", "SQS, sent, received, deleted", PICTURES + 2 * invocations, "sqs-requests"),
        ("requests", "DynamoDB, table and index", PICTURES * used.writes, "dynamodb-writes"),
        ("requests", "DynamoDB, read", PICTURES * used.reads + calls, "dynamodb-reads"),
        ("requests", "CloudWatch, logs taken in", logs, "logs-gb"),
        ("requests", "CloudWatch, logs kept", logs * machine.log_days / 30, "logs-gb-month"),
        ("requests", "API Gateway", calls, "api-requests"),
        ("requests", "Lambda, API", api_seconds * machine.api_memory / 1024, second),
        ("requests", "Lambda, API's invocations", calls, "lambda-requests"),
        ("requests", "Rekognition", PICTURES * inputs["questions"], "rekognition-images"),
        ("keeping", "S3, originals", PICTURES * used.original_bytes / GB, "s3-gb-month"),
        ("keeping", "S3, renditions", PICTURES * used.rendition_bytes / GB, "s3-gb-month"),
        ("keeping", "DynamoDB, table and index", 2 * items, "dynamodb-gb-month"),
        ("keeping", "DynamoDB, point-in-time recovery", items, "dynamodb-backup-gb-month"),
        ("viewing", "CloudFront, to viewers", viewed, "cloudfront-gb"),
        ("viewing", "CloudFront, requests", views, "cloudfront-requests"),
        ("viewing", "S3, asked by CloudFront", views * (1 - inputs["edge-hits"]), "s3-gets"),
    ]
    return Bill([Line(*row, inputs.cost(row[2], row[3])) for row in rows])


def standing(machine: Machine, inputs: Inputs) -> Bill:
    """What a stack costs in a month, however little is uploaded."""
    polls = inputs["pollers"] * HOURS * 3600 / inputs["poll-seconds"]
    metrics = machine.methods * METHOD_METRICS
    rows: list[tuple[Part, str, float, str]] = [
        ("standing", "SQS, long polls of the idle queue", polls, "sqs-requests"),
        ("standing", "CloudWatch, alarms", machine.alarm_metrics, "alarm-month"),
        ("standing", "CloudWatch, dashboards", machine.dashboards, "dashboard-month"),
        ("standing", "the pipeline's own metrics", machine.own_metrics, "metric-month"),
        ("standing", "API metrics, where each route is called hourly", metrics, "metric-month"),
    ]
    return Bill([Line(*row, inputs.cost(row[2], row[3])) for row in rows])
