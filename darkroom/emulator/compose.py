"""The emulator as a container, started by Docker Compose from this checkout."""

import json
import os
import re
import subprocess
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import boto3

from darkroom.emulator.endpoint import DEFAULT_KEY, AccessKey, Endpoint
from darkroom.emulator.ports import check_port, snapshot_port_error
from darkroom.emulator.progress import START_SECONDS, problem, responses
from darkroom.emulator.work_folder import work_folder
from darkroom.errors import EmulatorError
from localstack_init.build import PROJECT
from localstack_init.cloudformation import Say, StackError
from localstack_init.stack import Stack

SERVICE = "localstack"
CREDENTIALS = "/var/lib/localstack/credentials"
"""The file on the volume with the emulator's own access key."""

READY_HOOK = "/etc/localstack/init/ready.d/deploy.sh"

VOLUME_NOTE = "volume"
"""The file in the work folder that holds this checkout's path and the volume that it created."""

PROCESSOR_TIME = re.compile(r"\b(\d+):(\d\d):(\d\d)\b")
"""The column TIME of `docker compose top`: hours, minutes and seconds."""

WRONG_PORT = re.compile(r"was saved at \S+:(?P<port>\d+), and its URLs contain")
"""The line of the emulator's log that says why it did not start."""

ENGINE_SECONDS = 10.0
"""Longest wait for a response of the Docker engine."""


def has_engine(seconds: float = ENGINE_SECONDS) -> bool:
    """Whether a Docker engine with Compose responds."""
    return all(
        _succeeds(command, seconds)
        for command in (("compose", "version"), ("info", "--format", "{{.ID}}"))
    )


