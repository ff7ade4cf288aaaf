"""What becomes of messages when time, memory or the function itself comes to an end."""

import pytest

from processor.change import Change
from processor.errors import TOO_COSTLY, OutOfTimeError
from tests.unit.processor.sqs.batches import (
    Queue,
    Recorder,
    message,
    raises,
    run,
)


@pytest.fixture
def queue() -> Queue:
    """Give a queue."""
    return Queue()


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
    pipeline = Recorder(crashes={"b": 2, "c": 1})
    assert run(pipeline, queue, *map(message, "bcad")) == []
    assert pipeline.completed == ["a", "d", "c", "b"]
    assert pipeline.claimed == ["b", "c", "a", "d", "c", "b"]
    assert (pipeline.failed_in_advance, pipeline.released) == ([], ["c", "b"])


def test_a_last_attempt_may_not_live_to_tell(queue: Queue) -> None:
    """The failures of last attempts are recorded before anything is begun."""
    order: list[str] = []
    pipeline = Recorder(
        dict.fromkeys("abcd", lambda change: order.append(change.key)), crashes={"a": 2, "b": 2}
    )
    pipeline.fail_in_advance = lambda job, failure: order.append(  # type: ignore[method-assign]
        f"{failure.code} {job.claim.change.key}"
    )
    last = [message(key, number=3) for key in "abc"]
    run(pipeline, queue, message("d"), *last)
    assert order == ["too-costly a", "too-costly b", "gave-up c", "c", "d", "a", "b"]
    assert pipeline.claimed == ["a", "b", "c", "d"]


def test_a_last_attempt_that_cannot_be_claimed_is_not_begun(queue: Queue) -> None:
    """Its message goes to the dead-letter queue."""
    pipeline = Recorder()
    assert run(pipeline, queue, *(message(key, number=3) for key in ("busy", "a"))) == ["busy"]
    assert pipeline.claimed == ["busy", "a"]
    assert pipeline.completed == ["a"]


def test_a_message_that_names_a_change_twice_claims_it_twice(queue: Queue) -> None:
    """The job of a last receive is completed once; the second claim finds a duplicate."""
    pipeline = Recorder()
    run(pipeline, queue, message("a", "a", number=3))
    assert pipeline.claimed == ["a", "a"]


def test_an_older_last_attempt_follows_the_newer(queue: Queue) -> None:
    """Both messages are received, and both are claimed, the newer first."""
    pipeline = Recorder()
    run(pipeline, queue, message("a", number=3), message("a", number=3, sequencer="2"))
    assert [each.message for each in pipeline.deliveries] == ["a2", "a"]


@pytest.mark.parametrize(("number", "recorded"), [(3, [("a", "gave-up")]), (2, [])])
def test_a_last_attempt_may_be_cut_off(
    queue: Queue, number: int, recorded: list[tuple[str, str]]
) -> None:
    """Its failure is recorded before, whatever the attempts before ended with."""
    pipeline = Recorder()
    run(pipeline, queue, message("a", number=number))
    assert pipeline.completed == ["a"]
    assert pipeline.failed_in_advance == recorded


@pytest.mark.parametrize(("number", "completed"), [(3, ["a"]), (2, [])])
def test_a_last_attempt_begins_with_little_time(
    queue: Queue, number: int, completed: list[str]
) -> None:
    """No other one follows."""
    left = iter([60.0])
    pipeline = Recorder()
    run(pipeline, queue, message("a", number=number), remaining=lambda: next(left, 5.0))
    assert pipeline.completed == completed


def test_an_attempt_is_made_though_its_failure_cannot_be_recorded_before(queue: Queue) -> None:
    """The catalog may refuse it for a moment; the attempt may go well all the same."""
    pipeline = Recorder()
    pipeline.fail_in_advance = lambda job, failure: raises(  # type: ignore[method-assign]
        RuntimeError(failure.code)
    )(job.claim.change)
    assert run(pipeline, queue, message("a", number=3)) == ["a"]
    assert pipeline.completed == ["a"]


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
    pipeline = Recorder(crashes={"a": 1})
    assert run(pipeline, queue, message("a"), remaining=lambda: next(left, 5.0)) == ["a"]
    assert (pipeline.completed, pipeline.released) == ([], ["a"])
