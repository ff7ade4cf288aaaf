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
    gb_seconds = (
        invocations * seconds_billed(used, machine, inputs, architecture) * machine.memory / 1024
    )
    calls = PICTURES * inputs["uploads-by-page"]
    api_seconds = calls * inputs["api-ms"] / 1000 * machine.api_memory / 1024
    logs = (
        PICTURES * used.log_bytes
        + invocations * machine.invocation_log_bytes
        + calls * inputs["api-log-bytes"]
    ) / GB
    views = PICTURES * inputs["views"]
    items = PICTURES * (used.item_bytes + ITEM_OVERHEAD) / GB
    bytes_viewed = used.rendition_bytes / used.renditions
    lambda_second = f"lambda-gb-second-{architecture}"

    def line(part: Part, what: str, quantity: float, price: str, unit: float = 1) -> Line:
        return Line(part, what, quantity, price, quantity / unit * inputs[price])

    million = 1_000_000
    return Bill(
        [
            line("compute", "Lambda, making renditions", gb_seconds, lambda_second),
            line("requests", "Lambda, invocations", invocations, "lambda-million-requests", million),
            line(
                "requests",
                "S3, originals and renditions put",
                PICTURES * (1 + used.puts),
                "s3-thousand-puts",
                1000,
            ),
            line("requests", "S3, originals read", PICTURES * used.gets, "s3-thousand-gets", 1000),
            line(
                "requests",
                "SQS, sent, received and deleted",
                PICTURES + 2 * invocations,
                "sqs-million-requests",
                million,
            ),
            line(
                "requests",
                "DynamoDB, entries and index written",
                PICTURES * used.writes,
                "dynamodb-million-writes",
                million,
            ),
            line(
                "requests",
                "DynamoDB, entries read",
                PICTURES * used.reads + calls,
                "dynamodb-million-reads",
                million,
            ),
            line("requests", "CloudWatch, logs taken in", logs, "logs-gb"),
            line(
                "requests",
                "CloudWatch, logs kept until they are deleted",
                logs * machine.log_days / 30,
                "logs-gb-month",
            ),
            line("requests", "API Gateway", calls, "api-million-requests", million),
            line("requests", "Lambda, API's function", api_seconds, lambda_second),
            line("requests", "Lambda, API's invocations", calls, "lambda-million-requests", million),
            line(
                "keeping",
                "S3, originals",
                PICTURES * used.original_bytes / GB,
                "s3-gb-month",
            ),
            line(
                "keeping",
                "S3, renditions",
                PICTURES * used.rendition_bytes / GB,
                "s3-gb-month",
            ),
            line("keeping", "DynamoDB, table and index", 2 * items, "dynamodb-gb-month"),
            line("keeping", "DynamoDB, point-in-time recovery", items, "dynamodb-backup-gb-month"),
            line("viewing", "CloudFront, to viewers", views * bytes_viewed / GB, "cloudfront-gb"),
            line(
                "viewing",
                "CloudFront, requests",
                views,
                "cloudfront-ten-thousand-requests",
                10_000,
            ),
            line(
                "viewing",
                "S3, what CloudFront asks for",
                views * (1 - inputs["edge-hits"]),
                "s3-thousand-gets",
                1000,
            ),
        ]
    )


def standing(machine: Machine, inputs: Inputs) -> Bill:
    """What a stack costs in a month, however little is uploaded."""
    polls = inputs["pollers"] * HOURS * 3600 / inputs["poll-seconds"]
    metrics = machine.methods * METHOD_METRICS

    def line(what: str, quantity: float, price: str, unit: float = 1) -> Line:
        return Line("standing", what, quantity, price, quantity / unit * inputs[price])

    return Bill(
        [
            line("SQS, long polls of the idle queue", polls, "sqs-million-requests", 1_000_000),
            line("CloudWatch, alarms", inputs["alarms"], "alarm-month"),
            line("API metrics, if each route is called every hour", metrics, "metric-month"),
        ]
    )
