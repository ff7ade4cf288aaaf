"""The DynamoDB provider that ``PROVIDER_OVERRIDE_DYNAMODB=moto`` selects."""

from functools import wraps
from typing import Any

from localstack.aws.api import RequestContext, ServiceRequest
from localstack.aws.api.core import ServiceRequestHandler
from localstack.aws.api.dynamodb import DynamodbApi
from localstack.http import Response
from localstack.services.plugins import Service, ServiceLifecycleHook

from localstack_native.dynamodb.time_to_live import Sweeper

PAGED = ("Query", "Scan")
"""Operations that hold the lock only while they collect a page's items (see ``reads``)."""

READS = (*PAGED, "GetItem", "BatchGetItem")


class MotoDynamoDB(DynamodbApi, ServiceLifecycleHook):
    """DynamoDB with moto's operations and a time-to-live sweeper."""

    def __init__(self) -> None:
        self._sweeper = Sweeper.from_environment()

    def on_before_start(self) -> None:
        """Start the time-to-live sweeper."""
        self._sweeper.start()

    def on_before_stop(self) -> None:
        """Stop the time-to-live sweeper."""
        self._sweeper.stop()


def service() -> Service:
    """Return the service."""
    from localstack.services.moto import MotoFallbackDispatcher, dispatch_to_moto

    from localstack_native.dynamodb.storage import LOCK

    def locked(operation: ServiceRequestHandler) -> ServiceRequestHandler:
        """Make an operation atomic: moto checks conditions and writes in separate steps."""

        @wraps(operation)
        def run(context: RequestContext, request: ServiceRequest) -> Any:
            with LOCK:
                return operation(context, request)

        return run

    def read(context: RequestContext, request: ServiceRequest) -> Response:  # noqa: ARG001
        """Return moto's response unchanged, without LocalStack's parsing and serialization."""
        response = dispatch_to_moto(context)
        response.content_type = "application/x-amz-json-1.0"
        if response.status_code == 200:
            # Without a service response, LocalStack parses the body.
            context.service_response = {"ResponseMetadata": {}}
        return response

    def table(provider: Any) -> dict[str, ServiceRequestHandler]:
        operations = MotoFallbackDispatcher(provider)
        operations.update(dict.fromkeys(READS, read))
        return {name: each if name in PAGED else locked(each) for name, each in operations.items()}

    return Service.for_provider(MotoDynamoDB(), dispatch_table_factory=table)
