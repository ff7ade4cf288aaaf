"""HTTP endpoints of this distribution: its health, and the reset of all services."""

import logging
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from localstack.services.edge import ROUTER
from localstack.services.plugins import SERVICE_PLUGINS
from localstack.state import AssetDirectory
from rolo import Request, Response

from localstack_native import features
from localstack_native.releases import stepfunctions_stores
from localstack_native.state.containers import containers_of

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


def reset(_request: Request, **_: object) -> Response:
    """Delete the resources of all services and return their names.

    Running functions and executions end. The installation's access key stays.
    """
    running = SERVICE_PLUGINS.list_active_services()
    # Functions and executions end before the services that they call.
    running.sort(key=lambda name: name not in {"lambda", "stepfunctions"})
    for name in running:
        _reset_service(name)
    LOG.info("Reset %s", ", ".join(running) or "nothing")
    return Response.for_json({"reset": sorted(running)})


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
