"""Kills during saves: the restored state is consistent, and not older than the last save."""

import random
import signal
import threading
import time
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.speed import NIGHTLY

from .localstack import LocalStack
from .persistence import PersistentLocalStack

ROUNDS = 20 if NIGHTLY else 5
SIZE = 100_000


class Counting:
    """A client that increments a count, first in an item and then in an object, until LocalStack
    ends.
    """

    def __init__(self, localstack: LocalStack, start: int) -> None:
        self.done = start
        self._dynamodb, self._s3 = localstack.client("dynamodb"), localstack.client("s3")
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            while True:
                number = self.done + 1
                item = {"k": {"S": "count"}, "n": {"N": str(number)}}
                self._dynamodb.put_item(TableName="t", Item=item)
                self._s3.put_object(Bucket="state-in", Key="count", Body=content(number))
                self.done = number
        except (BotoCoreError, ClientError):
            return

    def join(self) -> None:
        """Wait until the thread has noticed that LocalStack ended."""
        self._thread.join(60)
        assert not self._thread.is_alive()


class Saving:
    """A client that takes snapshots continuously, and records the count that each must contain."""

    def __init__(self, persistent: PersistentLocalStack, counting: Counting) -> None:
        self.saved = counting.done
        self.snapshots = 0
        self._persistent, self._counting = persistent, counting
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            while True:
                number = self._counting.done
                self._persistent.request_state("POST")
                self.saved = number
                self.snapshots += 1
        except OSError:
            return

    def join(self) -> None:
        """Wait until the thread has noticed that LocalStack ended."""
        self._thread.join(60)
        assert not self._thread.is_alive()


def content(number: int) -> bytes:
    """Return an object's content, which shows whether it is complete."""
    return f"{number:09}".encode() * (SIZE // 9)


def counted(localstack: LocalStack) -> tuple[int, int]:
    """Return the counts in the item and in the object."""
    item: Any = localstack.client("dynamodb").get_item(TableName="t", Key={"k": {"S": "count"}})
    data = localstack.client("s3").get_object(Bucket="state-in", Key="count")["Body"].read()
    number = int(data[:9])
    assert data == content(number)
    return int(item["Item"]["n"]["N"]), number


def test_kills_during_saves(tmp_path: Path) -> None:
    """After a kill at any time during saves and writes, the counts in item and object are
    consistent, at least that of the last finished save and at most the last one written.
    """
    persistent = PersistentLocalStack(tmp_path)
    with persistent.start() as localstack:
        localstack.client("dynamodb").create_table(
            TableName="t", BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        )  # fmt: skip
        localstack.client("s3").create_bucket(Bucket="state-in")
        item = {"k": {"S": "count"}, "n": {"N": "0"}}
        localstack.client("dynamodb").put_item(TableName="t", Item=item)
        localstack.client("s3").put_object(Bucket="state-in", Key="count", Body=content(0))
    chance = random.Random(7)
    least, most, snapshots = 0, 0, 0
    for _ in range(ROUNDS):
        with persistent.start() as localstack:
            in_item, in_object = counted(localstack)
            assert in_item - in_object in (0, 1)
            assert least <= in_object
            assert in_item <= most + 1
            counting = Counting(localstack, in_object)
            saving = Saving(persistent, counting)
            time.sleep(chance.uniform(0.3, 0.6))  # any moment will do: it saves all the time
            localstack.stop(signal.SIGKILL)
            counting.join()
            saving.join()
            least, most = saving.saved, counting.done
            snapshots += saving.snapshots
    with persistent.start() as localstack:
        in_item, in_object = counted(localstack)
        assert in_item - in_object in (0, 1)
        assert least <= in_object <= in_item <= most + 1
    assert not (persistent.state / "aside").exists()
    assert snapshots > ROUNDS
