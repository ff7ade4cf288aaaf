"""Loading of the networks in the background, so that the first request does not wait for it.

They are loaded one by one, whenever the emulator has been idle for a moment: a start, a deployment
and requests come first. Networks whose packages are not installed are skipped.
"""

import importlib
import logging
import os
import threading
import time

LOG = logging.getLogger(__name__)

NETWORKS = {
    "classifier": ["NETWORK"],
    "object_detector": ["NETWORK"],
    "face_detector": ["NETWORK"],
    "moderation_classifier": ["NETWORK"],
    "text_reader": ["DETECTOR", "READER"],
}
"""Modules of ``networks`` and their networks, in the order of loading."""

_WINDOW = 0.5
_BUSY = 0.5
"""Share of one core. An idle emulator uses a tenth."""
_NICENESS = 5
"""Not the lowest priority: a request that comes meanwhile waits for the network."""

_stopping = threading.Event()


def start() -> None:
    """Start to load the networks."""
    # Not a daemon, which Python may end in the middle of native code.
    threading.Thread(target=_load, name="rekognition-preload").start()


def stop() -> None:
    """Load no further network."""
    _stopping.set()


def _load() -> None:
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
    loaded = 0
    for name, networks in NETWORKS.items():
        for network in networks:
            if not _wait_until_idle():
                return
            try:
                found = importlib.import_module(f"localstack_native.rekognition.networks.{name}")
                getattr(found, network).load()
            except Exception as error:  # noqa: BLE001 (a request reports it)
                LOG.debug("Not loaded: %s: %s", name, error)
            else:
                loaded += 1
    if loaded and _wait_until_idle():
        importlib.import_module("localstack_native.rekognition.provider")
        LOG.info("Rekognition: %d networks are loaded", loaded)


def _wait_until_idle() -> bool:
    """Wait until the process is idle; return False if it ends before."""
    used = time.process_time()
    # After a failed start, only the end of the main thread shows it.
    while not _stopping.wait(_WINDOW) and threading.main_thread().is_alive():
        before, used = used, time.process_time()
        if used - before < _WINDOW * _BUSY:
            return True
    return False
