"""The emulator as a plain process of this checkout: start it, find it again, end it."""

import json
import os
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from darkroom.emulator import owned_folder
from darkroom.emulator.instance import (
    DEFAULT_HOME,
    HABIT,
    HOST,
    POLL_SECONDS,
    AccessKey,
    EmulatorError,
    Endpoint,
    check_port,
    create_private,
    kept_elsewhere,
    work_folder,
)
from localstack_init.build import PROJECT
from localstack_init.cloudformation import Say
from localstack_init.deploy import Deployment, deploy

START_SECONDS = 60.0
PROGRAM = "darkroom-emulator"

STOP_SECONDS = 30.0
"""It saves its state when it stops."""

PROXIES = ("http_proxy", "https_proxy", "all_proxy")
"""Nothing that the emulator does leaves the machine."""


@dataclass(frozen=True, slots=True)
class Running(Endpoint):
    """A started emulator."""

    process: psutil.Process

    def keeps(self) -> bool:
        """Whether it keeps what it holds when it ends."""
        return bool(self._variable("EMULATOR_STATE_DIR"))

    def is_in(self, root: Path) -> bool:
        """Whether its folder is still where it was when it started."""
        return root.exists() and Path(self._variable("FILESYSTEM_ROOT")).resolve() == root.resolve()

    def _variable(self, name: str) -> str:
        try:
            return self.process.environ().get(name, "")
        except psutil.Error:
            return ""

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

    No file says which process it is: the process itself does, by its current folder. So there is
    nothing that could be lost or out of date, and nothing that a copy of the folder could mistake:
    the system follows a folder that is moved.

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
        self._program = environments / "emulator" / "bin" / PROGRAM
        kind = "lambda-debug" if "EMULATOR_LAMBDA_DEBUG" in os.environ else "lambda"
        self._lambda_python = environments / kind / "bin" / "python"

    def running(self) -> list[Running]:
        """The emulators of this work folder: one or none, unless something went wrong."""
        return [running for running, program in self._all() if self._is_ours(program)]

    def _is_ours(self, program: Path) -> bool:
        """Whether this checkout started it: what was moved with it has another path since then."""
        return program == self._program or self.home == DEFAULT_HOME

    def _check_whose(self) -> None:
        """Raise ``EmulatorError`` if another checkout's emulator uses the work folder."""
        for running, program in self._all():
            if not self._is_ours(program):
                raise EmulatorError(
                    f"Another checkout's emulator uses {self.home}: process "
                    f"{running.process.pid}, started by {program}. `make down` there ends it; or "
                    "set DARKROOM_HOME to another folder."
                )

    def _all(self) -> list[tuple[Running, Path]]:
        """The emulators of this work folder, with the programs that started them."""
        found = []
        root = self._root.resolve()
        for process in psutil.process_iter():
            try:
                programs = [Path(word) for word in process.cmdline()[:2]]
                program = next((each for each in programs if each.name == PROGRAM), None)
                if program is None or Path(process.cwd()) != root:
                    continue
                port = int(process.environ()["GATEWAY_LISTEN"].rpartition(":")[2])
                found.append((Running(port, process, key=self._key()), program))
            except (psutil.Error, OSError):
                continue  # it has ended, or is another user's
        return found

    def start(self, port: int, say: Say) -> Running:
        """Start the emulator, or find the healthy one; waits until it answers.

        Raises ``EmulatorError``.
        """
        self._check_whose()
        for known in self.running():
            is_in_place = known.is_in(self._root)
            if is_in_place and known.becomes_healthy():
                if known.port != port:
                    raise EmulatorError(
                        f"The emulator runs on port {known.port} already. `make down` ends it."
                    )
                say(f"The emulator runs already, as process {known.process.pid}")
                return known
            why = "does not answer" if is_in_place else "has lost its work folder"
            say(f"Process {known.process.pid} is an emulator that {why}: starting it anew")
            end(known.process)
        check_port(port)
        if self._persist:
            self._check_kept_port(port)
        return self._launch(port)

    def stop(self) -> bool:
        """End the emulator and wait until nothing of it is left; answers whether one ran."""
        self._check_whose()
        known = self.running()
        for each in known:
            end(each.process)
        return bool(known)

    def forget(self) -> bool:
        """Remove what was kept; answers whether there was anything. Raises ``EmulatorError``."""
        self._check_whose()
        is_kept = self.is_kept()
        owned_folder.remove(self.state)
        return is_kept

    def saved(self) -> int | None:
        """When it was last saved, in nanoseconds; None if nothing is kept."""
        manifest = self.state / "manifest.json"
        return manifest.stat().st_mtime_ns if manifest.exists() else None

    def is_kept(self) -> bool:
        """Whether a start would bring something back."""
        return self.saved() is not None

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
        if self._persist:
            owned_folder.create(self.state)
        owned_folder.remove(self._root)
        owned_folder.create(self._root)
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
        with create_private(self.log) as log:
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
