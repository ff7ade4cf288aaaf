"""Concurrency of a mapping: how many batches of one queue are handled at a time."""

import os
from collections.abc import Mapping
from typing import Any

from localstack import config


def concurrency(mapping: Mapping[str, Any]) -> int:
    """Return the number of batches that a mapping may handle at a time.

    On AWS a mapping without MaximumConcurrency scales with its queue, up to the account's limit.
    Here it uses the number of cores. The account's limit applies in both cases.
    """
    scaling = mapping.get("ScalingConfig") or {}
    wanted = scaling.get("MaximumConcurrency") or os.process_cpu_count() or 1
    return max(1, min(wanted, int(config.LAMBDA_LIMITS_CONCURRENT_EXECUTIONS)))
