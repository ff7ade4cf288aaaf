"""What LocalStack loads of this package at its start, if it is to keep its state."""

import logging
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from localstack import config
from localstack.runtime import hooks
from localstack.runtime.exceptions import LocalstackExit
from rolo import Request, Response

from darkroom_emulator.owned import ForeignFolderError
from darkroom_emulator.state.folder import SETTING

LOG = logging.getLogger(__name__)

INTERVAL_SETTING = "EMULATOR_STATE_INTERVAL"
DEFAULT_INTERVAL = 5.0
PATH = "/_emulator/state"
METRICS_FILES = [f"metrics.db{suffix}" for suffix in ("", "-journal", "-shm", "-wal")]
"""LocalStack's database of metrics, with what SQLite puts beside it."""

_keepers: list[Any] = []


def is_kept() -> bool:
    """Say whether there is a folder for the state."""
    return bool(os.environ.get(SETTING))


@hooks.on_infra_start(priority=95)
def clear_assets() -> None:
    """Remove the metrics of a LocalStack that has ended: they belong to its state alone.

    LocalStack would go on with them, where its folder outlives it, with all else gone.
    """
    for file in METRICS_FILES:
        (Path(config.dirs.data) / "cloudwatch" / file).unlink(missing_ok=True)


@hooks.on_infra_start(should_load=is_kept, priority=90)
def keep_state() -> None:
    """Take the folder, and have all requests wait until the state is back."""
    from localstack.aws import handlers
    from localstack.services.edge import ROUTER

    from darkroom_emulator.state import deliveries, keeper
    from darkroom_emulator.state.folder import OccupiedError, StateFolder
    from darkroom_emulator.state.gate import Gate
    from darkroom_emulator.state.requests import Changes

    folder = StateFolder(Path(os.environ[SETTING]))
    try:
        interval = float(os.environ.get(INTERVAL_SETTING) or DEFAULT_INTERVAL)
        folder.occupy()
        set_aside = keeper.check(folder)
    except (
        OSError,
        ValueError,
        ForeignFolderError,
        OccupiedError,
        keeper.AddressError,
    ) as error:
        LOG.error("%s", error)  # noqa: TRY400 (the sentence says all)
        raise LocalstackExit(str(error), code=1) from error
    gate = Gate()
    gate.drain()
    changes = Changes(gate)
    changes.guard_received_messages()
    deliveries.count_them()
    handlers.preprocess_request.handlers.insert(0, changes.wait)
    handlers.serve_custom_service_request_handlers.handlers.insert(0, changes.enter)
    handlers.run_custom_finalizers.append(changes.leave)
    _keepers.append(keeper.Keeper(folder, gate, changes, interval))
    _keepers[0].report.set_aside = set_aside
    ROUTER.add(PATH, answer, methods=["GET", "POST"])


# Before the scripts that LocalStack runs when it is ready.
@hooks.on_infra_ready(should_load=is_kept, priority=100)
def bring_state_back() -> None:
    """Load the last snapshot; LocalStack calls itself for that, and so must listen."""
    for keeper in _keepers:
        keeper.load()


# Before services stop, which empties some of them.
@hooks.on_infra_shutdown(should_load=is_kept, priority=1000)
def save_state() -> None:
    """Take the last snapshot."""
    for keeper in _keepers:
        keeper.stop()


def answer(request: Request, **_: Any) -> Response:
    """Tell what became of the state (GET), after a snapshot (POST)."""
    (keeper,) = _keepers
    if request.method == "POST" and not keeper.save(patience=10):
        return Response.for_json({"message": "Something goes on changing."}, status=503)
    return Response.for_json(asdict(keeper.report))


def object_store() -> Any:
    """Return what S3 is to keep contents in; None for LocalStack's own."""
    if not is_kept():
        return None
    from darkroom_emulator.state.folder import StateFolder
    from darkroom_emulator.state.objects import KeptObjects

    folder = StateFolder(Path(os.environ[SETTING]))
    return KeptObjects(folder.objects, str(Path(config.dirs.tmp) / "state-s3"))
