"""Asynchronous invocations: those that an update of their function interrupts are not delayed.

An update replaces a function's poller. What the old one has received meanwhile, and does not begin,
LocalStack leaves hidden for the function's timeout and another minute.
"""

import logging
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Future

LOG = logging.getLogger(__name__)

WAIT_SECONDS = 2
BATCH = 10
MARGIN_SECONDS = 60
"""How much longer than a function may run an invocation is hidden, as in LocalStack."""
PAUSE_SECONDS = 1.0
"""Pause after an error, which would repeat at once."""


def run(_run: Any, self: Any, *_args: Any, **_kwargs: Any) -> None:
    """Poll a function's events until the poller is stopped; return what it does not begin."""
    from localstack.services.lambda_.invocation.event_manager import get_sqs_client

    version = self.version_manager.function_version
    client = get_sqs_client(version)
    queue = client.queue_manager.get_queue(self.event_queue_url)
    while not self._shutdown_event.is_set():
        try:
            found = client.receive_message(
                QueueUrl=self.event_queue_url,
                WaitTimeSeconds=WAIT_SECONDS,
                MaxNumberOfMessages=BATCH,
                VisibilityTimeout=version.config.timeout + MARGIN_SECONDS,
            )
            for message in found["Messages"] or ():
                _begin(self, queue, message)
        except Exception:
            if not self._shutdown_event.is_set():
                LOG.exception("The events of %s are not polled", version.qualified_arn)
                time.sleep(PAUSE_SECONDS)


def _begin(poller: Any, queue: Any, message: dict[str, Any]) -> None:
    def show(future: "Future[None] | None" = None) -> None:
        if future is None or future.cancelled():
            queue.update_visibility_timeout(message["ReceiptHandle"], 0)

    try:
        poller.invoker_pool.submit(poller.handle_message, message).add_done_callback(show)
    except RuntimeError:  # the pool has been shut down
        show()
