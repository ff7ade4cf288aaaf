"""Requests that change state, as LocalStack's gateway sees them."""

import threading
from collections.abc import Callable
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.connect import INTERNAL_REQUEST_PARAMS_HEADER
from rolo import Response
from rolo.gateway import HandlerChain

from darkroom_emulator.state.gate import Gate

READ = (
    "Get", "List", "Describe", "Head", "Query", "Scan", "BatchGet", "Lookup", "Search", "Filter",
    "Validate", "Estimate", "Test", "Select", "Simulate",
)  # fmt: skip
"""How operations begin that change nothing."""

LONG = {
    ("lambda", "Invoke"),
    ("lambda", "InvokeWithResponseStream"),
    ("sqs", "ReceiveMessage"),
    ("stepfunctions", "StartSyncExecution"),
}
"""Operations that wait for something, for which no snapshot waits. They change nothing themselves,
but for messages that are received (``guard_received_messages``)."""

OWN_PATH = "/_localstack/"


class Changes:
    """Lets requests through a gate, and notes which services they change."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._lock = threading.Lock()
        self._receiving = threading.local()
        self.services: set[str] = set()

    def wait(
        self,
        chain: HandlerChain[Any],  # noqa: ARG002
        context: RequestContext,
        response: Response,  # noqa: ARG002
    ) -> None:
        """Let nobody ask for what is not there yet: reads and calls of APIs, too."""
        if _is_internal(context) or context.request.path.startswith(OWN_PATH):
            return
        self._gate.wait_until_open()

    def enter(
        self,
        chain: HandlerChain[Any],  # noqa: ARG002
        context: RequestContext,
        response: Response,  # noqa: ARG002
    ) -> None:
        """Pass the gate with a request that changes something."""
        if not (context.service and context.operation):
            return
        service, operation = context.service.service_name, context.operation.name
        if operation.startswith(READ):
            return
        if (service, operation) not in LONG:
            self._gate.enter(is_internal=_is_internal(context))
            setattr(context, MARK, True)
        elif operation == "ReceiveMessage":
            self._receiving.context = context
        with self._lock:
            self.services |= {service}

    def leave(
        self,
        chain: HandlerChain[Any],  # noqa: ARG002
        context: RequestContext,
        response: Response,  # noqa: ARG002
    ) -> None:
        """Say that it is done."""
        self._receiving.context = None
        if getattr(context, MARK, False):
            setattr(context, MARK, False)
            self._gate.leave()

    def guard_received_messages(self) -> None:
        """Let who waits for a message pass the gate when there is one.

        From then on the message is neither visible nor in flight, until it is received.
        """
        from localstack.services.sqs import queue

        def guarded(take: Callable[..., Any]) -> Callable[..., Any]:
            def get(messages: Any) -> Any:
                context = getattr(self._receiving, "context", None)
                if context and not getattr(context, MARK, False):
                    self._gate.enter(is_internal=True)
                    setattr(context, MARK, True)
                return take(messages)

            return get

        for kind in (queue.InterruptiblePriorityQueue, queue.InterruptibleQueue):
            place: Any = kind
            place._get = guarded(place._get)  # noqa: SLF001 (what both kinds of ``get`` end with)


MARK = "emulator_state_is_inside"


def _is_internal(context: RequestContext) -> bool:
    return INTERNAL_REQUEST_PARAMS_HEADER in context.request.headers
