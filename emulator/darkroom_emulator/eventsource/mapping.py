"""The life of an event source mapping."""

import threading
from typing import Any, ClassVar

from localstack.services.lambda_.event_source_mapping.esm_worker import EsmState, EsmWorker

from darkroom_emulator.eventsource.scaling import concurrency
from darkroom_emulator.eventsource.sqs import ConcurrentSqsPoller


class Mapping(EsmWorker):
    """A mapping as it is now: LocalStack makes a new one at each update, and stops the old one.

    The old one may have batches to finish. Meanwhile it has no say in the mapping's state any more,
    but a mapping that was disabled is ``Disabling`` until they are done; one that was deleted is
    ``Deleting``, and then gone.
    """

    _all: ClassVar[threading.RLock] = threading.RLock()
    _now: ClassVar[dict[str, "Mapping"]] = {}
    """By UUID, the one that was made last."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._is_running = self._is_deleted = False
        if isinstance(self.poller, ConcurrentSqsPoller):
            self.poller.prepare(self.uuid, concurrency(self.esm_config), self._shutdown_event)

    def create(self) -> None:
        """Take over from the one before."""
        with self._all:
            before = self._now.get(self.uuid)
            self._now[self.uuid] = self
            self._is_running = self.enabled
            super().create()  # type: ignore[no-untyped-call]
            if not self.enabled and before and before._is_running:  # noqa: SLF001 (its like)
                self._become(EsmState.DISABLING)

    def delete(self) -> None:
        """Go when all batches are done; at once if nothing runs, which LocalStack would forget."""
        with self._all:
            self._is_deleted = True
            super().delete()  # type: ignore[no-untyped-call]
            if not self._is_running:
                self._forget()

    def poller_loop(self, *arguments: Any, **named: Any) -> None:
        """Poll until stopped, and finish."""
        try:
            super().poller_loop(*arguments, **named)  # type: ignore[no-untyped-call]
        finally:
            self._end()

    def _end(self) -> None:
        with self._all:
            self._is_running = False
            now = self._now.get(self.uuid)
            if now is self and self._is_deleted:
                self._forget()
            elif now and now is not self and now.current_state == EsmState.DISABLING:
                now._become(EsmState.DISABLED)  # noqa: SLF001 (its like)

    def update_esm_state_in_store(self, new_state: EsmState) -> None:
        """Say what is shown of the mapping, unless another one does."""
        if self._now.get(self.uuid) is self:
            super().update_esm_state_in_store(new_state)

    def _become(self, state: EsmState) -> None:
        self.current_state = state
        self.update_esm_state_in_store(state)

    def _forget(self) -> None:
        self.delete_esm_in_store()  # type: ignore[no-untyped-call]
        self._now.pop(self.uuid, None)
