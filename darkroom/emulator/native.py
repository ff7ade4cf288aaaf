"""The emulator as a plain process of this checkout."""

import json
import os
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from darkroom.emulator import owned_folder
from darkroom.emulator.endpoint import DEFAULT_KEY, HOST, AccessKey, Endpoint
from darkroom.emulator.ports import check_port, snapshot_port_error
from darkroom.emulator.progress import START_SECONDS, problem, responses
from darkroom.emulator.work_folder import DEFAULT_HOME, create_private, work_folder
from darkroom.errors import EmulatorError
from localstack_init.build import PROJECT
from localstack_init.cloudformation import Say
from localstack_init.deploy import Deployment, deploy

PROGRAM = "localstack-native"

RESPONSE_SECONDS = 10.0
"""Longest time without progress of an emulator that has been running."""

STOP_SECONDS = 30.0
"""The emulator saves its snapshot when it stops."""

PROXIES = ("http_proxy", "https_proxy", "all_proxy")
"""The emulator sends no request to another machine."""


@dataclass(frozen=True, slots=True)
class EmulatorProcess(Endpoint):
    """A started emulator."""

    process: psutil.Process

    def persists(self) -> bool:
        """Whether it saves a snapshot when it stops."""
        return bool(self._variable("EMULATOR_STATE_DIR"))

    def is_in(self, root: Path) -> bool:
        """Whether its folder is still at the path where it started."""
        return root.exists() and Path(self._variable("FILESYSTEM_ROOT")).resolve() == root.resolve()

    def is_alive(self) -> bool:
        """Whether the process runs."""
        try:
            return self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def wait(self, log: Path, start_seconds: float = START_SECONDS) -> str:
        """Wait for a response, as long as the process makes progress; return what is wrong, or "".

        It may pause for ``start_seconds`` while it starts, and for ``RESPONSE_SECONDS`` later.
        """
        left = self.process.create_time() + start_seconds - time.time()
        seconds = max(left, min(start_seconds, RESPONSE_SECONDS))
        response = None
        for response in responses(self.health, lambda: self._progress(log), seconds):
            if response is not None and response.is_success:
                return ""
            if not self.is_alive():
                break
        return problem(response)

    def _progress(self, log: Path) -> float:
        """Return the seconds of processor time that the process has used, plus its log's bytes."""
        try:
            used = self.process.cpu_times()
        except psutil.NoSuchProcess:
            return 0.0
        size = log.stat().st_size if log.exists() else 0
        return used.user + used.system + used.children_user + used.children_system + size

    def _variable(self, name: str) -> str:
        try:
            return self.process.environ().get(name, "")
        except psutil.Error:
            return ""


