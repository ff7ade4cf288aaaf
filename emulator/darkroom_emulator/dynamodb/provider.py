"""The DynamoDB provider that ``PROVIDER_OVERRIDE_DYNAMODB=moto`` chooses."""

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any

from localstack.aws.api.dynamodb import DynamodbApi
from localstack.services.plugins import Service, ServiceLifecycleHook, aws_provider

from darkroom_emulator.dynamodb.time_to_live import Sweeper


class MotoDynamoDB(DynamodbApi, ServiceLifecycleHook):
    """Every operation is moto's; what moto lacks is added beside it."""

    def __init__(self) -> None:
        self._sweeper = Sweeper.from_environment()

    def on_before_start(self) -> None:
        """Begin to delete what has expired."""
        self._sweeper.start()

    def on_before_stop(self) -> None:
        """End with LocalStack."""
        self._sweeper.stop()


@aws_provider(api="dynamodb", name="moto")
def dynamodb_on_moto() -> Service:
    """Make the service; LocalStack calls this at the first request."""
    from localstack.services.moto import MotoFallbackDispatcher

    def one_at_a_time(provider: Any) -> dict[str, Callable[..., Any]]:
        """Make every operation atomic, as DynamoDB's are.

        moto writes an item field by field into the one that readers see, and looks at conditions
        apart from that. It works in Python alone, so that nothing is lost by waiting.
        """
        lock = Lock()

        def locked(operation: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(operation)
            def run(*arguments: Any, **named: Any) -> Any:
                with lock:
                    return operation(*arguments, **named)

            return run

        table = MotoFallbackDispatcher(provider)
        return {name: locked(operation) for name, operation in table.items()}

    provider = MotoDynamoDB()
    return Service.for_provider(provider, dispatch_table_factory=one_at_a_time)
