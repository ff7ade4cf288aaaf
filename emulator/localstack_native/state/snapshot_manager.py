"""Snapshot manager: saves the services' state periodically and restores the last snapshot."""

import logging
import platform
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from localstack.runtime import get_current_runtime
from localstack.services.plugins import SERVICE_PLUGINS
from localstack.utils.urls import localstack_host

from localstack_native.s3 import sequencer
from localstack_native.state import pickling, restore_fixups
from localstack_native.state.containers import collect, containers_of, restore
from localstack_native.state.folder import Manifest, StateFolder, Store, UnusableSnapshotError
from localstack_native.state.inflight_notifications import all_delivered
from localstack_native.state.objects import PersistentObjects, SavedObjects
from localstack_native.state.quiesce_gate import QuiesceGate
from localstack_native.state.requests import Changes

LOG = logging.getLogger(__name__)

QUIESCE_SECONDS = 2.0
"""Seconds that a snapshot waits for running requests before it is postponed."""

ATTEMPTS = 5
"""Attempts to pickle a service whose background threads change its state meanwhile."""

LAST = ("lambda",)
"""Services that are restored last, because they need others."""

ALWAYS = ("lambda", "cloudformation")
"""Services that change their state in the background, after a request has returned."""


def versions() -> dict[str, str]:
    """Return the versions that a snapshot is valid for: it contains these programs' objects."""
    found = {
        name: metadata.version(name)
        for name in ("localstack-extension-native", "localstack-core", "moto-ext")
    }
    return found | {"python": ".".join(platform.python_version_tuple()[:2])}


@dataclass
class Report:
    """The state's status, as ``GET /_emulator/state`` returns it."""

    restored: str | None = None
    """The time at which the restored snapshot was saved."""
    set_aside: str | None = None
    """The folder of a snapshot that could not be restored."""
    saved: str | None = None
    """The time at which the last snapshot was saved."""
    held_seconds: float = 0.0
    """The longest time that the last snapshot held requests."""
    save_seconds: float = 0.0
    """The duration of the last snapshot until it was on disk."""
    bytes: int = 0
    """The size of the last snapshot, without S3's objects."""


