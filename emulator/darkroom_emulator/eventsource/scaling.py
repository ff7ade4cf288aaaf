"""How many batches of one queue are handled at the same time."""

import os
from collections.abc import Mapping
from typing import Any

from localstack import config
from localstack.aws.api import CommonServiceException

LEAST, MOST = 2, 1000


def concurrency(mapping: Mapping[str, Any]) -> int:
    """Return the number of batches at a time that a mapping allows.

    On AWS a mapping without a limit grows with its queue, up to the account's limit. Here it is the
    number of cores. The account's limit counts in any case.
    """
    scaling = mapping.get("ScalingConfig") or {}
    wanted = scaling.get("MaximumConcurrency") or os.process_cpu_count() or 1
    return max(1, min(wanted, int(config.LAMBDA_LIMITS_CONCURRENT_EXECUTIONS)))


def check_scaling(request: Mapping[str, Any]) -> None:
    """Refuse a number out of AWS's range as AWS does."""
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
