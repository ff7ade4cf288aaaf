"""Which functions let others have the processor first."""

from localstack.services.lambda_.invocation.lambda_models import FunctionVersion
from localstack.services.lambda_.invocation.models import lambda_stores

BACKGROUND = 5
"""Niceness of functions that work off a queue or a stream. Nobody waits for their answer, and a
full queue keeps all cores busy; somebody waits for what else runs on them."""


def niceness(version: FunctionVersion) -> int:
    """Return the niceness for a version's processes: 0, or more where an event source feeds it."""
    store = lambda_stores[version.id.account][version.id.region]
    function = version.id.unqualified_arn()
    targets = [mapping["FunctionArn"] for mapping in list(store.event_source_mappings.values())]
    is_fed = any(f"{target}:".startswith(f"{function}:") for target in targets)
    return BACKGROUND if is_fed else 0
