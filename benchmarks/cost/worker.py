"""Worker process of the cost model: runs the function on one core, with AWS services in memory.

``worker.py with|without`` the SIMD resizer. Reads a job from each line of stdin, and writes its
consumption to stdout, both as JSON.
"""

import io
import json
import os
import sys
import time
from collections.abc import Iterator
from itertools import batched
from statistics import median
from typing import Any
from urllib.parse import quote, quote_plus

from memory_cloud import ETAG, MemoryCloud, item_size

LOG_EVENT_OVERHEAD = 26
"""Bytes that CloudWatch adds to each log event."""


attached: list[Any] = []
"""Clients of the variants' function that have the services in memory."""


class Context:
    """Lambda's context, with all of the function's time left."""

    aws_request_id = "measured"

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the timeout."""
        return self.seconds * 1000


def main() -> None:
    """Load the function as Lambda does, then measure each job."""
    out, sys.stdout = sys.stdout, io.StringIO()
    if hasattr(os, "sched_setaffinity"):
        # At FunctionMemory's default a function has one core.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    if sys.argv[1] == "without":
        sys.modules["cykooz_resizer"] = None  # type: ignore[assignment]
    began = time.process_time()
    # The import reads the environment.
    from processor.handlers import process  # noqa: PLC0415

    print(json.dumps({"init": time.process_time() - began}), file=out, flush=True)
    # Another function, which has an initialization of its own.
    from processor.handlers import changes  # noqa: PLC0415

    cloud = MemoryCloud()
    for client in (
        process.s3,
        process.sqs,
        process.deliveries.pipeline.claims.catalog.dynamodb,
        changes.dynamodb,
        changes.events,
    ):
        cloud.attach(client)
    for line in sys.stdin:
        job = json.loads(line)
        if "variant" in job:
            measured = measure_variant(cloud, job)
        else:
            measured = measure(process.handler, changes, cloud, job)
        print(json.dumps(measured), file=out, flush=True)


def measure(
    handler: Any,  # noqa: ANN401
    changes: Any,  # noqa: ANN401
    cloud: MemoryCloud,
    job: dict[str, Any],
) -> dict[str, float]:
    """Return one image's consumption: the median of invocations with several images each."""
    with open(job["image"], "rb") as file:  # noqa: PTH123 (without importing pathlib)
        cloud.original = file.read()
    cloud.recipe = job["recipe"]
    context, names, count = Context(job["timeout"]), numbers(), job["images"]
    handler(event(cloud, names, 1), context)
    cloud.forget()
    clear_log()
    times = []
    for _ in range(job["rounds"]):
        batch = event(cloud, names, count)
        began = time.process_time()
        response = handler(batch, context)
        times.append((time.process_time() - began) / count)
        if response["batchItemFailures"]:
            raise RuntimeError(f"Not all images were processed: {log()}")
    done = job["rounds"] * count
    if log().count('"done"') < done:
        raise RuntimeError(f"Not all images are done: {log()}")
    measured = {
        "cpu": median(times),
        "renditions": cloud.requests["PutObject"] / done,
        "rendition_bytes": cloud.rendition_bytes / done,
        "puts": cloud.requests["PutObject"] / done,
        "gets": cloud.requests["GetObject"] / done,
        "writes": cloud.writes / done,
        "reads": cloud.requests["GetItem"] / done,
        "item_bytes": sum(map(item_size, cloud.items.values())) / len(cloud.items),
        "log_bytes": log_bytes() / done,
    }
    followed = measure_changes(changes.handler, cloud, context, job["records"])
    return {**measured, **{name: value / done for name, value in followed.items()}}


