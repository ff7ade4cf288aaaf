"""The emulator as a plain process of this checkout: start it, find it again, end it."""

import fcntl
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from localstack_init.package import PROJECT

HOST = "127.0.0.1"
"""Loopback, and by address: S3 clients then put the bucket into the path, which needs no DNS."""

START_SECONDS = 60.0
STOP_SECONDS = 15.0
POLL_SECONDS = 0.05

PROXIES = ("http_proxy", "https_proxy", "all_proxy")
"""Nothing that the emulator does leaves the machine."""

EXPORTS = """\
# Leads AWS clients to the emulator, whatever account the shell is logged in to.
for name in $(env | sed -n 's/^\\(AWS_[A-Z0-9_]*\\)=.*/\\1/p'); do unset "$name"; done
"""


class EmulatorError(Exception):
    """The emulator cannot be started or stopped. Says why, and the way out."""


@dataclass(frozen=True, slots=True)
class Running:
    """A started emulator."""

    process: psutil.Process
    port: int

    @property
    def url(self) -> str:
        """The endpoint of every AWS service."""
        return f"http://{HOST}:{self.port}"

    def environment(self) -> dict[str, str]:
        """What AWS clients need in their environment, beside no other ``AWS_`` variable."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "NO_PROXY": HOST,
            "no_proxy": HOST,
        }

    def is_alive(self) -> bool:
        """Whether the process is there."""
        try:
            return self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def is_healthy(self) -> bool:
        """Whether the emulator answers."""
        try:
            answer = httpx.get(f"{self.url}/_localstack/health", timeout=2, trust_env=False)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK

    def becomes_healthy(self) -> bool:
        """Whether the emulator answers, be it only after the rest of the time for its start."""
        while not self.is_healthy():
            if not self.is_alive() or time.time() > self.process.create_time() + START_SECONDS:
                return False
            time.sleep(POLL_SECONDS)
        return True


class Emulator:
    """The one emulator of a work folder.

    The folder is ``.darkroom/`` of the checkout, unless ``DARKROOM_HOME`` names another. What was
    installed is found in the checkout in either case.

    No file says which process it is: the process itself does, by the folder in its environment. So
    there is nothing that could be lost or out of date.
    """

    def __init__(self, home: Path | None = None) -> None:
        self.home = home or Path(os.environ.get("DARKROOM_HOME", PROJECT / ".darkroom"))
        self.log = self.home / "emulator.log"
        self.exports = self.home / "emulator.env"
        """Lines for a shell that lead AWS clients to the running emulator."""
        self._root = self.home / "localstack"
        environments = PROJECT / ".darkroom" / "env"
        self._program = environments / "emulator" / "bin" / "darkroom-emulator"
        self._lambda_python = environments / "lambda" / "bin" / "python"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let two commands that change the emulator come one after the other."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "emulator.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def running(self) -> list[Running]:
        """The emulators of this work folder: one or none, unless something went wrong."""
        found = []
        for process in psutil.process_iter():
            try:
                environment = process.environ()
                if environment.get("FILESYSTEM_ROOT") != str(self._root):
                    continue
                if str(self._program) in process.cmdline():
                    port = int(environment["GATEWAY_LISTEN"].rpartition(":")[2])
                    found.append(Running(process, port))
            except (psutil.Error, OSError):
                continue  # it has ended, or is another user's
        return found

    def start(self, port: int, say: Callable[[str], None]) -> Running:
        """Start the emulator, or find the healthy one; waits until it answers.

        Raises ``EmulatorError``.
        """
        for known in self.running():
            if self._root.exists() and known.becomes_healthy():
                if known.port != port:
                    raise EmulatorError(
                        f"The emulator runs on port {known.port} already. `make down` ends it."
                    )
                say(f"The emulator runs already, as process {known.process.pid}")
                return known
            why = "does not answer" if self._root.exists() else "has lost its work folder"
            say(f"Process {known.process.pid} is an emulator that {why}: starting it anew")
            end(known.process)
        check_port(port)
        return self._launch(port)

    def stop(self) -> bool:
        """End the emulator and wait until nothing of it is left; answers whether one ran."""
        known = self.running()
        for each in known:
            end(each.process)
        self.exports.unlink(missing_ok=True)
        return bool(known)

    def _launch(self, port: int) -> Running:
        if not self._program.exists():
            raise EmulatorError("The emulator is not installed. `make install` does that.")
        shutil.rmtree(self._root, ignore_errors=True)
        self._root.mkdir(parents=True)
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("AWS_") and name.lower() not in PROXIES
        }
        environment |= {
            "GATEWAY_LISTEN": f"{HOST}:{port}",
            "FILESYSTEM_ROOT": str(self._root),
            "EMULATOR_LAMBDA_PYTHON": str(self._lambda_python),
        }
        with self.log.open("w") as log:
            child = subprocess.Popen(
                [str(self._program)],
                cwd=self._root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started = Running(psutil.Process(child.pid), port)
        exports = (f"export {name}={value}\n" for name, value in started.environment().items())
        self.exports.write_text(EXPORTS + "".join(exports))
        if started.becomes_healthy():
            return started
        status = child.poll()
        end(started.process)
        log_end = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
        how = "did not answer" if status is None else f"ended with status {status}"
        raise EmulatorError(
            f"The emulator {how}. The end of {self.log}:\n{log_end}\n"
            "If a part of the installation is missing: `make clean`, and then `make up`."
        )


def check_port(port: int) -> None:
    """Raise ``EmulatorError`` if the port is taken."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError:
            holder = listener(port)
            who = f"process {holder.pid} ({holder.name()})" if holder else "another program"
            raise EmulatorError(
                f"Port {port} is taken by {who}. End it, or choose another port: "
                f"`make up PORT={port + 1}`."
            ) from None


def listener(port: int) -> psutil.Process | None:
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


def end(process: psutil.Process) -> None:
    """End a process and all below it, and wait until they are gone."""
    try:
        family = [process, *process.children(recursive=True)]
        process.terminate()
    except psutil.NoSuchProcess:
        return
    _, alive = psutil.wait_procs(family, timeout=STOP_SECONDS)
    for each in alive:
        each.kill()
    psutil.wait_procs(alive, timeout=STOP_SECONDS)
