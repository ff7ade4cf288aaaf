"""What becomes of the messages of one invocation."""

import logging
import threading

import pytest

from processor.change import Change
from processor.sqs import batch as module
from tests.speed import LIMIT
from tests.unit.processor.sqs.batches import (
    Queue,
    Recorder,
    message,
    raises,
    raw,
    run,
)


@pytest.fixture
def queue() -> Queue:
    """Give a queue."""
    return Queue()


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
    numbers = range(1, 5)
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
    together = threading.Barrier(3, timeout=LIMIT)

    def meet(_change: Change) -> None:
        together.wait()

    pipeline = Recorder(dict.fromkeys("abc", meet))
    assert run(pipeline, queue, message("a"), message("b"), message("c"), threads=3) == []


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
