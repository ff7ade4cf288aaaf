"""The emulator as a plain process of this checkout: start it, find it again, end it."""

import fcntl
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

PROJECT = Path(__file__).parent.parent
HOST = "127.0.0.1"
"""Loopback, and by address: S3 clients then put the bucket into the path, which needs no DNS."""

START_SECONDS = 60.0
STOP_SECONDS = 15.0
POLL_SECONDS = 0.05


class EmulatorError(Exception):
    """The emulator cannot be started or stopped. Says why, and the way out."""


@dataclass(frozen=True, slots=True)
class Running:
    """A started emulator."""

    pid: int
    created: float
    """When the process began: tells it from a later one that was given the same number."""
    port: int

    @property
    def url(self) -> str:
        """The endpoint of every AWS service."""
        return f"http://{HOST}:{self.port}"

    def environment(self) -> dict[str, str]:
        """What AWS clients need in their environment to talk to the emulator."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def process(self) -> psutil.Process | None:
        """The process, if it is still alive."""
        try:
            process = psutil.Process(self.pid)
            alive = process.create_time() == self.created
            return process if alive and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None

    def is_healthy(self) -> bool:
        """Whether the emulator answers."""
        try:
            return httpx.get(f"{self.url}/_localstack/health", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False


class Emulator:
    """The one emulator of a work folder.

    The folder is ``.darkroom/`` of the checkout, unless ``DARKROOM_HOME`` names another. What was
    installed is found in the checkout in either case.
    """

    def __init__(self, home: Path | None = None) -> None:
        home = home or Path(os.environ.get("DARKROOM_HOME", PROJECT / ".darkroom"))
        environments = PROJECT / ".darkroom" / "env"
        self.home = home
        self.log = home / "emulator.log"
        self.exports = home / "emulator.env"
        """Shell exports that lead AWS clients to the running emulator."""
        self._state = home / "emulator.json"
        self._root = home / "localstack"
        self._python = environments / "emulator" / "bin" / "python"
        self._lambda_python = environments / "lambda" / "bin" / "python"

    def running(self) -> Running | None:
        """The emulator that was started here, if its process is alive."""
        try:
            known = Running(**json.loads(self._state.read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return known if known.process() else None

    def start(self, port: int, say: Callable[[str], None]) -> Running:
        """Start the emulator, or find the healthy one; waits until it answers.

        Of two that start at the same time, the second waits for the first. Raises
        ``EmulatorError``.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "emulator.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return self._start(port, say)

    def _start(self, port: int, say: Callable[[str], None]) -> Running:
        known = self.running()
        if known:
            if self._root.exists() and _becomes_healthy(known):
                if known.port != port:
                    raise EmulatorError(
                        f"The emulator runs on port {known.port} already. `make down` ends it."
                    )
                say(f"The emulator runs already, as process {known.pid}")
                return known
            say(f"Process {known.pid} is an emulator that does not answer: starting it anew")
            self._end(known)
        self._free(port, say)
        return self._launch(port)

    def stop(self) -> bool:
        """End the emulator and wait until nothing of it is left; answers whether one ran."""
        known = self.running()
        if known:
            self._end(known)
        self._state.unlink(missing_ok=True)
        self.exports.unlink(missing_ok=True)
        return known is not None

    def log_tail(self, lines: int = 15) -> str:
        """The end of the emulator's own log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _launch(self, port: int) -> Running:
        if not self._python.exists():
            raise EmulatorError("The emulator is not installed. `make install` does that.")
        shutil.rmtree(self._root, ignore_errors=True)
        self._root.mkdir(parents=True)
        # The emulator is to be the same whatever account the shell is logged in to.
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("AWS_")
        }
        environment |= {
            "GATEWAY_LISTEN": f"{HOST}:{port}",
            "FILESYSTEM_ROOT": str(self._root),
            "EMULATOR_LAMBDA_PYTHON": str(self._lambda_python),
        }
        with self.log.open("w") as log:
            child = subprocess.Popen(
                [str(self._python), "-m", "darkroom_emulator"],
                cwd=self._root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started = Running(child.pid, psutil.Process(child.pid).create_time(), port)
        self._state.write_text(
            json.dumps({"pid": started.pid, "created": started.created, "port": port})
        )
        self.exports.write_text(
            "".join(f"export {name}={value}\n" for name, value in started.environment().items())
        )
        deadline = time.monotonic() + START_SECONDS
        while not started.is_healthy():
            if child.poll() is not None:
                raise EmulatorError(
                    f"The emulator ended while starting (status {child.returncode}). "
                    f"The end of {self.log}:\n{self.log_tail()}"
                )
            if time.monotonic() > deadline:
                self._end(started)
                raise EmulatorError(
                    f"The emulator did not answer within {START_SECONDS:.0f} s and was ended. "
                    f"The end of {self.log}:\n{self.log_tail()}"
                )
            time.sleep(POLL_SECONDS)
        return started

    def _free(self, port: int, say: Callable[[str], None]) -> None:
        """Make sure that the port can be had: an emulator that lost its work folder is ended."""
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((HOST, port))
            except OSError:
                pass
            else:
                return
        holder = _listener(port)
        if holder and self._is_ours(holder):
            say(f"Process {holder.pid} is an emulator without a work folder: starting it anew")
            self._end(Running(holder.pid, holder.create_time(), port))
            return
        who = f"process {holder.pid} ({holder.name()})" if holder else "another program"
        raise EmulatorError(
            f"Port {port} is taken by {who}. End it, or choose another port: "
            f"`make up PORT={port + 1}`."
        )

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get("FILESYSTEM_ROOT") == str(self._root)
        except psutil.Error:
            return False

    def _end(self, known: Running) -> None:
        process = known.process()
        if process is None:
            return
        family = [process, *process.children(recursive=True)]
        process.terminate()
        _, alive = psutil.wait_procs(family, timeout=STOP_SECONDS)
        for each in alive:
            each.kill()
        psutil.wait_procs(alive, timeout=STOP_SECONDS)


def _becomes_healthy(running: Running) -> bool:
    """Whether the emulator answers, be it only after the rest of the time that a start may take."""
    while not running.is_healthy():
        if running.process() is None or time.time() > running.created + START_SECONDS:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _listener(port: int) -> psutil.Process | None:
    """The process that listens on the port, where this user may know."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return None
    for each in connections:
        if (
            each.status == psutil.CONN_LISTEN
            and each.laddr
            and each.laddr.port == port
            and each.pid
        ):
            return psutil.Process(each.pid)
    return None