@dataclass
class ComposeEmulator:
    """The container of the Compose project: ``COMPOSE_PROJECT_NAME``, or the folder's name.

    Its ready hook deploys the pipeline; the container is healthy after that. With ``persist``, it
    saves a snapshot in the project's volume and restores it at the next start.

    Checkouts in folders of the same name share a project. Therefore the work folder notes which
    volume this checkout created (in a copied work folder the note names another checkout), and no
    other volume is used or deleted.
    """

    stack: str = "darkroom"
    persist: bool = True
    _is_deployed: bool = field(default=False, init=False)

    def running(self) -> list[Endpoint]:
        """Return the endpoint of this checkout's container, if it runs."""
        return [
            Endpoint(publisher["PublishedPort"], key=_key())
            for container in self._containers()
            if _checkout(container) == str(PROJECT)
            for publisher in container["Publishers"] or ()  # null if the container has ended
            if publisher["PublishedPort"]
        ]

    def start(self, port: int, say: Say) -> Endpoint:
        """Build the image if it is outdated, start the container, and wait for the pipeline.

        Raises ``EmulatorError``.
        """
        endpoint = Endpoint(port)
        self._check_container_owner()
        self._check_volume_owner()
        known = self.running()
        if any(each.port != port for each in known):
            raise EmulatorError(
                f"The emulator is already running on port {known[0].port}. To stop it, run `make "
                "down`."
            )
        if not known:
            check_port(port)
        before = self._ids()
        # Docker's output is shown: the first build takes a minute.
        if _run("up", "--build", "--detach", environment=self._environment(port)).returncode:
            raise EmulatorError(
                "Docker Compose could not start the container. The reason is above. To run without "
                "Docker: `make up MODE=native`."
            )
        self._note_volume()
        self._is_deployed = not known or self._ids() != before
        if not self._is_deployed:
            say("The emulator is already running")
        self._wait(endpoint)
        return replace(endpoint, key=_key())

    def deploy(self, endpoint: Endpoint, stack: str, say: Say) -> dict[str, str]:
        """Deploy the pipeline, unless the start did; returns the stack's outputs.

        Raises ``StackError``.
        """
        if not self._is_deployed:
            command = ["exec", "--no-TTY", "--env", f"DARKROOM_STACK={stack}", SERVICE, READY_HOOK]
            if _run(*command).returncode:
                raise StackError("The pipeline was not deployed. The reason is above.")
        client = boto3.client("cloudformation", endpoint_url=endpoint.url)
        return Stack(client, stack, say).outputs()

    def persists(self) -> bool:
        """Whether the running container saves a snapshot when it stops."""
        done = _compose("exec", "--no-TTY", SERVICE, "printenv", "EMULATOR_STATE_DIR")
        return bool(done.stdout.strip())

    def stop(self, *, delete_volume: bool = False, delete_image: bool = False) -> bool:
        """Remove the container and its network; returns whether there was one.

        The volume is deleted only if this checkout created it.
        """
        containers = self._containers()
        if any(_checkout(each) != str(PROJECT) for each in containers):
            return False
        if containers:
            self._note_volume()
        options = ["--volumes"] if delete_volume and self._owns_volume() else []
        options += ["--rmi", "local"] if delete_image else []
        done = _compose("down", "--remove-orphans", *options)
        if done.returncode:
            raise EmulatorError(f"Docker Compose could not remove the container: {done.stderr}")
        return bool(containers)

    def log_location(self) -> str:
        """Return where to read the emulator's log."""
        return "docker compose logs"

    def _containers(self) -> list[dict[str, Any]]:
        listed = _compose("ps", "--all", "--format", "json", SERVICE).stdout
        return [json.loads(line) for line in listed.splitlines()]

    def _ids(self) -> list[str]:
        return [each["ID"] for each in self._containers()]

    def _check_container_owner(self) -> None:
        """Raise ``EmulatorError`` if the container is another checkout's."""
        for container in self._containers():
            if (other := _checkout(container)) != str(PROJECT):
                raise EmulatorError(
                    f"The checkout in {other} has a container of the same name: Compose names "
                    "containers after the folder. Run `make down` there, or set "
                    "COMPOSE_PROJECT_NAME here."
                )

    def _check_volume_owner(self) -> None:
        """Raise ``EmulatorError`` if the volume may hold another checkout's snapshot."""
        if not self._containers() and (volume := self._volume()) and not self._owns_volume():
            name = volume.split()[0]
            raise EmulatorError(
                f"The volume {name} may belong to another checkout: Compose names volumes after "
                "the folder, and this checkout did not create it. The volume is unchanged. Set "
                "COMPOSE_PROJECT_NAME to another name. If the volume belongs to this checkout, run "
                "`docker compose up --build --wait` to continue with it, or `docker compose down "
                "--volumes` to delete it."
            )

    def _owns_volume(self) -> bool:
        note = work_folder() / VOLUME_NOTE
        return note.exists() and note.read_text() == self._note()

    def _note_volume(self) -> None:
        (work_folder() / VOLUME_NOTE).write_text(self._note())

    def _note(self) -> str:
        return f"{PROJECT}\n{self._volume()}\n"

    @staticmethod
    def _volume() -> str:
        """Return the volume's name and creation time, which identify it; "" if there is none."""
        configured = _compose("config", "--format", "json").stdout
        name = json.loads(configured or "{}").get("volumes", {}).get("state", {}).get("name")
        if not name:
            return ""
        inspect = ["docker", "volume", "inspect", "--format", "{{.Name}} {{.CreatedAt}}", name]
        return subprocess.run(inspect, capture_output=True, text=True, check=False).stdout.strip()

    def _environment(self, port: int) -> dict[str, str]:
        settings = {"PORT": str(port), "DARKROOM_STACK": self.stack}
        # docker-compose.yml's default is a folder on the volume.
        return settings if self.persist else settings | {"EMULATOR_STATE_DIR": ""}

    def _wait(self, endpoint: Endpoint) -> None:
        """Wait until the ready hook has deployed. Raises ``EmulatorError``."""
        response = None
        request = partial(endpoint.internal, "init/ready")
        for response in responses(request, self._progress, START_SECONDS):
            scripts = response.json()["scripts"] if response and response.is_success else []
            states = [each["state"] for each in scripts]
            if states and all(state == "SUCCESSFUL" for state in states):
                return
            if "ERROR" in states or (response is None and not self.running()):
                break
        log = _compose("logs", "--no-log-prefix", "--tail", "30", SERVICE).stdout
        if saved := WRONG_PORT.search(log):
            self.stop()
            raise snapshot_port_error(int(saved["port"]), endpoint.port)
        how = (
            f"the emulator {problem(response)}"
            if response and response.is_error
            else "the pipeline was not deployed"
        )
        raise EmulatorError(
            f"The container started, but {how}. The end of its log:\n{log}\nRun `make reset`, then "
            "`make up`."
        )

    @staticmethod
    def _progress() -> float:
        """Return the seconds of processor time of the container's processes, and its log's size."""
        used = PROCESSOR_TIME.findall(_compose("top", SERVICE).stdout)
        seconds = sum(int(h) * 3600 + int(m) * 60 + int(s) for h, m, s in used)
        return seconds + len(_compose("logs", "--no-log-prefix", SERVICE).stdout)


def _checkout(container: dict[str, Any]) -> str:
    """Return the folder of the Compose file that a container was created from."""
    labels: dict[str, str] = dict(
        label.partition("=")[::2] for label in container["Labels"].split(",")
    )
    return labels.get("com.docker.compose.project.working_dir", "")


def _key() -> AccessKey:
    """Return the key that the emulator in the container created at its first start."""
    text = _compose("exec", "--no-TTY", SERVICE, "cat", CREDENTIALS).stdout
    return AccessKey.read(text) or DEFAULT_KEY


def _compose(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Docker Compose and capture its output."""
    return subprocess.run(
        ["docker", "compose", *arguments],  # noqa: S607 (found on PATH, as by its user)
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def _run(
    *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run Docker Compose and show its output."""
    return subprocess.run(
        ["docker", "compose", *arguments],  # noqa: S607 (found on PATH, as by its user)
        cwd=PROJECT, env={**os.environ, **(environment or {})}, check=False,
    )  # fmt: skip


def _succeeds(arguments: tuple[str, ...], seconds: float) -> bool:
    try:
        done = subprocess.run(
            ["docker", *arguments],  # noqa: S607 (found on PATH, as by its user)
            capture_output=True, timeout=seconds, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
