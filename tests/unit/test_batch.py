"""What becomes of the messages of one invocation."""

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from processor import batch as module
from processor.batch import MAX_ATTEMPTS, Batch
from processor.claims import Claim
from processor.errors import BusyError, OutOfTimeError
from processor.events import Change, MalformedMessageError
from processor.pipeline import TOO_COSTLY, Delivery

Act = Callable[[Change], None]


@dataclass
class Recorder:
    """Plays the pipeline: does to each key what it is told to, and remembers in which order."""

    acts: dict[str, Act] = field(default_factory=dict)
    deaths: dict[str, int] = field(default_factory=dict)
    claimed: list[str] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    foretold: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    given_back: list[str] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.settings = SimpleNamespace(raw_bucket="raw", queue_url="queue")
        self.claims = SimpleNamespace(
            give_back=lambda claim, _reason: self.given_back.append(claim.change.key)
        )

    def claim(self, change: Change, delivery: Delivery) -> Claim | None:
        """Claim anything but what is named so."""
        self.claimed.append(change.key)
        self.deliveries.append(delivery)
        if change.key == "nothing to do":
            return None
        if change.key == "busy":
            raise BusyError(40)
        if change.key == "malformed":
            raise MalformedMessageError("There is no such recipe.")
        return Claim(change, "me", self.deaths.get(change.key, 0), is_first=True)

    def complete(self, claim: Claim, _delivery: Delivery) -> None:
        """Do what is to be done with the key."""
        key = claim.change.key
        self.completed.append(key)
        if act := self.acts.get(key):
            act(claim.change)

    def foretell(self, claim: Claim) -> None:
        """Remember."""
        self.foretold.append(claim.change.key)

    def fail(self, claim: Claim, failure: Any) -> None:
        """Remember."""
        self.failed.append((claim.change.key, failure.code))


class Queue:
    """Remembers when messages are to be visible again."""

    def __init__(self) -> None:
        self.visible: dict[str, int] = {}
        self.is_broken = False

    def change_message_visibility(
        self,
        QueueUrl: str,  # noqa: N803
        ReceiptHandle: str,  # noqa: N803
        VisibilityTimeout: int,  # noqa: N803
    ) -> None:
        """ChangeMessageVisibility."""
        assert QueueUrl == "queue"
        if self.is_broken:
            raise RuntimeError("broken")
        self.visible[ReceiptHandle.removeprefix("receipt of ")] = VisibilityTimeout


def raises(error: BaseException) -> Act:
    """Something that goes wrong."""

    def act(_change: Change) -> None:
        raise error

    return act


def message(*keys: str, number: int = 1, sequencer: str = "1") -> dict[str, Any]:
    """What Lambda hands over for a message about these keys; its id is the first."""
    records = [
        {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "eventTime": "2026-05-01T12:00:00.000Z",
            "eventName": "ObjectCreated:Put",
            "s3": {
                "bucket": {"name": "raw"},
                "object": {"key": key, "size": 1, "eTag": "e", "sequencer": sequencer},
            },
        }
        for key in keys
    ]
    return raw(keys[0] + (sequencer if sequencer != "1" else ""), {"Records": records}, number)


def raw(name: str, body: object, number: int = 1) -> dict[str, Any]:
    """The same for any body."""
    return {
        "messageId": name,
        "receiptHandle": f"receipt of {name}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"ApproximateReceiveCount": str(number)},
    }


@pytest.fixture
def queue() -> Queue:
    """Give a queue."""
    return Queue()


def run(
    pipeline: Recorder,
    queue: Queue,
    *messages: dict[str, Any],
    threads: int = 1,
    remaining: Callable[[], float] = lambda: 60.0,
) -> list[str]:
    """Work on a batch; answers what is to come again."""
    return Batch(pipeline, queue, remaining, threads).run(messages)  # type: ignore[arg-type]


