"""The SQS provider that ``PROVIDER_OVERRIDE_SQS=extended`` selects."""

from localstack.services.plugins import Service
from localstack.services.sqs.provider import SqsProvider

from localstack_native.sqs.age import QueueAgeWorker
from localstack_native.sqs.redrive import MessageRedriveManager


class ExtendedSqs(SqsProvider):
    """SQS with redrives that reset messages, and with the metric of the oldest message's age."""

    def __init__(self) -> None:
        super().__init__()
        self._message_move_task_manager = MessageRedriveManager()

    def _init_cloudwatch_metrics_reporting(self) -> None:
        super()._init_cloudwatch_metrics_reporting()  # type: ignore[no-untyped-call]
        if not self.cloudwatch_disabled:
            self._cloudwatch_publish_worker = QueueAgeWorker()


def service() -> Service:
    """Return the service."""
    return Service.for_provider(ExtendedSqs())
