"""Task tokens that are accepted once.

LocalStack accepts a second result until the execution has processed the first, and the second
wins. AWS returns TaskTimedOut for the token of a closed task.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html
"""

from threading import Lock
from typing import Any

from localstack.aws.api.stepfunctions import TaskTimedOut

_lock = Lock()


def notify(notify: Any, self: Any, callback_id: str, outcome: Any) -> bool:
    """Accept the result of a token whose task is open."""
    with _lock:
        endpoint = self.get(callback_id)
        if endpoint is not None and endpoint.get_outcome() is not None:
            raise TaskTimedOut("The task token has expired, or its task has been closed already.")
        return bool(notify(self, callback_id, outcome))