def test_every_change_is_worked_on(queue: Queue) -> None:
    """All records of all messages; none is to come again."""
    pipeline = Recorder()
    assert run(pipeline, queue, message("a"), message("b", "c"), message("nothing to do")) == []
    assert pipeline.completed == ["a", "b", "c"]
    assert queue.visible == {}


def test_one_failure_does_not_touch_its_batch_mates(queue: Queue) -> None:
    """Only the message that failed is to come again, all of it."""
    pipeline = Recorder({"b": raises(RuntimeError("broken"))})
    again = run(pipeline, queue, message("a"), message("b", "c"), message("d"))
    assert again == ["b"]
    assert pipeline.completed == ["a", "b", "c", "d"]


@pytest.mark.parametrize(("number", "least", "most"), [(1, 2, 8), (2, 10, 30)])
def test_a_failed_message_waits_longer_each_time(
    number: int, least: int, most: int, queue: Queue
) -> None:
    """About 5 and then 20 seconds, and not all at the same time."""
    waits = set()
    for _ in range(100):
        run(Recorder({"a": raises(RuntimeError())}), queue, message("a", number=number))
        waits.add(queue.visible["a"])
    assert least <= min(waits) < max(waits) <= most


def test_a_message_that_failed_for_the_last_time(queue: Queue) -> None:
    """It need not wait for the dead-letter queue."""
    run(Recorder({"a": raises(RuntimeError())}), queue, message("a", number=3))
    assert queue.visible == {"a": 0}


def test_what_came_most_often_is_first(queue: Queue) -> None:
    """It has the most of the function's time, and is begun even if there is little of it."""
    left = iter([60.0])
    pipeline = Recorder()
    messages = [message("a"), message("b", number=3), message("c", number=2)]
    again = run(pipeline, queue, *messages, remaining=lambda: next(left, 5.0))
    assert (pipeline.completed, again) == (["b"], ["c", "a"])


def test_the_last_delivery_is_known(queue: Queue) -> None:
    """It is the third: after it the queue gives the message to the dead-letter queue."""
    pipeline = Recorder()
    numbers = range(1, MAX_ATTEMPTS + 2)
    run(pipeline, queue, *(message(str(number), number=number) for number in numbers))
    assert [each.is_last for each in pipeline.deliveries] == [True, True, False, False]


