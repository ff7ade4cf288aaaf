"""The execution environments of functions, which several threads list and add."""

from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import contextmanager, nullcontext
from typing import Any

from localstack.aws.api.lambda_ import ProvisionedConcurrencyStatusEnum

from localstack_native.awslambda.debugger import debuggers


class _Environments(dict[str, Any]):
    """Environments by their ids, which LocalStack lists while other threads add some."""

    def values(self) -> list[Any]:  # type: ignore[override]
        """Return those of now."""
        return list(super().values())


@contextmanager
def get_environment(get: Any, self: Any, manager: str, version: Any, kind: Any) -> Iterator[Any]:
    """Yield an environment of a function; a debugged function has one environment at a time."""
    self.environments.setdefault(manager, _Environments())
    debugger = debuggers().get(version.id.function_name)
    with (
        debugger.turn if debugger else nullcontext(),
        get(self, manager, version, kind) as environment,
    ):
        yield environment


def update_provisioned_concurrency(update: Any, self: Any, count: int) -> Any:
    """Return a future; without environments, when the last has ended.

    LocalStack forgets a change that begins earlier, and reports the state before a change until the
    change is made.
    """
    with self.provisioned_state_lock:
        state = self.provisioned_state
        if count and state and state.status != ProvisionedConcurrencyStatusEnum.IN_PROGRESS:
            self.provisioned_state = None
    done = update(self, count)
    if count == 0:
        wait([done])
    return done


def scale_provisioned_concurrency(
    scale: Any, self: Any, manager: str, version: Any, count: int
) -> Any:
    """Return the futures of the new environments; without any, those of the old ones' ends.

    LocalStack counts all of them as environments.
    """
    return scale(self, manager, version, count)[: count or None]
