"""Start, restore and save of the persistent state."""

import logging
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from localstack import config
from localstack.runtime.exceptions import LocalstackExit
from rolo import Request, Response

from localstack_native import features
from localstack_native.owned import ForeignFolderError
from localstack_native.state.folder import SETTING

LOG = logging.getLogger(__name__)

INTERVAL_SETTING = "EMULATOR_STATE_INTERVAL"
DEFAULT_INTERVAL = 5.0
PATH = "/_emulator/state"
METRICS_FILES = [f"metrics.db{suffix}" for suffix in ("", "-journal", "-shm", "-wal")]
"""LocalStack's database of metrics, with SQLite's auxiliary files."""

_managers: list[Any] = []


def is_persistent() -> bool:
    """Return whether a folder for the state is configured."""
    return features.is_enabled("state") and bool(os.environ.get(SETTING))


def start() -> None:
    """Lock the folder, and hold all requests until the state is restored.

    Raises ``LocalstackExit`` if the folder or its snapshot is unusable.
    """
    if not is_persistent():
        return
    from localstack.aws import handlers
    from localstack.services.edge import ROUTER

    from localstack_native.state import snapshot_manager
    from localstack_native.state.folder import FolderInUseError, StateFolder
    from localstack_native.state.quiesce_gate import QuiesceGate
    from localstack_native.state.requests import Changes

    # LocalStack would reuse a previous run's metrics, which may be newer than the snapshot.
    for file in METRICS_FILES:
        (Path(config.dirs.data) / "cloudwatch" / file).unlink(missing_ok=True)
    folder = StateFolder(Path(os.environ[SETTING]))
    try:
        interval = float(os.environ.get(INTERVAL_SETTING) or DEFAULT_INTERVAL)
        folder.acquire()
        set_aside = snapshot_manager.check_snapshot(folder)
    except (
        OSError,
        ValueError,
        ForeignFolderError,
        FolderInUseError,
        snapshot_manager.AddressError,
    ) as error:
        LOG.error("%s", error)  # noqa: TRY400 (the message is complete)
        raise LocalstackExit(str(error), code=1) from error
    gate = QuiesceGate()
    gate.drain()
    changes = Changes(gate)
    handlers.preprocess_request.handlers.insert(0, changes.wait)
    handlers.serve_custom_service_request_handlers.handlers.insert(0, changes.enter)
    handlers.run_custom_finalizers.append(changes.leave)
    _managers.append(snapshot_manager.SnapshotManager(folder, gate, changes, interval))
    _managers[0].report.set_aside = set_aside
    ROUTER.add(PATH, serve_state, methods=["GET", "POST"])


def restore() -> None:
    """Restore the last snapshot, when LocalStack listens: it calls itself for that."""
    for manager in _managers:
        manager.load()


def save() -> None:
    """Take the last snapshot."""
    for manager in _managers:
        manager.stop()


def serve_state(request: Request, **_: Any) -> Response:
    """Return the state's status (GET), after taking a snapshot (POST)."""
    (manager,) = _managers
    if request.method == "POST" and not manager.save(timeout=10):
        message = "Running requests are changing the state. Try again."
        return Response.for_json({"message": message}, status=503)
    return Response.for_json(asdict(manager.report))


def object_store() -> Any:
    """Return S3's object store; None for LocalStack's own."""
    if not is_persistent():
        return None
    from localstack_native.state.folder import StateFolder
    from localstack_native.state.objects import PersistentObjects

    folder = StateFolder(Path(os.environ[SETTING]))
    return PersistentObjects(folder.objects, str(Path(config.dirs.tmp) / "state-s3"))
