"""The DynamoDB provider that ``PROVIDER_OVERRIDE_DYNAMODB=moto`` chooses."""

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

    provider = MotoDynamoDB()
    return Service.for_provider(provider, dispatch_table_factory=MotoFallbackDispatcher)
