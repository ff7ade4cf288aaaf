"""Settings of ``localstack-native``: environment variables for LocalStack's configuration.

LocalStack reads them when ``localstack.config`` is imported. The environment overrides each.
"""

import ipaddress
import math
import re
import sys
import time
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from localstack_native import features
from localstack_native.security import access_key_file

DEFAULT_PORT = "4566"

INTERVALS = (
    "EMULATOR_CLOUDWATCH_ALARM_INTERVAL",
    "EMULATOR_DYNAMODB_TTL_INTERVAL",
    "EMULATOR_STATE_INTERVAL",
)
CHOICES = {"EMULATOR_IAM": ("off", "log", "enforce")}
SIZES = ("EMULATOR_CLOUDFRONT_CACHE_BYTES",)
_ADDRESS = re.compile(r"(?:(?P<name>[^:\[\]]*)|\[(?P<ip>[^\[\]]+)\])(?::(?P<port>[0-9]{1,5}))?")


class SettingError(ValueError):
    """A variable has an invalid value."""


def check(environment: Mapping[str, str]) -> None:
    """Raise ``SettingError`` for a variable with an invalid value."""
    _check_numbers(environment)
    _check_choices(environment)
    _check_addresses(environment)
    _check_files(environment)


def apply(environment: MutableMapping[str, str]) -> None:
    """Set the variables that the environment does not set.

    Raises ``FeatureError`` for an invalid ``EMULATOR_FEATURES``, and ``SettingError``.
    """
    check(environment)
    enabled = features.parse(environment.setdefault(features.VARIABLE, features.ALL))
    # LocalStack caches the list of installed plugins and notices changes minutes later. The cache
    # belongs to the installation: an installer can remove it.
    environment.setdefault("XDG_CACHE_HOME", str(Path(sys.prefix) / "cache"))
    for name in enabled:
        for variable, value in features.FEATURES[name].settings.items():
            environment.setdefault(variable, value)
    if "offline" in enabled:
        _apply_addresses(environment)


def _check_numbers(environment: Mapping[str, str]) -> None:
    for name in INTERVALS:
        if (value := environment.get(name)) and not _is_interval(value):
            raise SettingError(f"{name}={value} is invalid. Use a number of seconds above 0.")
    for name in SIZES:
        if (value := environment.get(name)) and not (value.isascii() and value.isdecimal()):
            raise SettingError(f"{name}={value} is invalid. Use a whole number of bytes.")


def _check_choices(environment: Mapping[str, str]) -> None:
    for name, choices in CHOICES.items():
        if (value := environment.get(name)) and value not in choices:
            raise SettingError(f"{name}={value} is invalid. Use {', '.join(choices)}.")


def _is_interval(value: str) -> bool:
    try:
        return math.isfinite(float(value)) and float(value) > 0
    except ValueError:
        return False


def _check_addresses(environment: Mapping[str, str]) -> None:
    if listen := environment.get("GATEWAY_LISTEN"):
        for address in listen.split(","):
            if not _is_address(address.strip()):
                raise SettingError(
                    f"GATEWAY_LISTEN={listen} is invalid: {address.strip()!r} is not an address. "
                    f"Use a host and a port, such as 127.0.0.1:{DEFAULT_PORT} or "
                    f"[::1]:{DEFAULT_PORT}."
                )
    hosts = environment.get("EMULATOR_HOSTS", "")
    for network in (each.strip() for each in hosts.split(",") if "/" in each):
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise SettingError(
                f"EMULATOR_HOSTS={hosts} is invalid: {error}. Use host names, and networks such as "
                "172.16.0.0/12."
            ) from error


def _is_address(value: str) -> bool:
    found = _ADDRESS.fullmatch(value)
    if not found or int(found["port"] or 0) >= 2**16:
        return False
    try:
        return not found["ip"] or bool(ipaddress.IPv6Address(found["ip"]))
    except ValueError:
        return False


def _check_files(environment: Mapping[str, str]) -> None:
    if (detector := environment.get("EMULATOR_REKOGNITION_DETECTOR")) and not _is_file(detector):
        raise SettingError(
            f"EMULATOR_REKOGNITION_DETECTOR={detector} is not a file. Remove the variable to use "
            "the detector that `localstack-native --prepare` downloads."
        )
    if (folder := environment.get("EMULATOR_STATE_DIR")) and _is_below_file(Path(folder)):
        raise SettingError(
            f"EMULATOR_STATE_DIR={folder} is not a folder. Use a folder that is empty or does not "
            "exist."
        )
    if (trace := environment.get("EMULATOR_IAM_TRACE")) and Path(trace).is_dir():
        raise SettingError(f"EMULATOR_IAM_TRACE={trace} is a folder. Use the path of a file.")
    if credentials := environment.get(access_key_file.VARIABLE):
        try:
            if Path(credentials).exists():
                access_key_file.read(Path(credentials))
        except (OSError, ValueError) as error:
            raise SettingError(f"{access_key_file.VARIABLE}={credentials}: {error}") from error


def _is_file(path: str) -> bool:
    return Path(path).is_file()


def _is_below_file(path: Path) -> bool:
    """Return whether the path or one of its parents is a file."""
    return any(each.exists() and not each.is_dir() for each in (path, *path.parents))


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
