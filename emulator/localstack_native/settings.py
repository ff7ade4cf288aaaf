"""Settings of ``localstack-native``: environment variables for LocalStack's configuration.

LocalStack reads them when ``localstack.config`` is imported. The environment overrides each.
"""

import math
import sys
import time
from collections.abc import MutableMapping
from pathlib import Path

from localstack_native import features

DEFAULT_PORT = "4566"

INTERVALS = (
    "EMULATOR_CLOUDWATCH_ALARM_INTERVAL",
    "EMULATOR_DYNAMODB_TTL_INTERVAL",
    "EMULATOR_STATE_INTERVAL",
)
SIZES = ("EMULATOR_CLOUDFRONT_CACHE_BYTES",)


class SettingError(ValueError):
    """A variable has an invalid value."""


def apply(environment: MutableMapping[str, str]) -> None:
    """Set the variables that the environment does not set.

    Raises ``FeatureError`` for an invalid ``EMULATOR_FEATURES``, and ``SettingError``.
    """
    _check_numbers(environment)
    enabled = features.parse(environment.setdefault(features.VARIABLE, features.ALL))
    # LocalStack caches the list of installed plugins and notices changes minutes later. The cache
    # belongs to the installation: an installer can remove it.
    environment.setdefault("XDG_CACHE_HOME", str(Path(sys.prefix) / "cache"))
    for name in enabled:
        for variable, value in features.FEATURES[name].settings.items():
            environment.setdefault(variable, value)
    if "offline" in enabled:
        _apply_addresses(environment)


def _check_numbers(environment: MutableMapping[str, str]) -> None:
    for name in INTERVALS:
        if (value := environment.get(name)) and not _is_interval(value):
            raise SettingError(f"{name}={value} is invalid. Use a number of seconds above 0.")
    for name in SIZES:
        if (value := environment.get(name)) and not (value.isascii() and value.isdecimal()):
            raise SettingError(f"{name}={value} is invalid. Use a whole number of bytes.")


def _is_interval(value: str) -> bool:
    try:
        return math.isfinite(float(value)) and float(value) > 0
    except ValueError:
        return False


def _apply_addresses(environment: MutableMapping[str, str]) -> None:
    # LocalStack writes local times as UTC.
    environment["TZ"] = "UTC"
    time.tzset()
    environment.setdefault("GATEWAY_LISTEN", f"127.0.0.1:{DEFAULT_PORT}")
    first = environment["GATEWAY_LISTEN"].split(",")[0]
    port = first.rpartition(":")[2] if not first.endswith("]") else DEFAULT_PORT
    # The host in URLs that LocalStack returns. The default, localhost.localstack.cloud, needs a
    # name server.
    environment.setdefault("LOCALSTACK_HOST", f"localhost:{port}")
    if "FILESYSTEM_ROOT" in environment:
        # In other containers (CI, dev containers) LocalStack assumes that it runs in its own image,
        # and would ignore the folder.
        environment.setdefault("OVERRIDE_IN_DOCKER", "0")