class NativeEmulator:
    """The one emulator of a work folder; with ``persist``, it saves and restores a snapshot.

    A process belongs to the work folder that is its current directory. Unlike a file with a process
    ID, this cannot be lost or outdated, is not copied with the folder, and follows a moved folder.
    """

    def __init__(
        self,
        home: Path | None = None,
        *,
        persist: bool = False,
        start_seconds: float = START_SECONDS,
        stop_seconds: float = STOP_SECONDS,
    ) -> None:
        self.home = home or work_folder()
        self.state = self.home / "state"
        self.log = self.home / "emulator.log"
        self._persist = persist
        self._start_seconds, self._stop_seconds = start_seconds, stop_seconds
        self._root = self.home / "localstack"
        self._credentials = self.home / "credentials"
        environments = PROJECT / ".darkroom" / "env"
        self._program = environments / "emulator" / "bin" / PROGRAM
        kind = "lambda-debug" if "EMULATOR_LAMBDA_DEBUG" in os.environ else "lambda"
        self._lambda_python = environments / kind / "bin" / "python"

    def running(self) -> list[EmulatorProcess]:
        """Return the emulators of this work folder: at most one, except after a fault."""
        return [process for process, program in self._all() if self._is_ours(program)]

    def start(self, port: int, say: Say) -> EmulatorProcess:
        """Start the emulator, unless a healthy one runs, and wait until it responds.

        Raises ``EmulatorError``.
        """
        self._check_owner()
        for known in self.running():
            is_in_place = known.is_in(self._root)
            reason = "has lost its work folder"
            if is_in_place and not (reason := known.wait(self.log, self._start_seconds)):
                if known.port != port:
                    raise EmulatorError(
                        f"The emulator is already running on port {known.port}. To stop it, run "
                        "`make down`."
                    )
                say(f"The emulator is already running (process {known.process.pid})")
                return known
            say(f"The emulator in process {known.process.pid} {reason}: restarting it")
            end(known.process, self._stop_seconds)
        check_port(port)
        if self._persist:
            self._check_snapshot_port(port)
        return self._launch(port)

    def stop(self) -> bool:
        """Stop the emulator and its child processes; returns whether one ran."""
        self._check_owner()
        known = self.running()
        for each in known:
            end(each.process, self._stop_seconds)
        return bool(known)

    def delete_snapshot(self) -> bool:
        """Delete the snapshot; returns whether there was one. Raises ``EmulatorError``."""
        self._check_owner()
        existed = self.snapshot_time() is not None
        owned_folder.remove(self.state)
        return existed

    def snapshot_time(self) -> int | None:
        """Return when the snapshot was saved, in nanoseconds since 1970; None without one."""
        manifest = self.state / "manifest.json"
        return manifest.stat().st_mtime_ns if manifest.exists() else None

    def deploy(self, endpoint: Endpoint, stack: str, say: Say) -> dict[str, str]:
        """Deploy the pipeline; returns the stack's outputs. Raises ``StackError``."""
        return deploy(Deployment.to_emulator(endpoint.url, stack), say)

    def log_location(self) -> str:
        """Return where to read the emulator's log."""
        return str(self.log)

    def _all(self) -> list[tuple[EmulatorProcess, Path]]:
        """Return the emulators in this work folder, each with the program that started it."""
        found = []
        root = self._root.resolve()
        for process in psutil.process_iter():
            try:
                programs = [Path(word) for word in process.cmdline()[:2]]
                program = next((each for each in programs if each.name == PROGRAM), None)
                if program is None or Path(process.cwd()) != root:
                    continue
                port = int(process.environ()["GATEWAY_LISTEN"].rpartition(":")[2])
                found.append((EmulatorProcess(port, process, key=self._key()), program))
            except (psutil.Error, OSError):
                continue  # it has ended, or belongs to another user
        return found

    def _is_ours(self, program: Path) -> bool:
        """Whether this checkout started the program; a moved checkout has another path since."""
        return program == self._program or self.home == DEFAULT_HOME

    def _check_owner(self) -> None:
        """Raise ``EmulatorError`` if another checkout's emulator uses the work folder."""
        for running, program in self._all():
            if not self._is_ours(program):
                raise EmulatorError(
                    f"Another checkout's emulator uses {self.home}: process "
                    f"{running.process.pid}, started by {program}. Run `make down` there, or set "
                    "DARKROOM_HOME to another folder."
                )

    def _check_snapshot_port(self, port: int) -> None:
        """Raise ``EmulatorError`` if the snapshot belongs to another port: its URLs name it."""
        try:
            manifest = json.loads((self.state / "manifest.json").read_text())
            saved = int(manifest["address"].rpartition(":")[2])
        except (OSError, ValueError, KeyError):
            return  # no snapshot, or one that the emulator itself will reject
        if saved != port:
            raise snapshot_port_error(saved, port)

    def _key(self) -> AccessKey:
        """Return the key that the emulator created at its first start."""
        try:
            return AccessKey.read(self._credentials.read_text()) or DEFAULT_KEY
        except OSError:
            return DEFAULT_KEY

    def _launch(self, port: int) -> EmulatorProcess:
        if not self._program.exists():
            raise EmulatorError("The emulator is not installed. Run `make install`.")
        if self._persist:
            owned_folder.create(self.state)
        owned_folder.remove(self._root)
        owned_folder.create(self._root)
        with create_private(self.log) as log:
            child = subprocess.Popen(
                [str(self._program)],
                cwd=self._root,
                env=self._environment(port),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started = EmulatorProcess(port, psutil.Process(child.pid))
        if not (reason := started.wait(self.log, self._start_seconds)):
            return replace(started, key=self._key())
        status = child.poll()
        end(started.process, self._stop_seconds)
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
        how, advice = (
            (f"{reason}, and was stopped", "Run `make up` again.")
            if status is None
            else (
                f"exited with status {status}",
                "If a part of the installation is missing, run `make clean`, then `make up`.",
            )
        )
        raise EmulatorError(f"The emulator {how}. The end of {self.log}:\n{tail}\n{advice}")

    def _environment(self, port: int) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("AWS_") and name.lower() not in PROXIES
        }
        trace = os.environ.get("EMULATOR_IAM_TRACE") or str(self.home / "iam-decisions.jsonl")
        return inherited | {
            # LocalStack's own clients use boto3, which reads the user's configuration.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "GATEWAY_LISTEN": f"{HOST}:{port}",
            "FILESYSTEM_ROOT": str(self._root),
            "EMULATOR_CREDENTIALS_FILE": str(self._credentials),
            "EMULATOR_IAM_TRACE": trace,
            "EMULATOR_LAMBDA_PYTHON": str(self._lambda_python),
            "EMULATOR_STATE_DIR": str(self.state) if self._persist else "",
            # The log is a file, whatever the terminal's encoding is.
            "PYTHONIOENCODING": "utf-8",
            "PYTHONUTF8": "1",
        }


def end(process: psutil.Process, seconds: float = STOP_SECONDS) -> None:
    """Terminate a process with its children; those that run after ``seconds`` are killed."""
    try:
        family = [process, *process.children(recursive=True)]
        process.terminate()
    except psutil.NoSuchProcess:
        return
    _, alive = psutil.wait_procs(family, timeout=seconds)
    for each in alive:
        each.kill()
    psutil.wait_procs(alive, timeout=seconds)
