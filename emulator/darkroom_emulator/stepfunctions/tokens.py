"""Task tokens serve once.

LocalStack takes a second answer until the execution has woken up to the first, and the second wins.
AWS says of a token whose task is closed that it has timed out.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html
"""

from threading import Lock
from typing import Any

from localstack.runtime import hooks


@hooks.on_infra_start()
def take_the_first_answer() -> None:
    """Let each token be answered once."""
    from localstack.aws.api.stepfunctions import TaskTimedOut
    from localstack.services.stepfunctions.asl.eval.callback import callback

    manager: Any = callback.CallbackPoolManager
    notify = manager.notify
    lock = Lock()

    def notify_once(self: Any, callback_id: str, outcome: Any) -> bool:
        with lock:
            endpoint = self.get(callback_id)
            if endpoint is not None and endpoint.get_outcome() is not None:
                raise TaskTimedOut(
                    "The task token has expired, or its task has been closed already."
                )
            return bool(notify(self, callback_id, outcome))

    manager.notify = notify_once