@pytest.mark.parametrize("body", ["nonsense", {"Records": [{}]}, {}])
def test_a_malformed_message_goes_its_way_at_once(
    body: object, queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody can act on it: it comes again without delay, and so to the dead-letter queue."""
    assert run(Recorder(), queue, raw("m", body), message("a")) == ["m"]
    assert queue.visible == {"m": 0}
    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert record.message_id == "m"  # type: ignore[attr-defined]
    assert record.reason  # type: ignore[attr-defined]


def test_a_request_that_cannot_be_met(queue: Queue) -> None:
    """The same goes for what only the pipeline can know to be wrong."""
    assert run(Recorder(), queue, message("malformed")) == ["malformed"]
    assert queue.visible == {"malformed": 0}


def test_a_message_without_work_is_counted(queue: Queue, caplog: pytest.LogCaptureFixture) -> None:
    """S3's test event is dropped, with a warning."""
    assert run(Recorder(), queue, raw("m", {"Event": "s3:TestEvent"})) == []
    assert [each.getMessage() for each in caplog.records] == ["nothing to do"]


def test_what_another_delivery_works_on(queue: Queue) -> None:
    """The message comes again when that one has ended for certain."""
    assert run(Recorder(), queue, message("busy")) == ["busy"]
    assert queue.visible == {"busy": 40}


def test_the_newest_change_of_a_key_comes_first(queue: Queue) -> None:
    """The older ones in the batch have nothing to do then."""
    seen: list[str] = []
    pipeline = Recorder({"a": lambda change: seen.append(change.sequencer[0])})
    run(pipeline, queue, *(message("a", sequencer=each) for each in ("2", "3", "1")), threads=3)
    assert seen == ["3", "2", "1"]


def test_several_are_worked_on_at_once(queue: Queue) -> None:
    """As many as there are threads."""
    together = threading.Barrier(3, timeout=10)

    def meet(_change: Change) -> None:
        together.wait()

    pipeline = Recorder(dict.fromkeys("abc", meet))
    assert run(pipeline, queue, message("a"), message("b"), message("c"), threads=3) == []


def test_time_that_runs_short(queue: Queue) -> None:
    """What was not begun comes again at once; what was begun is brought to its end."""
    left = iter([60.0, 60.0, 60.0, 14.0, 14.0, 14.0])
    pipeline = Recorder()
    again = run(pipeline, queue, *map(message, "abc"), remaining=lambda: next(left, 14.0))
    assert pipeline.completed in (["a"], ["a", "b"])
    assert again == [each for each in "abc" if each not in pipeline.completed]
    assert set(queue.visible.values()) == {0}


def test_a_picture_that_ran_out_of_time(queue: Queue) -> None:
    """It comes again at once: another invocation has all of its time."""
    pipeline = Recorder({"a": raises(OutOfTimeError("Too late."))})
    assert run(pipeline, queue, message("a")) == ["a"]
    assert queue.visible == {"a": 0}


def test_what_may_have_killed_a_function_comes_last(queue: Queue) -> None:
    """And alone, the likeliest after all others; nothing else is held that a death would count."""
    pipeline = Recorder(deaths={"b": 2, "c": 1})
    assert run(pipeline, queue, *map(message, "bcad")) == []
    assert pipeline.completed == ["a", "d", "c", "b"]
    assert pipeline.claimed == ["b", "c", "a", "d", "c", "b"]
    assert (pipeline.foretold, pipeline.given_back) == ([], ["c", "b"])


def test_a_last_attempt_may_not_live_to_tell(queue: Queue) -> None:
    """The failure of what may kill is recorded before anything of the kind is begun."""
    order: list[str] = []
    pipeline = Recorder(
        dict.fromkeys("ab", lambda change: order.append(change.key)), deaths={"a": 2, "b": 2}
    )
    pipeline.foretell = lambda claim: order.append(f"foretold {claim.change.key}")  # type: ignore[method-assign]
    run(pipeline, queue, message("a", number=3), message("b", number=3), message("c", number=3))
    assert order == ["foretold a", "foretold b", "a", "b"]


def test_memory_that_does_not_suffice(queue: Queue) -> None:
    """A picture is tried once more, alone; then it is too costly."""
    tries = iter([MemoryError(), None])

    def once(_change: Change) -> None:
        if error := next(tries):
            raise error

    pipeline = Recorder({"a": once, "b": raises(MemoryError())})
    assert run(pipeline, queue, message("a"), message("b"), message("c")) == []
    assert pipeline.completed == ["a", "b", "c", "a", "b"]
    assert pipeline.failed == [("b", TOO_COSTLY.code)]


def test_no_time_for_what_may_kill(queue: Queue) -> None:
    """Its claim is given back, so that the next delivery can begin at once."""
    left = iter([60.0, 60.0])
    pipeline = Recorder(deaths={"a": 1})
    assert run(pipeline, queue, message("a"), remaining=lambda: next(left, 5.0)) == ["a"]
    assert (pipeline.completed, pipeline.given_back) == ([], ["a"])


def test_a_queue_that_does_not_answer(queue: Queue, caplog: pytest.LogCaptureFixture) -> None:
    """The message comes again all the same, after the queue's own visibility timeout."""
    queue.is_broken = True
    assert run(Recorder({"a": raises(RuntimeError())}), queue, message("a")) == ["a"]
    assert "visibility not changed" in [each.getMessage() for each in caplog.records]


def test_nothing_at_all_goes_wrong_unseen(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of the batch's own fails the whole invocation, rather than lose a message."""
    monkeypatch.setattr(module.Batch, "_guard", None)
    with pytest.raises(TypeError):
        run(Recorder(), queue, message("a"))
