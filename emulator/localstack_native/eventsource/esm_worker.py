"""Event source mapping worker: create, update, disable and delete, with running batches."""

import threading
from typing import Any, ClassVar

from localstack.services.lambda_.event_source_mapping.esm_worker import EsmState, EsmWorker

from localstack_native.eventsource.scaling import concurrency
from localstack_native.eventsource.sqs import ConcurrentSqsPoller
from localstack_native.eventsource.streams import OrderedStreamPoller


class DrainingEsmWorker(EsmWorker):
    """A worker that finishes its running batches after it is stopped.

    LocalStack creates a new worker at each update and stops the old one, which may have running
    batches. The old worker no longer sets the mapping's state, with two exceptions: a disabled
    mapping is ``Disabling`` until the batches are done, and a deleted one is ``Deleting`` and then
    removed.
    """

    _lock: ClassVar[threading.RLock] = threading.RLock()
    _current: ClassVar[dict[str, "DrainingEsmWorker"]] = {}
    """The newest worker of each mapping, by UUID."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._is_running = self._is_deleted = False
        match self.poller:
            case ConcurrentSqsPoller():
                self.poller.prepare(self.uuid, concurrency(self.esm_config), self._shutdown_event)
            case OrderedStreamPoller():
                self.poller.prepare(self.esm_config, self._shutdown_event)

    def create(self) -> None:
        """Replace the previous worker of the mapping."""
        with self._lock:
            previous = self._current.get(self.uuid)
            self._current[self.uuid] = self
            self._is_running = self.enabled
            super().create()  # type: ignore[no-untyped-call]
            if not self.enabled and previous and previous._is_running:  # noqa: SLF001 (another instance)
                self._set_state(EsmState.DISABLING)

    def delete(self) -> None:
        """Remove the mapping when all batches are done; immediately if none runs.

        LocalStack never removes a mapping that does not run.
        """
        with self._lock:
            self._is_deleted = True
            super().delete()  # type: ignore[no-untyped-call]
            if not self._is_running:
                self._remove()

    def poller_loop(self, *arguments: Any, **named: Any) -> None:
        """Poll until stopped, then finish the batches."""
        try:
            super().poller_loop(*arguments, **named)  # type: ignore[no-untyped-call]
        finally:
            self._end()

    def _end(self) -> None:
        with self._lock:
            self._is_running = False
            current = self._current.get(self.uuid)
            if current is self and self._is_deleted:
                self._remove()
            elif current and current is not self and current.current_state == EsmState.DISABLING:
                current._set_state(EsmState.DISABLED)  # noqa: SLF001 (another instance)

    def update_esm_state_in_store(self, new_state: EsmState) -> None:
        """Store the mapping's state, unless a newer worker does."""
        if self._current.get(self.uuid) is self:
            super().update_esm_state_in_store(new_state)

    def _set_state(self, state: EsmState) -> None:
        self.current_state = state
        self.update_esm_state_in_store(state)

    def _remove(self) -> None:
        self.delete_esm_in_store()  # type: ignore[no-untyped-call]
        self._current.pop(self.uuid, None)
        if isinstance(self.poller, OrderedStreamPoller):
            self.poller.forget()