def measure_changes(
    handler: Any,  # noqa: ANN401
    cloud: MemoryCloud,
    context: Context,
    count: int,
) -> dict[str, float]:
    """Return the consumption of what follows the catalog's stream, for all of its records.

    Each invocation gets ``count`` of them.
    """
    stream = cloud.stream
    cloud.forget()
    clear_log()
    invocations = 0
    began = time.process_time()
    for batch in batched(stream, count, strict=False):
        response = handler({"Records": batch}, context)
        if response["batchItemFailures"]:
            raise RuntimeError(f"Not all changes were followed: {log()}")
        invocations += 1
    return {
        "changes_cpu": time.process_time() - began,
        "changes_invocations": invocations,
        "changes_writes": cloud.writes,
        "changes_buckets": cloud.buckets,
        "changes_reads": cloud.requests["GetItem"],
        "changes_events": cloud.events,
        "changes_log_bytes": log_bytes(),
        "index_bytes": cloud.indexed_bytes,
    }


def clear_log() -> None:
    """Forget the log until now."""
    sys.stdout.seek(0)
    sys.stdout.truncate()


def measure_variant(cloud: MemoryCloud, job: dict[str, Any]) -> dict[str, float]:
    """Return the consumption of a variant's first request: the median of several."""
    from processor.handlers import variant  # noqa: PLC0415

    for client in (variant.s3, variant.server.catalog.dynamodb):
        if client not in attached:
            cloud.attach(client)
            attached.append(client)
    with open(job["image"], "rb") as file:  # noqa: PTH123 (without importing pathlib)
        cloud.original = file.read()
    cloud.recipe = job["recipe"]
    key = "holiday in Rome/IMG_000001.jpg"
    context: Any = Context(job["timeout"])
    request = {"rawPath": f"/variants/{quote(key)}/{job['variant']}", "headers": {}}
    times: list[float] = []
    # The first is not counted: it fills caches.
    for _ in range(1 + job["rounds"]):
        if len(times) == 1:
            cloud.forget()
            clear_log()
        cloud.publish(key)
        began = time.process_time()
        response = variant.handler(request, context)
        times.append(time.process_time() - began)
        if response["statusCode"] not in (200, 302):
            raise RuntimeError(f"A variant was not rendered: {log()}")
    done = job["rounds"]
    return {
        "cpu": median(times[1:]),
        "variant_bytes": cloud.rendition_bytes / done,
        "puts": cloud.requests["PutObject"] / done,
        "lists": cloud.requests["ListObjectsV2"] / done,
        "gets": cloud.requests["GetObject"] / done,
        "reads": cloud.requests["GetItem"] / done,
        "log_bytes": log_bytes() / done,
    }


def log_bytes() -> int:
    """Return the bytes of the function's log, as CloudWatch counts them."""
    return len(log().encode()) + LOG_EVENT_OVERHEAD * log().count("\n")


def log() -> str:
    """Return the function's log since the measurement began."""
    assert isinstance(sys.stdout, io.StringIO)  # noqa: S101 (main made it one)
    return sys.stdout.getvalue()


def numbers() -> Iterator[int]:
    """Yield numbers for unused keys and sequencers."""
    number = 0
    while True:
        number += 1
        yield number


def event(cloud: MemoryCloud, names: Iterator[int], count: int) -> dict[str, Any]:
    """Return Lambda's event for several new originals."""
    return {
        "Records": [
            message(f"holiday in Rome/IMG_{next(names):06}.jpg", cloud) for _ in range(count)
        ]
    }


def message(key: str, cloud: MemoryCloud) -> dict[str, Any]:
    """Return S3's message for an original."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2026-05-01T12:00:00.000Z",
        "eventName": "ObjectCreated:Post",
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": os.environ["RAW_BUCKET"]},
            "object": {
                "key": quote_plus(key, safe="/"),
                "size": len(cloud.original),
                "eTag": ETAG,
                "sequencer": "0055AED6DCD90281E5",
            },
        },
    }
    return {
        "messageId": key,
        "receiptHandle": key,
        "body": json.dumps({"Records": [record]}),
        "attributes": {"ApproximateReceiveCount": "1"},
    }


if __name__ == "__main__":
    main()
