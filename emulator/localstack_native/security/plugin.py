"""LocalStack hooks that install the security checks."""

import os

from localstack.runtime import hooks

BROWSERS, SIGNATURES, HOSTS = "EMULATOR_BROWSERS", "EMULATOR_SIGNATURES", "EMULATOR_HOSTS"
_LAST = -100
"""Hooks run by descending priority; the handler that is inserted last runs first."""


def are_browsers_checked() -> bool:
    """Return whether foreign hosts and browser requests are checked."""
    return _enforces(BROWSERS)


def are_signatures_checked() -> bool:
    """Return whether signatures are checked."""
    return _enforces(SIGNATURES)


@hooks.on_infra_start(should_load=are_signatures_checked, priority=_LAST)
def check_signatures() -> None:
    """Install the check of signatures."""
    from localstack.aws import handlers

    from localstack_native.security import installation, internal_secret, trust
    from localstack_native.security.guard import SignatureGuard

    installation.access_key()  # created now: clients read it when the emulator is healthy
    internal_secret.randomize()
    trust.mark_api_gateway()
    guard = SignatureGuard()
    handlers.preprocess_request.handlers.insert(0, guard.check)
    handlers.serve_custom_service_request_handlers.handlers.insert(0, guard.check_service)


@hooks.on_infra_start(should_load=are_browsers_checked, priority=_LAST - 1)
def check_browsers() -> None:
    """Install the checks of hosts and browsers, which run first."""
    from localstack import config
    from localstack.aws import handlers

    from localstack_native.security import cors
    from localstack_native.security.guard import BrowserGuard
    from localstack_native.security.hosts import AllowedHosts

    named = os.environ.get(HOSTS, "").split(",")
    names = [config.LOCALSTACK_HOST.host, *(name.strip() for name in named if name.strip())]
    guard = BrowserGuard(AllowedHosts(names))
    cors.trust_no_origin()
    handlers.preprocess_request.handlers.insert(0, guard.check)
    handlers.serve_custom_service_request_handlers.handlers.insert(0, guard.check_service)


def _enforces(variable: str) -> bool:
    value = os.environ.get(variable, "off")
    if value not in {"enforce", "off"}:
        raise ValueError(f"{variable} has the invalid value {value!r}. Set it to enforce or off.")
    return value == "enforce"
