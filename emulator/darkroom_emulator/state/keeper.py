"""Takes snapshots of the services' state, and brings the last one back."""

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

from darkroom_emulator.state import pickling, revival
from darkroom_emulator.state.containers import containers_of, put_back, take_out
from darkroom_emulator.state.deliveries import none_under_way
from darkroom_emulator.state.folder import Manifest, StateFolder, Store, UnusableError
from darkroom_emulator.state.gate import Gate
from darkroom_emulator.state.objects import KeptObjects, SavedObjects
from darkroom_emulator.state.requests import Changes

LOG = logging.getLogger(__name__)

PATIENCE_SECONDS = 2.0
"""How long a snapshot waits for requests that are being answered; then it is put off."""

ATTEMPTS = 5
"""How often a service is pickled that changes meanwhile, as some threads ask nobody."""

LAST = ("lambda",)
"""Services that need others when they come back."""

ALWAYS = ("lambda", "cloudformation")
"""Services that go on changing what they hold after a request is answered."""


def versions() -> dict[str, str]:
    """What must be the same when a snapshot is loaded: it consists of these programs' objects."""
    found = {
        name: metadata.version(name)
        for name in ("darkroom-emulator", "localstack-core", "moto-ext")
    }
    return found | {"python": ".".join(platform.python_version_tuple()[:2])}


@dataclass
class Report:
    """What became of the state so far, for whoever asks."""

    restored: str | None = None
    """When the snapshot that was loaded had been saved."""
    set_aside: str | None = None
    """Where a snapshot is that could not be loaded."""
    saved: str | None = None
    """When the last snapshot was saved."""
    held_seconds: float = 0.0
    """How long the last snapshot kept requests waiting at most."""
    save_seconds: float = 0.0
    """How long the last snapshot took until it was on the disk."""
    bytes: int = 0
    """How large the last snapshot is, without S3's objects."""


