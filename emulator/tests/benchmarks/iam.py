"""Benchmark of IAM: ``python -m tests.benchmarks.iam``.

Measures the CPU time of a judgment in this process, and of requests of a role and of the root user
in two emulators, one that judges and one with ``EMULATOR_IAM=off``, in alternating rounds. Figures
are medians; those of requests are of the emulator's process without the client.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil

from localstack_native.access.judgment import Document, Identity, Resource, judge
from localstack_native.access.policy import Request
from localstack_native.access.principals import Principal
from tests.integration.iam import Iam, allow, document
from tests.integration.iam import Identity as Caller
from tests.integration.localstack import LocalStack

MODES = ("off", "enforce")
ACCOUNT = "000000000000"

type Calls = dict[str, Callable[[], Any]]


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--calls", type=int, default=100, help="calls of each kind in a round")
    arguments = parser.parse_args()
    for name, call in judgments().items():
        print(f"{name:<44} {cost_of(call, 2000) * 1000:7.3f} ms CPU")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        running = {}
        for mode in MODES:
            own = LocalStack(Path(folder) / mode, EMULATOR_IAM=mode)
            running[mode] = stack.enter_context(own)
            own.wait_until_healthy()
        calls = {mode: calls_of(each) for mode, each in running.items()}
        spent: dict[tuple[str, str], list[float]] = {}
        for number in range(arguments.rounds + 1):
            for mode in MODES if number % 2 else reversed(MODES):
                for name, call in calls[mode].items():
                    cost = measure(running[mode], call, arguments.calls)
                    if number:  # the first round warms up
                        spent.setdefault((name, mode), []).append(cost)
    print(f"\n{'request':<44} {'off':>10} {'enforce':>10} {'difference':>10}   (CPU)")
    for name in calls["off"]:
        off, enforced = (statistics.median(spent[name, mode]) for mode in MODES)
        print(f"{name:<44} {off:7.2f} ms {enforced:7.2f} ms {enforced - off:7.2f} ms")


def judgments() -> Calls:
    """Return judgments of a role with three policies of ten statements each."""
    bucket, key = "arn:aws:s3:::images", "arn:aws:s3:::images/photos/2026/beach.jpg"
    others = [
        allow(f"dynamodb:{name}", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{name}")
        for name in ("GetItem", "PutItem", "Query", "Scan", "UpdateItem", "DeleteItem")
    ]
    read = allow(["s3:GetObject", "s3:PutObject"], f"{bucket}/photos/*", Sid="Read")
    own = allow("s3:GetObject", f"{bucket}/${{aws:username}}/*")
    secure = {"Bool": {"aws:SecureTransport": "false"}}
    denied = document(
        {
            "Sid": "DenyPlainHttp",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket, f"{bucket}/*"],
            "Condition": secure,
        }
    )
    identity = Identity([Document(f"p{n}", document(*others, own, read)) for n in range(3)])
    resource = Resource(ACCOUNT, Document("images", denied))
    role = Principal.aws(f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/session")

    def judged(action: str, of: Resource) -> Callable[[], Any]:
        return lambda: judge(
            Request(role, action, key, {"aws:SecureTransport": "true", "aws:username": "none"}),
            identity,
            of,
        )

    return {
        "judgment: role": judged("s3:PutObject", Resource(ACCOUNT)),
        "judgment: role, variables, bucket policy": judged("s3:GetObject", resource),
        "judgment: role, denied": judged("s3:DeleteObject", resource),
    }


def cost_of(call: Callable[[], Any], count: int) -> float:
    """Return the CPU seconds of a call: the median of rounds of ``count``."""
    rounds = []
    for _ in range(11):
        begin = time.process_time()
        for _ in range(count):
            call()
        rounds.append((time.process_time() - begin) / count)
    return statistics.median(rounds)


def calls_of(running: LocalStack) -> Calls:
    """Create resources, and return requests to them: of a role and of the root user."""
    name = "bench-iam"
    s3, sqs, dynamodb = (running.client(each) for each in ("s3", "sqs", "dynamodb"))
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="key", Body=b"data")
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
    )
    role = Iam(running).session(
        allow("s3:GetObject", f"arn:aws:s3:::{name}/*"),
        allow("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"),
        allow("dynamodb:GetItem", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{name}"),
    )
    calls: Calls = {}
    for who, caller in (("role", role), ("root", running)):
        calls |= requests_of(who, caller, name, queue)
    return calls


def requests_of(who: str, caller: Caller | LocalStack, name: str, queue: str) -> Calls:
    """Return requests of a caller."""
    s3, sqs, dynamodb = (caller.client(each) for each in ("s3", "sqs", "dynamodb"))
    return {
        f"{who}: DynamoDB GetItem": lambda: dynamodb.get_item(
            TableName=name, Key={"key": {"S": "x"}}
        ),
        f"{who}: SQS SendMessage": lambda: sqs.send_message(QueueUrl=queue, MessageBody="x"),
        f"{who}: S3 HeadObject": lambda: s3.head_object(Bucket=name, Key="key"),
    }


def measure(running: LocalStack, call: Callable[[], Any], count: int) -> float:
    """Return the emulator's CPU time of a call in milliseconds."""
    process = psutil.Process(running.process.pid)
    before = process.cpu_times()
    for _ in range(count):
        call()
    after = process.cpu_times()
    return (after.user - before.user + after.system - before.system) * 1000 / count


if __name__ == "__main__":
    main()
