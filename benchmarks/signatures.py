"""Benchmark of the emulator's checks of hosts, browsers and signatures: CPU time of a request.

Runs two emulators, one with the checks and one without, in alternating rounds. A figure is the
median of the rounds, of the emulator's process without the client.
"""

import argparse
import os
import socket
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from darkroom.emulator.native import EmulatorProcess, NativeEmulator

FEATURES = {"without": "all,-browsers,-signatures", "with": "all"}
NAME = "bench-signatures"
MEGABYTE = os.urandom(1024 * 1024)

type Calls = dict[str, Callable[[], Any]]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--calls", type=int, default=100, help="calls of each kind in a round")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        running = {mode: stack.enter_context(started(FEATURES[mode])) for mode in FEATURES}
        calls = {mode: calls_of(each) for mode, each in running.items()}
        spent: dict[tuple[str, str], list[float]] = {}
        for number in range(arguments.rounds + 1):
            for mode in FEATURES if number % 2 else reversed(FEATURES):
                for name, call in calls[mode].items():
                    cost = measure(running[mode], call, arguments.calls)
                    if number:  # the first round warms up
                        spent.setdefault((name, mode), []).append(cost)
    print(f"{'request':<28} {'without':>10} {'with':>10} {'difference':>10} {'ratio':>7}   (CPU)")
    for name in calls["with"]:
        without, checked = (statistics.median(spent[name, mode]) for mode in FEATURES)
        costs = f"{without:7.2f} ms {checked:7.2f} ms {checked - without:7.2f} ms"
        print(f"{name:<28} {costs} {checked / without:7.2f}")


@contextmanager
def started(features: str) -> Iterator[EmulatorProcess]:
    """Start an emulator with a value of EMULATOR_FEATURES; stop it at the end."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EMULATOR_FEATURES"] = features
        emulator = NativeEmulator(Path(folder))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        try:
            yield emulator.start(port, print)
        finally:
            emulator.stop()


def calls_of(running: EmulatorProcess) -> Calls:
    """Create resources in an emulator; return a request of each kind to them."""

    def client(service: str) -> Any:  # noqa: ANN401
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=running.url,
            region_name="us-east-1",
            aws_access_key_id=running.key.id,
            aws_secret_access_key=running.key.secret,
            config=Config(retries={"total_max_attempts": 1}),
        )

    s3, sqs, dynamodb = client("s3"), client("sqs"), client("dynamodb")
    s3.create_bucket(Bucket=NAME)
    s3.put_object(Bucket=NAME, Key="key", Body=b"data")
    queue = sqs.create_queue(QueueName=NAME)["QueueUrl"]
    dynamodb.create_table(
        TableName=NAME,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
    )
    return {
        "DynamoDB GetItem": lambda: dynamodb.get_item(TableName=NAME, Key={"key": {"S": "x"}}),
        "SQS SendMessage": lambda: sqs.send_message(QueueUrl=queue, MessageBody="x"),
        "S3 HeadObject": lambda: s3.head_object(Bucket=NAME, Key="key"),
        "S3 PutObject, 1 MB": lambda: s3.put_object(Bucket=NAME, Key="large", Body=MEGABYTE),
    }


def measure(running: EmulatorProcess, call: Callable[[], Any], count: int) -> float:
    """Return the emulator's CPU time of a call in milliseconds."""
    before = running.process.cpu_times()
    for _ in range(count):
        call()
    after = running.process.cpu_times()
    return (after.user - before.user + after.system - before.system) * 1000 / count


main()
