"""LocalStack hook that installs this package when Lambda is loaded."""

from typing import Any

from localstack.services.lambda_.hooks import inject_layer_fetcher


@inject_layer_fetcher()
def scale_event_sources(provider: Any) -> None:
    """Use this package's poller, worker and validation for event source mappings.

    The hook has another purpose; it is used because it runs once, with the provider, when Lambda
    is loaded.
    """
    from localstack.services.lambda_.event_source_mapping import esm_worker_factory

    from localstack_native.eventsource.esm_worker import DrainingEsmWorker
    from localstack_native.eventsource.scaling import check_scaling
    from localstack_native.eventsource.sqs import ConcurrentSqsPoller

    # LocalStack's factory looks up these names; it has no other extension point.
    factory: Any = esm_worker_factory
    factory.SqsPoller = ConcurrentSqsPoller
    factory.EsmWorker = DrainingEsmWorker

    validate = provider.validate_event_source_mapping

    def validate_with_scaling(context: Any, request: Any) -> Any:
        """Check the scaling configuration, which LocalStack does not."""
        check_scaling(request)
        return validate(context, request)

    provider.validate_event_source_mapping = validate_with_scaling
