"""The bill of a million images: measured consumption times AWS's prices."""

import math
from dataclasses import dataclass
from typing import Literal

from consumption import Consumption, Machine, VariantConsumption
from prices import Inputs

Architecture = Literal["x86_64", "arm64"]
Part = Literal["compute", "requests", "storage", "delivery", "monthly"]

IMAGES = 1_000_000
"""Also first requests, and hits, of variants."""
GB = 10**9
HOURS = 730
"""Hours in a month, as AWS counts them."""
ITEM_OVERHEAD = 100
"""Bytes that DynamoDB adds to each item, in the table and in each index, for storage."""

INDEXES, INDEX_ITEM_BYTES = 2, 110
"""Indexes of the catalog, and about the bytes of an item in one: three keys and their names."""
CORE_MEMORY = 1769
"""Megabytes of memory that come with one core. Less come with a share of it."""
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
    """Of a million images, or of a month for a part that is billed monthly."""


@dataclass(frozen=True, slots=True)
class Bill:
    """The cost of a million images of one size and recipe."""

    lines: list[Line]

    def sum(self, *parts: Part) -> float:
        """Return the cost of some parts, or of all."""
        return math.fsum(line.cost for line in self.lines if not parts or line.part in parts)


def seconds_billed(
    used: Consumption | VariantConsumption,
    machine: Machine,
    inputs: Inputs,
    architecture: Architecture,
) -> float:
    """Return the billed seconds of an invocation, with its share of cold starts."""
    factor = inputs["core-factor" if architecture == "x86_64" else "arm64-core-factor"]
    cpu = used.cpu if architecture == "x86_64" else used.cpu_without_resizer
    images = inputs["batch"] if isinstance(used, Consumption) else 1
    work = cpu * factor * images + inputs["idle-ms"] / 1000
    # Lambda bills whole milliseconds, and the initialization of an environment as well.
    return math.ceil(work * 1000) / 1000 + inputs["cold-share"] * machine.init * factor


def changes_seconds(
    used: Consumption, machine: Machine, inputs: Inputs, architecture: Architecture
) -> float:
    """Return the billed seconds of what follows the stream, for an image.

    Each shard keeps its environment, so that cold starts are too few to count.
    """
    factor = inputs["core-factor" if architecture == "x86_64" else "arm64-core-factor"]
    share = min(1, machine.changes_memory / CORE_MEMORY)
    idle = inputs["changes-idle-ms"] / 1000
    return used.changes_cpu * factor / share + used.changes_invocations * idle


def bill(
    used: Consumption, machine: Machine, inputs: Inputs, architecture: Architecture = "x86_64"
) -> Bill:
    """Return the bill of ``IMAGES`` images of one consumption."""
    invocations = IMAGES / inputs["batch"]
    seconds = invocations * seconds_billed(used, machine, inputs, architecture)
    followed = IMAGES * used.changes_invocations
    changes = IMAGES * changes_seconds(used, machine, inputs, architecture)
    found = used.changes_writes + used.changes_buckets * inputs["bucket-units"]
    calls = IMAGES * inputs["uploads-by-page"]
    api_seconds = calls * inputs["api-ms"] / 1000
    logs = (
        IMAGES * (used.log_bytes + used.changes_log_bytes)
        + (invocations + followed) * machine.invocation_log_bytes
        + calls * inputs["api-log-bytes"]
    ) / GB
    items = IMAGES * (used.item_bytes + ITEM_OVERHEAD) / GB
    indexed = IMAGES * INDEXES * (INDEX_ITEM_BYTES + ITEM_OVERHEAD) / GB
    views = IMAGES * inputs["views"]
    viewed = views * used.rendition_bytes / used.renditions / GB
    second = f"lambda-gb-second-{architecture}"
    rows: list[tuple[Part, str, float, str]] = [
        ("compute", "Lambda, rendering", seconds * machine.memory / 1024, second),
        (
            "compute",
            "Lambda, index, feed and events",
            changes * machine.changes_memory / 1024,
            second,
        ),
        ("requests", "Lambda, invocations", invocations + followed, "lambda-requests"),
        ("requests", "S3, originals and renditions written", IMAGES * (1 + used.puts), "s3-puts"),
        ("requests", "S3, originals read", IMAGES * used.gets, "s3-gets"),
        ("requests", "SQS, sent, received, deleted", IMAGES + 2 * invocations, "sqs-requests"),
        ("requests", "DynamoDB, table and indexes", IMAGES * used.writes, "dynamodb-writes"),
        ("requests", "DynamoDB, index and feed", IMAGES * found, "dynamodb-writes"),
        (
            "requests",
            "DynamoDB, read",
            IMAGES * (used.reads + used.changes_reads) + calls,
            "dynamodb-reads",
        ),
        (
            "requests",
            "EventBridge, events",
            IMAGES * used.changes_events,
            "eventbridge-events",
        ),
        ("requests", "CloudWatch, logs ingested", logs, "logs-gb"),
        ("requests", "CloudWatch, logs stored", logs * machine.log_days / 30, "logs-gb-month"),
        ("requests", "API Gateway", calls, "api-requests"),
        ("requests", "Lambda, API", api_seconds * machine.api_memory / 1024, second),
        ("requests", "Lambda, API invocations", calls, "lambda-requests"),
        ("requests", "Rekognition", IMAGES * inputs["questions"], "rekognition-images"),
        ("storage", "S3, originals", IMAGES * used.original_bytes / GB, "s3-gb-month"),
        ("storage", "S3, renditions", IMAGES * used.rendition_bytes / GB, "s3-gb-month"),
        ("storage", "DynamoDB, table and indexes", items + indexed, "dynamodb-gb-month"),
        ("storage", "DynamoDB, index", IMAGES * used.index_bytes / GB, "dynamodb-gb-month"),
        ("storage", "DynamoDB, point-in-time recovery", items, "dynamodb-backup-gb-month"),
        ("delivery", "CloudFront, to viewers", viewed, "cloudfront-gb"),
        ("delivery", "CloudFront, requests", views, "cloudfront-requests"),
        ("delivery", "S3, read by CloudFront", views * (1 - inputs["edge-hits"]), "s3-gets"),
    ]
    return Bill([Line(*row, inputs.cost(row[2], row[3])) for row in rows])


