"""API benchmark: response times with 10 to 10,000 catalog entries, idle and during a bulk upload.

For each size, starts an emulator with an empty state, writes entries into the catalog's table, and
sends requests through CloudFront, one at a time. Prints the median and the 95th percentile, and the
ratio of the latter at the largest size to that at the smallest.
``--checkout`` measures another checkout (run `make install` there first), beside this one if given
twice: before and after. Ends with 1 if a request failed.
"""

import argparse
import http.client
import io
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import boto3
from PIL import Image

from localstack_init.build import PROJECT
from processor.catalog.entries import shard_of

REQUESTS = (
    "/images?limit=24",
    "/images?status=failed",
    "/images?label=cat",
    "/images/fill%2F00000.jpg",
    "/stats",
)
IDLE, LOADED = "idle", "bulk upload"
TARGET = 2.0
ROUND_SECONDS = 1.05
"""Seconds between two rounds of requests: `/stats` is cached for a second."""
WAIT_SECONDS = 120
BATCH = 25
UPLOADERS = 4
SAMPLE = "samples/mountains.jpg"
BULK_SIDE = 320


@dataclass(slots=True)
class Figures:
    """Milliseconds of each request at each size, idle and under load, and failures."""

    times: dict[tuple[str, int, str], list[float]] = field(default_factory=dict)
    failures: dict[tuple[str, int, str], int] = field(default_factory=dict)

    def add(self, state: str, size: int, request: str, milliseconds: float, status: int) -> None:
        """Add one response."""
        place = (state, size, request)
        self.times.setdefault(place, []).append(milliseconds)
        if status != http.HTTPStatus.OK:
            self.failures[place] = self.failures.get(place, 0) + 1

    def percentiles(self, state: str, size: int, request: str) -> tuple[float, float]:
        """Return the median and the 95th percentile, by nearest rank."""
        times = sorted(self.times[state, size, request])
        return median(times), times[-(-len(times) * 95 // 100) - 1]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A deployed stack of an emulator."""

    environment: Mapping[str, str]
    outputs: Mapping[str, str]

    def client(self, name: str) -> Any:  # noqa: ANN401
        """Return a boto3 client."""
        return boto3.client(
            name,  # type: ignore[call-overload]
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            region_name=self.environment["AWS_DEFAULT_REGION"],
        )

    def get(self, request: str) -> tuple[float, int]:
        """Return the milliseconds and the status of a request to the API."""
        site = urlsplit(self.outputs["SiteUrl"])
        # The host may be a subdomain of localhost, which not every machine resolves.
        connection = http.client.HTTPConnection("127.0.0.1", site.port or 80, timeout=60)
        began = time.perf_counter()
        connection.request("GET", f"{site.path}/api{request}", headers={"Host": site.netloc})
        response = connection.getresponse()
        response.read()
        milliseconds = (time.perf_counter() - began) * 1000
        connection.close()
        return milliseconds, response.status

    def fill(self, size: int, random_numbers: random.Random) -> None:
        """Write entries like a processed image's: 1% failed, 5% have the label cat."""
        dynamodb, table = self.client("dynamodb"), self.outputs["CatalogTable"]
        entry = self._processed()
        newest = datetime.now(UTC)
        names = [f"fill/{number:05}.jpg" for number in range(size)]
        for start in range(0, size, BATCH):
            batch = []
            for number, name in enumerate(names[start : start + BATCH], start):
                time_of_upload = (newest - timedelta(seconds=number)).isoformat()
                is_failed, is_cat = random_numbers.random() < 0.01, random_numbers.random() < 0.05
                changed = {
                    "filename": {"S": name},
                    "shard": {"S": shard_of(name)},
                    "timestamp": {"S": time_of_upload},
                    "updated": {"S": time_of_upload},
                    "status": {"S": "failed" if is_failed else "done"},
                    "label_names": {"L": [{"S": "cat" if is_cat else "tree"}]},
                }
                batch.append({"PutRequest": {"Item": {**entry, **changed}}})
            dynamodb.batch_write_item(RequestItems={table: batch})

    def _processed(self) -> dict[str, Any]:
        """Return the catalog's entry of an image that was processed."""
        sample = (PROJECT / SAMPLE).read_bytes()
        s3, dynamodb = self.client("s3"), self.client("dynamodb")
        s3.put_object(Bucket=self.outputs["RawBucket"], Key="model.jpg", Body=sample)
        key = {"filename": {"S": "model.jpg"}}
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            found = dynamodb.get_item(TableName=self.outputs["CatalogTable"], Key=key).get("Item")
            if found and found["status"]["S"] == "done":
                s3.delete_object(Bucket=self.outputs["RawBucket"], Key="model.jpg")
                return dict(found)
            time.sleep(0.1)
        sys.exit(f"{SAMPLE} was not processed within {WAIT_SECONDS} s.")

    def upload(self, count: int, image: bytes) -> None:
        """Upload images to the bucket, as many at a time as there are uploaders."""
        s3 = self.client("s3")
        numbers = iter(range(count))
        lock = threading.Lock()

        def put() -> None:
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                s3.put_object(
                    Bucket=self.outputs["RawBucket"], Key=f"bulk/{number:04}.jpg", Body=image
                )

        threads = [threading.Thread(target=put) for _ in range(UPLOADERS)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

    def is_busy(self) -> bool:
        """Return whether messages wait or are in flight."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        depths = self.client("sqs").get_queue_attributes(
            QueueUrl=self.outputs["QueueUrl"], AttributeNames=names
        )["Attributes"]
        return any(int(depths[name]) for name in names)


@contextmanager
def started(checkout: Path) -> Iterator[Pipeline]:
    """Start an empty emulator of a checkout; stop it at the end."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
        probe.close()
        home = Path(folder) / "home"
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "DARKROOM_HOME": str(home),
            "MODE": "native",
            "PERSIST": "0",
        }

        def darkroom(*arguments: str) -> None:
            command = [str(checkout / ".venv/bin/darkroom"), *arguments]
            done = subprocess.run(
                command, env=environment, cwd=checkout, capture_output=True, text=True, check=False
            )
            if done.returncode:
                sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")

        try:
            darkroom("up", "--port", port)
            settings = read_settings(home / "emulator.env")
            pipeline = Pipeline(settings, {})
            stacks = pipeline.client("cloudformation").describe_stacks(StackName="darkroom")
            outputs = {
                each["OutputKey"]: each["OutputValue"] for each in stacks["Stacks"][0]["Outputs"]
            }
            yield Pipeline(settings, outputs)
        finally:
            darkroom("reset")


def read_settings(file: Path) -> dict[str, str]:
    """Return the variables that an ``emulator.env`` exports."""
    lines = file.read_text().splitlines()
    exported = (line.removeprefix("export ") for line in lines if line.startswith("export "))
    return dict(line.split("=", 1) for line in exported)


def measure(checkout: Path, sizes: list[int], rounds: int, uploads: int) -> Figures:
    """Measure each size."""
    figures = Figures()
    image = small_jpeg()
    for size in sizes:
        with started(checkout) as pipeline:
            print(f"{checkout}: {size:,} entries", flush=True)
            pipeline.fill(size, random.Random(size))  # noqa: S311 (no secret)
            for request in REQUESTS:
                pipeline.get(request)
            for _ in range(rounds):
                get_all(pipeline, figures, IDLE, size)
            if uploads:
                loader = threading.Thread(target=pipeline.upload, args=[uploads, image])
                loader.start()
                while loader.is_alive() or pipeline.is_busy():
                    get_all(pipeline, figures, LOADED, size)
                loader.join()
    return figures


def get_all(pipeline: Pipeline, figures: Figures, state: str, size: int) -> None:
    """Send each request once, and wait for the rest of the round."""
    began = time.monotonic()
    for request in REQUESTS:
        figures.add(state, size, request, *pipeline.get(request))
    time.sleep(max(0.0, began + ROUND_SECONDS - time.monotonic()))


def small_jpeg() -> bytes:
    """Return a small photograph."""
    with Image.open(PROJECT / SAMPLE) as opened:
        opened.thumbnail((BULK_SIDE, BULK_SIDE))
        out = io.BytesIO()
        opened.convert("RGB").save(out, "JPEG", quality=88)
    return out.getvalue()


def show(name: str, figures: Figures, sizes: list[int]) -> None:
    """Print a table."""
    print(f"\n| {name}: p50 / p95 in ms | " + " | ".join(f"{size:,}" for size in sizes), end="")
    print(f" | p95({sizes[-1]:,}) / p95({sizes[0]:,}) |\n|---|" + "---:|" * (len(sizes) + 1))
    for state in dict.fromkeys(state for state, _, _ in figures.times):
        for request in REQUESTS:
            row = []
            for size in sizes:
                middle, high = figures.percentiles(state, size, request)
                failed = figures.failures.get((state, size, request))
                row.append(f"{middle:.0f} / {high:.0f}" + (f" ({failed} failed)" if failed else ""))
            ends = [figures.percentiles(state, size, request)[1] for size in (sizes[0], sizes[-1])]
            ratio = ends[1] / ends[0]
            print(f"| {state}: `GET {request}` | " + " | ".join(row) + f" | {ratio:.2f} |")


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser("bench-catalog", description=__doc__)
    parser.add_argument("--checkout", type=Path, action="append", help="default: this one")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 1_000, 10_000])
    parser.add_argument(
        "--rounds", type=int, default=60, help="rounds of requests, idle (default 60)"
    )
    parser.add_argument(
        "--uploads", type=int, default=600, help="images of the bulk upload; 0: none"
    )
    options = parser.parse_args()
    checkouts = [each.resolve() for each in options.checkout or [PROJECT]]
    sizes = sorted(options.sizes)
    found = {each: measure(each, sizes, options.rounds, options.uploads) for each in checkouts}
    for checkout, figures in found.items():
        show(str(checkout), figures, sizes)
    print(f"\nTarget: p95 with the most entries is at most {TARGET:g} times p95 with the fewest.")
    sys.exit(1 if any(each.failures for each in found.values()) else 0)


if __name__ == "__main__":
    main()