class Keeper:
    """Loads the state once, saves it when it has changed and at the end.

    ``interval`` are the seconds between two looks whether it has.
    """

    def __init__(self, folder: StateFolder, gate: Gate, changes: Changes, interval: float) -> None:
        self._folder = folder
        self._gate = gate
        self._changes = changes
        self._interval = interval
        self._stores: dict[str, Store] = {}
        self._unkept: set[str] = set()
        self._is_loaded = False
        self._saving = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="state-keeper", daemon=True)
        self.report = Report()

    def load(self) -> None:
        """Bring back the last snapshot, or begin with nothing, and let requests in.

        A snapshot that can't be loaded whole is set aside.
        """
        began = time.monotonic()
        try:
            if manifest := self._folder.manifest():
                contents = self._contents(manifest)
                self._restore(contents)
                self._stores = dict(manifest.services)
                self.report.restored = manifest.saved
                LOG.info(
                    "The state of %s is back, in %.1f s", manifest.saved, time.monotonic() - began
                )
        except UnusableError as error:
            self.report.set_aside = set_aside(self._folder, "damaged", str(error))
        except Exception as error:
            # Some of it is there by now, and requests must not find that.
            LOG.exception("The state could not be loaded")
            set_aside(self._folder, "failed", f"{error}. Start again")
            get_current_runtime().exit(1)
            return
        self._is_loaded = True
        self._gate.open()
        self._thread.start()

    def _contents(self, manifest: Manifest) -> dict[str, list[Any]]:
        """Return what the services held, if it is all there. Raises ``UnusableError``."""
        contents = {}
        for name, store in manifest.services.items():
            try:
                contents[name] = pickling.loads(self._folder.read(store))
            except UnusableError:
                raise
            except Exception as error:
                raise UnusableError(f"{store.file} can't be understood: {error}") from error
            for each in contents[name]:
                if isinstance(each, SavedObjects):
                    each.check(self._folder.objects)
        return contents

    def _restore(self, contents: dict[str, list[Any]]) -> None:
        for name in sorted(contents, key=lambda name: (name in LAST, name)):
            service = SERVICE_PLUGINS.require(name)
            service.lifecycle_hook.on_before_state_load()
            put_back(service, contents[name])
            revival.prepare(name)
            service.lifecycle_hook.on_after_state_load()

    def save(self, *, everything: bool = False, patience: float = PATIENCE_SECONDS) -> bool:
        """Take a snapshot, if anything has changed; answer whether the folder is up to date.

        What is being changed for longer than ``patience`` (seconds) puts it off, but not one of
        ``everything``.
        """
        with self._saving:
            return self._save(everything=everything, patience=patience)

    def _save(self, *, everything: bool, patience: float) -> bool:
        if not everything and (not self._changes.services or revival.stack_in_progress()):
            return not self._changes.services
        began = time.monotonic()
        taken: dict[str, bytes] = {}
        with self._gate.shut(patience, none_under_way) as is_still:
            if not is_still and not everything:
                LOG.debug("The state does not stand still: the snapshot is put off")
                return False
            names = set(_running()) if everything else self._changes.services | set(ALWAYS)
            self._changes.services = set()
            for name in names & set(_running()):
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
                return pickling.dumps(take_out(service))
            except RuntimeError as error:  # a dictionary changed its size
                problem: Exception = error
                time.sleep(0.001 * attempt)
            except Exception as error:  # noqa: BLE001 (objects of any kind, which fail in any way)
                problem = error
                break
        if name not in self._unkept:
            LOG.error("The state of %s can't be kept: %s", name, problem)
            self._unkept.add(name)
        self._stores.pop(name, None)
        return b""

    def _write(self, taken: dict[str, bytes]) -> None:
        self._folder.check()
        objects = kept_objects() if "s3" in taken else None
        if objects:
            objects.sync()
        for name, data in taken.items():
            self._stores[name] = self._folder.write(name, data)
        manifest = Manifest(
            versions(),
            str(localstack_host()),
            datetime.now(UTC).isoformat(timespec="seconds"),
            dict(self._stores),
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
                LOG.exception("The state could not be saved; the snapshot before is as it was")

    def stop(self) -> None:
        """Save all and save no more. Whatever comes later is refused by LocalStack."""
        self._stopping.set()
        if not self._is_loaded:
            return
        try:
            self.save(everything=True)
        except Exception:
            LOG.exception("The state could not be saved; the snapshot before is as it was")


def check(folder: StateFolder) -> str | None:
    """Set a snapshot of another version aside; answer where it is. Raises ``AddressError``."""
    try:
        manifest = folder.manifest()
        if manifest is None:
            return None
        found = versions()
        if dict(manifest.versions) != found:
            ours = ", ".join(f"{name} {version}" for name, version in found.items())
            theirs = ", ".join(f"{name} {version}" for name, version in manifest.versions.items())
            return set_aside(folder, "other-version", f"it is of {theirs}, and this is {ours}")
    except UnusableError as error:
        return set_aside(folder, "damaged", str(error))
    if manifest.address != str(localstack_host()):
        raise AddressError(
            f"The state in {folder.path} was saved at {manifest.address}, and URLs in it say so:"
            f" it can't be used at {localstack_host()}."
        )
    return None


class AddressError(Exception):
    """The state is of another address."""


def set_aside(folder: StateFolder, why: str, reason: str) -> str:
    """Put a snapshot out of the way, and say so."""
    place = folder.set_aside(why)
    LOG.warning(
        "The state in %s is set aside, as %s. Starting empty: %s", folder.path, place, reason
    )
    return str(place)


def kept_objects() -> KeptObjects | None:
    """Return the store of S3's contents, if S3 runs and is ours."""
    if not SERVICE_PLUGINS.is_running("s3"):
        return None
    containers = containers_of(SERVICE_PLUGINS.require("s3"))
    return next((each for each in containers if isinstance(each, KeptObjects)), None)


def _running() -> list[str]:
    return [name for name in SERVICE_PLUGINS.list_available() if SERVICE_PLUGINS.is_running(name)]