def first_requests(
    used: VariantConsumption,
    machine: Machine,
    inputs: Inputs,
    architecture: Architecture = "x86_64",
) -> Bill:
    """Return the bill of ``IMAGES`` first requests of variants: each is rendered and stored."""
    seconds = IMAGES * seconds_billed(used, machine, inputs, architecture)
    second = f"lambda-gb-second-{architecture}"
    logs = IMAGES * (used.log_bytes + machine.invocation_log_bytes) / GB
    rows: list[tuple[Part, str, float, str]] = [
        ("compute", "Lambda, rendering", seconds * machine.memory / 1024, second),
        ("requests", "Lambda, invocations", IMAGES, "lambda-requests"),
        (
            "requests",
            "S3, variants listed and written",
            IMAGES * (used.lists + used.puts),
            "s3-puts",
        ),
        ("requests", "S3, originals read", IMAGES * used.gets, "s3-gets"),
        ("requests", "DynamoDB, read", IMAGES * used.reads, "dynamodb-reads"),
        ("requests", "CloudWatch, logs ingested", logs, "logs-gb"),
        ("requests", "CloudWatch, logs stored", logs * machine.log_days / 30, "logs-gb-month"),
        ("storage", "S3, variants", IMAGES * used.variant_bytes / GB, "s3-gb-month"),
        # CloudFront asks S3 first, which has none.
        *_delivered(used, s3_reads=IMAGES),
    ]
    return Bill([Line(*row, inputs.cost(row[2], row[3])) for row in rows])


def hits(used: VariantConsumption, inputs: Inputs) -> Bill:
    """Return the bill of ``IMAGES`` further requests of variants, which CloudFront or S3 serves."""
    rows = _delivered(used, s3_reads=IMAGES * (1 - inputs["edge-hits"]))
    return Bill([Line(*row, inputs.cost(row[2], row[3])) for row in rows])


def _delivered(used: VariantConsumption, s3_reads: float) -> list[tuple[Part, str, float, str]]:
    """Return what CloudFront needs for ``IMAGES`` requests of a variant."""
    return [
        ("delivery", "CloudFront, to viewers", IMAGES * used.variant_bytes / GB, "cloudfront-gb"),
        ("delivery", "CloudFront, requests", IMAGES, "cloudfront-requests"),
        ("delivery", "CloudFront, function invocations", IMAGES, "cloudfront-functions"),
        # The current key. URLs that are signed with the previous one need a second read.
        ("delivery", "CloudFront, keys read", IMAGES, "cloudfront-key-value-reads"),
        ("delivery", "S3, read by CloudFront", s3_reads, "s3-gets"),
    ]


def standing(machine: Machine, inputs: Inputs) -> Bill:
    """Return a stack's monthly bill without any uploads."""
    polls = inputs["pollers"] * HOURS * 3600 / inputs["poll-seconds"]
    metrics = machine.methods * METHOD_METRICS
    rows: list[tuple[Part, str, float, str]] = [
        ("monthly", "SQS, long polls of the idle queue", polls, "sqs-requests"),
        ("monthly", "CloudWatch, alarms", machine.alarm_metrics, "alarm-month"),
        ("monthly", "CloudWatch, dashboards", machine.dashboards, "dashboard-month"),
        ("monthly", "the pipeline's own metrics", machine.own_metrics, "metric-month"),
        ("monthly", "API metrics, where each route is called hourly", metrics, "metric-month"),
    ]
    return Bill([Line(*row, inputs.cost(row[2], row[3])) for row in rows])
