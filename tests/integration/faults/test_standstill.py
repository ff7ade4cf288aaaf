"""A cloud that stands still for seconds, in a LocalStack of its own: others would notice."""

import signal
from pathlib import Path
from threading import Event

from tests.deployed import leading_to
from tests.integration.localstack import LocalStack

from .conftest import IN_BATCHES, staged
from .director import Director
from .test_batches import check_all, put_all

COUNT = 100


def test_a_cloud_that_stands_still(director: Director, tmp_path: Path) -> None:
    """Functions whose calls hang for seconds, and a queue that nobody looks at, lose nothing."""
    with LocalStack.started(tmp_path) as localstack:
        localstack.wait_until_healthy()
        with leading_to(localstack):
            stage = staged(director, IN_BATCHES)
            keys = [f"still/{number}.png" for number in range(COUNT)]
            put_all(stage, keys)
            stage.wait_until(
                lambda: sum(bool(director.steps(key, "invocation")) for key in keys) > COUNT / 3
            )
            localstack.process.send_signal(signal.SIGSTOP)
            try:
                Event().wait(5)  # the fault itself
            finally:
                localstack.process.send_signal(signal.SIGCONT)
            check_all(stage, "still/", COUNT)