class SnapshotManager:
    """Restores the state at the start; saves it when it has changed, and at the end.

    ``interval`` is the time in seconds between two checks for changes.
    """

    def __init__(
        self, folder: StateFolder, gate: QuiesceGate, changes: Changes, interval: float
    ) -> None:
        self._folder = folder
        self._gate = gate
        self._changes = changes
        self._interval = interval
        self._stores: dict[str, Store] = {}
        self._unsaved: set[str] = set()
        self._is_loaded = False
        self._saving = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="state-snapshots", daemon=True)
        self.report = Report()

    def load(self) -> None:
        """Restore the last snapshot, if any, and open the gate.

        A snapshot that can't be restored completely is set aside.
        """
        began = time.monotonic()
        try:
            if manifest := self._folder.manifest():
                contents = self._contents(manifest)
                self._restore(contents)
                sequencer.numbers.continue_after(manifest.sequence)
                self._stores = dict(manifest.services)
                self.report.restored = manifest.saved
                LOG.info(
                    "Restored the state of %s in %.1f s", manifest.saved, time.monotonic() - began
                )
        except UnusableSnapshotError as error:
            self.report.set_aside = set_aside(self._folder, "damaged", str(error))
        except Exception as error:
            # The state may be restored partially: requests must not see that.
            LOG.exception("The state can't be restored")
            set_aside(self._folder, "failed", f"{error}. Restart the emulator")
            get_current_runtime().exit(1)
            return
        self._is_loaded = True
        self._gate.open()
        self._thread.start()

    def _contents(self, manifest: Manifest) -> dict[str, list[Any]]:
        """Return the contents of all services. Raises ``UnusableSnapshotError``."""
        contents = {}
        for name, store in manifest.services.items():
            try:
                contents[name] = pickling.loads(self._folder.read(store))
            except UnusableSnapshotError:
                raise
            except Exception as error:
                raise UnusableSnapshotError(f"{store.file} can't be unpickled: {error}") from error
            for each in contents[name]:
                if isinstance(each, SavedObjects):
                    each.check(self._folder.objects)
        return contents

    def _restore(self, contents: dict[str, list[Any]]) -> None:
        for name in sorted(contents, key=lambda name: (name in LAST, name)):
            service = SERVICE_PLUGINS.require(name)
            service.lifecycle_hook.on_before_state_load()
            restore(service, contents[name])
            restore_fixups.prepare(name)
            service.lifecycle_hook.on_after_state_load()

    def save(self, *, everything: bool = False, timeout: float = QUIESCE_SECONDS) -> bool:
        """Take a snapshot if the state has changed; return whether the folder is up to date.

        Requests that run for longer than ``timeout`` (seconds) postpone it, except a snapshot of
        ``everything``.
        """
        with self._saving:
            return self._save(everything=everything, timeout=timeout)

    def _save(self, *, everything: bool, timeout: float) -> bool:
        if not everything and (not self._changes.services or restore_fixups.stack_in_progress()):
            return not self._changes.services
        began = time.monotonic()
        taken: dict[str, bytes] = {}
        with self._gate.shut(timeout, all_delivered) as is_quiet:
            if not is_quiet and not everything:
                LOG.debug("Requests are changing the state: the snapshot is postponed")
                return False
            running = set(SERVICE_PLUGINS.list_active_services())
            names = running if everything else self._changes.services | set(ALWAYS)
            self._changes.services = set()
            for name in names & running:
                taken[name] = self._pickled(name)
        held = time.monotonic() - began
        try:
            self._write({name: data for name, data in taken.items() if data})
        except OSError:
            self._changes.services |= names
            raise
        self.report.held_seconds, self.report.save_seconds = held, time.monotonic() - began
        LOG.debug("State saved in %.3f s; requests waited %.3f s", time.monotonic() - began, held)
        return True

    def _pickled(self, name: str) -> bytes:
        service = SERVICE_PLUGINS.get_service(name)
        assert service
        for attempt in range(ATTEMPTS):
            try:
                return pickling.dumps(collect(service))
            except RuntimeError as error:  # a dictionary changed size during iteration
                problem: Exception = error
                time.sleep(0.001 * attempt)
            except Exception as error:  # noqa: BLE001 (objects of any kind, which fail in any way)
                problem = error
                break
        if name not in self._unsaved:
            LOG.error("The state of %s can't be saved: %s", name, problem)
            self._unsaved.add(name)
        self._stores.pop(name, None)
        return b""

    def _write(self, taken: dict[str, bytes]) -> None:
        self._folder.check()
        objects = persistent_objects() if "s3" in taken else None
        if objects:
            objects.sync()
        for name, data in taken.items():
            self._stores[name] = self._folder.write(name, data)
        manifest = Manifest(
            versions(),
            str(localstack_host()),
            datetime.now(UTC).isoformat(timespec="seconds"),
            dict(self._stores),
            sequencer.numbers.take(),
        )
        self._folder.commit(manifest)
        if objects:
            objects.keep()
        self.report.saved = manifest.saved
        self.report.bytes = sum(store.bytes for store in self._stores.values())

    def _run(self) -> None:
        while not self._stopping.wait(self._interval):
            try:
                self.save()
            except Exception:
                LOG.exception("The state can't be saved; the previous snapshot is unchanged")

    def stop(self) -> None:
        """Take the last snapshot and stop. LocalStack refuses later requests."""
        self._stopping.set()
        if not self._is_loaded:
            return
        try:
            self.save(everything=True)
        except Exception:
            LOG.exception("The state can't be saved; the previous snapshot is unchanged")


def check_snapshot(folder: StateFolder) -> str | None:
    """Set aside a damaged snapshot, or one of another version; return its new path.

    Raises ``AddressError`` for a snapshot of another address.
    """
    try:
        manifest = folder.manifest()
        if manifest is None:
            return None
        found = versions()
        if dict(manifest.versions) != found:
            ours = ", ".join(f"{name} {version}" for name, version in found.items())
            theirs = ", ".join(f"{name} {version}" for name, version in manifest.versions.items())
            return set_aside(folder, "other-version", f"it is of {theirs}, but this is {ours}")
    except UnusableSnapshotError as error:
        return set_aside(folder, "damaged", str(error))
    if manifest.address != str(localstack_host()):
        raise AddressError(
            f"The state in {folder.path} was saved at {manifest.address}, and its URLs contain that"
            f" address. It can't be used at {localstack_host()}. Use the same address or another"
            " folder."
        )
    return None


class AddressError(Exception):
    """The state was saved at another address."""


def set_aside(folder: StateFolder, why: str, reason: str) -> str:
    """Set a snapshot aside and log a warning; return its new path."""
    target = folder.set_aside(why)
    LOG.warning(
        "The state in %s can't be used and was moved to %s. Starting empty: %s",
        folder.path,
        target,
        reason,
    )
    return str(target)


def persistent_objects() -> PersistentObjects | None:
    """Return S3's object store if S3 runs with a persistent one, else None."""
    if not SERVICE_PLUGINS.is_running("s3"):
        return None
    containers = containers_of(SERVICE_PLUGINS.require("s3"))
    return next((each for each in containers if isinstance(each, PersistentObjects)), None)
