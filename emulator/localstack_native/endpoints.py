"""HTTP endpoints of this distribution: its health, and the reset of all services."""

import logging
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from localstack.services.edge import ROUTER
from localstack.services.plugins import SERVICE_PLUGINS
from localstack.state import AssetDirectory
from rolo import Request, Response

from localstack_native import features
from localstack_native.releases import stepfunctions_stores
from localstack_native.security.signatures import fault_of, sentence_of
from localstack_native.state.containers import containers_of

SIGNED = (
    "Sign it with the emulator's access key, as `curl --aws-sigv4 aws:amz:us-east-1:emulator "
    '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"` does.'
)

LOG = logging.getLogger(__name__)


def serve() -> None:
    """Add ``GET /_emulator/health`` and ``POST /_emulator/reset`` to LocalStack's router."""
    router: Any = ROUTER
    router.add("/_emulator/health", health, methods=["GET"])
    router.add("/_emulator/reset", reset, methods=["POST"])


def health(_request: Request, **_: object) -> Response:
    """Return the versions and the enabled features."""
    return Response.for_json(
        {
            "version": version("localstack-extension-native"),
            "localstack": version("localstack-core"),
            "features": features.enabled(),
        }
    )


def reset(request: Request, **_: object) -> Response:
    """Delete the resources of all services and return their names.

    Running functions and executions end. The installation's access key stays. With the feature
    ``signatures``, the request must be signed, for any service: other users of the machine can
    reach the port, too.
    """
    if "signatures" in features.enabled() and (sentence := _refusal(request)):
        return Response.for_json({"message": sentence}, status=HTTPStatus.FORBIDDEN)
    running = SERVICE_PLUGINS.list_active_services()
    # Functions and executions end before the services that they call.
    running.sort(key=lambda name: name not in {"lambda", "stepfunctions"})
    for name in running:
        _reset_service(name)
    LOG.info("Reset %s", ", ".join(running) or "nothing")
    return Response.for_json({"reset": sorted(running)})


def _refusal(request: Any) -> str | None:
    """Return why a request's signature is not accepted."""
    fault = fault_of(request) if "Authorization" in request.headers else "missing"
    return f"{sentence_of(fault)} {SIGNED}" if fault else None


def _reset_service(name: str) -> None:
    service: Any = SERVICE_PLUGINS.require(name)
    service.lifecycle_hook.on_before_state_reset()
    if name == "stepfunctions":
        _stop_executions()
    for container in containers_of(service):
        if not isinstance(container, AssetDirectory):  # its service empties it
            container.reset()
    service.lifecycle_hook.on_after_state_reset()


def _stop_executions() -> None:
    for _, _, store in stepfunctions_stores().iter_stores():
        for execution in list(store.executions.values()):
            if execution.exec_status == "RUNNING":
                execution.stop(datetime.now(UTC), None, "The emulator was reset")
