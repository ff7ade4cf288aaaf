"""What puts this package into LocalStack's Lambda, when that is loaded."""

from typing import Any

from localstack.services.lambda_.hooks import inject_layer_fetcher


@inject_layer_fetcher()
def scale_event_sources(provider: Any) -> None:
    """Have event source mappings made of this package's parts.

    The hook is named for something else. It is taken because it runs once, with the provider, when
    Lambda is first asked for: nothing of Lambda need be loaded before.
    """
    from localstack.services.lambda_.event_source_mapping import esm_worker_factory

    from darkroom_emulator.eventsource.mapping import Mapping
    from darkroom_emulator.eventsource.scaling import check_scaling
    from darkroom_emulator.eventsource.sqs import ConcurrentSqsPoller

    # LocalStack's factory finds its parts by these names; there is no other seam.
    factory: Any = esm_worker_factory
    factory.SqsPoller = ConcurrentSqsPoller
    factory.EsmWorker = Mapping

    validate = provider.validate_event_source_mapping

    def validate_with_scaling(context: Any, request: Any) -> Any:
        """Add what LocalStack takes unseen."""
        check_scaling(request)
        return validate(context, request)

    provider.validate_event_source_mapping = validate_with_scaling
