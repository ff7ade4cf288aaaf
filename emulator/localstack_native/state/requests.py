"""Gateway handlers that track requests that change state."""

import threading
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

READ_OF = {
    "acm": ("Export",),
    "cloudformation": ("BatchDescribe",),
    "dynamodb": ("TransactGet",),
    "kinesis": ("SubscribeTo",),
    "kms": ("Decrypt", "Derive", "Encrypt", "GenerateDataKey", "GenerateMac", "GenerateRandom",
            "ReEncrypt", "Sign", "Verify"),
    "rekognition": ("Compare", "Detect", "Recognize"),
    "sns": ("CheckIf",),
    "sts": ("Decode",),
    "swf": ("Count",),
}  # fmt: skip
"""More of them, of single services: elsewhere, operations with these prefixes change state."""

LONG = {
    ("lambda", "Invoke"),
    ("lambda", "InvokeWithResponseStream"),
    ("sqs", "ReceiveMessage"),
    ("stepfunctions", "StartSyncExecution"),
}
"""Long-running operations, for which snapshots do not wait. They change no state themselves, except
by receiving messages (``take_message``)."""

OWN_PATH = "/_localstack/"


class Changes:
    """Passes requests through the gate, and records the services that they change."""

    def __init__(self, gate: QuiesceGate) -> None:
        self._gate = gate
        self._lock = threading.Lock()
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
        if operation.startswith(READ + READ_OF.get(service, ())):
            return
        if (service, operation) not in LONG:
            self._gate.enter(is_internal=_is_internal(context))
            setattr(context, MARK, True)
        elif operation == "ReceiveMessage":
            _receiving.request = (self._gate, context)
        with self._lock:
            self.services |= {service}

    def leave(
        self,
        chain: HandlerChain[Any],  # noqa: ARG002
        context: RequestContext,
        response: Response,  # noqa: ARG002
    ) -> None:
        """Leave the gate when the request is finished."""
        _receiving.request = None
        if getattr(context, MARK, False):
            setattr(context, MARK, False)
            self._gate.leave()


def take_message(take: Any, messages: Any) -> Any:
    """Take a message from a queue, inside the gate if a ReceiveMessage has waited for it.

    Until the message is received, it is neither visible nor in flight.
    """
    gate, context = getattr(_receiving, "request", None) or (None, None)
    if gate and not getattr(context, MARK, False):
        gate.enter(is_internal=True)
        setattr(context, MARK, True)
    return take(messages)


_receiving = threading.local()
MARK = "emulator_state_is_inside"


def _is_internal(context: RequestContext) -> bool:
    return INTERNAL_REQUEST_PARAMS_HEADER in context.request.headers
