"""Concurrency of a mapping: how many batches of one queue are handled at a time."""

import os
from collections.abc import Mapping
from typing import Any

from localstack import config
from localstack.aws.api import CommonServiceException

LEAST, MOST = 2, 1000


def concurrency(mapping: Mapping[str, Any]) -> int:
    """Return the number of batches that a mapping may handle at a time.

    On AWS a mapping without MaximumConcurrency scales with its queue, up to the account's limit.
    Here it uses the number of cores. The account's limit applies in both cases.
    """
    scaling = mapping.get("ScalingConfig") or {}
    wanted = scaling.get("MaximumConcurrency") or os.process_cpu_count() or 1
    return max(1, min(wanted, int(config.LAMBDA_LIMITS_CONCURRENT_EXECUTIONS)))


def validate_mapping(validate: Any, self: Any, context: Any, request: Any) -> Any:
    """Check the scaling configuration of a mapping, which LocalStack does not."""
    check_scaling(request)
    return validate(self, context, request)


def check_scaling(request: Mapping[str, Any]) -> None:
    """Raise AWS's error for a MaximumConcurrency out of its range."""
    number = (request.get("ScalingConfig") or {}).get("MaximumConcurrency")
    if number is None or LEAST <= number <= MOST:
        return
    bound = (
        f"greater than or equal to {LEAST}" if number < LEAST else f"less than or equal to {MOST}"
    )
    raise CommonServiceException(
        code="ValidationException",
        message=(
            f"1 validation error detected: Value '{number}' at 'scalingConfig.maximumConcurrency'"
            f" failed to satisfy constraint: Member must have value {bound}"
        ),
    )
