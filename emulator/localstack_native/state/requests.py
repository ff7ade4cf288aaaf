"""Gateway handlers that track requests that change state."""

import threading
from collections.abc import Callable
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.connect import INTERNAL_REQUEST_PARAMS_HEADER
from rolo import Response
from rolo.gateway import HandlerChain

from localstack_native.state.quiesce_gate import QuiesceGate

READ = (
    "Get", "List", "Describe", "Head", "Query", "Scan", "BatchGet", "Lookup", "Search", "Filter",
    "Validate", "Estimate", "Test", "Select", "Simulate",
)  # fmt: skip
"""Prefixes of operations that change nothing."""

LONG = {
    ("lambda", "Invoke"),
    ("lambda", "InvokeWithResponseStream"),
    ("sqs", "ReceiveMessage"),
    ("stepfunctions", "StartSyncExecution"),
}
"""Long-running operations, for which snapshots do not wait. They change no state themselves, except
by receiving messages (``guard_received_messages``)."""

OWN_PATH = "/_localstack/"


class Changes:
    """Passes requests through the gate, and records the services that they change."""

    def __init__(self, gate: QuiesceGate) -> None:
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
        """Hold all requests, including reads and API calls, until the state is restored."""
        if _is_internal(context) or context.request.path.startswith(OWN_PATH):
            return
        self._gate.wait_until_open()

    def enter(
        self,
        chain: HandlerChain[Any],  # noqa: ARG002
        context: RequestContext,
        response: Response,  # noqa: ARG002
    ) -> None:
        """Pass the gate if the request changes state."""
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
        """Leave the gate when the request is finished."""
        self._receiving.context = None
        if getattr(context, MARK, False):
            setattr(context, MARK, False)
            self._gate.leave()

    def guard_received_messages(self) -> None:
        """Pass the gate when a waiting ReceiveMessage takes a message from its queue.

        Until the message is received, it is neither visible nor in flight.
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
            patched: Any = kind
            patched._get = guarded(patched._get)  # noqa: SLF001 (both kinds of ``get`` call it)


MARK = "emulator_state_is_inside"


def _is_internal(context: RequestContext) -> bool:
    return INTERNAL_REQUEST_PARAMS_HEADER in context.request.headers
