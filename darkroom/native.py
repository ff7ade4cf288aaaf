"""The emulator as a plain process of this checkout: start it, find it again, end it."""

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from darkroom.emulator import (
    HABIT,
    HOST,
    POLL_SECONDS,
    AccessKey,
    EmulatorError,
    Endpoint,
    check_port,
    kept_elsewhere,
    work_folder,
)
from localstack_init.deploy import Deployment, deploy
from localstack_init.package import PROJECT
from localstack_init.stack import Say

START_SECONDS = 60.0
STOP_SECONDS = 30.0
"""It saves its state when it stops."""

PROXIES = ("http_proxy", "https_proxy", "all_proxy")
"""Nothing that the emulator does leaves the machine."""


@dataclass(frozen=True, slots=True)
class Running(Endpoint):
    """A started emulator."""

    process: psutil.Process

    def is_alive(self) -> bool:
        """Whether the process is there."""
        try:
            return self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def becomes_healthy(self) -> bool:
        """Whether the emulator answers, be it only after the rest of the time for its start."""
        while not self.is_healthy():
            if not self.is_alive() or time.time() > self.process.create_time() + START_SECONDS:
                return False
            time.sleep(POLL_SECONDS)
        return True


class NativeEmulator:
    """The one emulator of a work folder.

    What was installed is found in the checkout, wherever that folder is.

    No file says which process it is: the process itself does, by the folder in its environment. So
    there is nothing that could be lost or out of date.

    With ``persist``, what it holds is kept in the folder ``state``, and there at the next start.
    """

    def __init__(self, home: Path | None = None, *, persist: bool = False) -> None:
        self.home = home or work_folder()
        self.state = self.home / "state"
        self._persist = persist
        self.log = self.home / "emulator.log"
        self._root = self.home / "localstack"
        self._credentials = self.home / "credentials"
        environments = PROJECT / ".darkroom" / "env"
        self._program = environments / "emulator" / "bin" / "darkroom-emulator"
        kind = "lambda-debug" if "EMULATOR_LAMBDA_DEBUG" in os.environ else "lambda"
        self._lambda_python = environments / kind / "bin" / "python"

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
                    found.append(Running(port, process, key=self._key()))
            except (psutil.Error, OSError):
                continue  # it has ended, or is another user's
        return found

    def start(self, port: int, say: Say) -> Running:
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
        if self._persist:
            self._check_kept_port(port)
        return self._launch(port)

    def stop(self) -> bool:
        """End the emulator and wait until nothing of it is left; answers whether one ran."""
        known = self.running()
        for each in known:
            end(each.process)
        return bool(known)

    def forget(self) -> bool:
        """Remove what was kept; answers whether there was anything."""
        is_kept = self.is_kept()
        shutil.rmtree(self.state, ignore_errors=True)
        return is_kept

    def is_kept(self) -> bool:
        """Whether a start would bring something back."""
        return (self.state / "manifest.json").exists()

    def deploy(self, endpoint: Endpoint, stack: str, say: Say) -> dict[str, str]:
        """Bring the pipeline into it; answers the stack's outputs. Raises ``StackError``."""
        return deploy(Deployment.to_emulator(endpoint.url, stack), say)

    def where_logs_are(self) -> str:
        """For a person who looks for what the emulator says."""
        return str(self.log)

    def _check_kept_port(self, port: int) -> None:
        """Refuse a port that the URLs in what was kept do not name: it would have to be replaced.

        Raises ``EmulatorError``.
        """
        try:
            manifest = json.loads((self.state / "manifest.json").read_text())
            kept = int(manifest["address"].rpartition(":")[2])
        except (OSError, ValueError, KeyError):
            return  # nothing is kept, or what the emulator will find out about
        if kept != port:
            raise kept_elsewhere(kept, port)

    def _key(self) -> AccessKey:
        """The key that the emulator made at its first start."""
        try:
            return AccessKey.read(self._credentials.read_text()) or HABIT
        except OSError:
            return HABIT

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
            "EMULATOR_CREDENTIALS_FILE": str(self._credentials),
            "EMULATOR_LAMBDA_PYTHON": str(self._lambda_python),
            "EMULATOR_STATE_DIR": str(self.state) if self._persist else "",
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
        started = Running(port, psutil.Process(child.pid))
        if started.becomes_healthy():
            return replace(started, key=self._key())
        status = child.poll()
        end(started.process)
        log_end = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
        how = "did not answer" if status is None else f"ended with status {status}"
        raise EmulatorError(
            f"The emulator {how}. The end of {self.log}:\n{log_end}\n"
            "If a part of the installation is missing: `make clean`, and then `make up`."
        )


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
