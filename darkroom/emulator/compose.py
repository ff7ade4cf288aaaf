"""The emulator as a container: docker-compose.yml of this checkout, by Docker Compose."""

import json
import os
import re
import subprocess
import time
from dataclasses import dataclass, field, replace
from typing import Any

import boto3

from darkroom.emulator.instance import (
    HABIT,
    AccessKey,
    EmulatorError,
    Endpoint,
    check_port,
    kept_elsewhere,
    work_folder,
)
from localstack_init.build import PROJECT
from localstack_init.cloudformation import Say, StackError
from localstack_init.stack import Stack

SERVICE = "localstack"
CREDENTIALS = "/var/lib/localstack/credentials"
"""The emulator's own access key, on the volume."""

HOOK = "/etc/localstack/init/ready.d/deploy.sh"

NOTE = "volume"
"""In the work folder: this checkout, and the volume that is its own."""

START_SECONDS = 180.0
POLL_SECONDS = 0.25

KEPT_ELSEWHERE = re.compile(r"was saved at \S+:(?P<port>\d+), and its URLs contain")
"""The emulator's reason not to start, in its log."""

ENGINE_SECONDS = 10.0
"""What a Docker engine may take to say that it is there."""


def engine_answers() -> bool:
    """Whether there is a Docker engine, with Compose."""
    return all(
        _succeeds(*command) for command in (("compose", "version"), ("info", "--format", "{{.ID}}"))
    )


@dataclass
class ComposeEmulator:
    """The one container of the Compose project: ``COMPOSE_PROJECT_NAME``, or the folder's name.

    Its ready hook deploys; the container is healthy when that is done. With ``persist``, what it
    holds is kept in the project's volume, and there at the next start.

    Folders of the same name share a project. So the work folder notes which volume is this
    checkout's (a copy of the note names another checkout), and no other is used or removed.
    """

    stack: str = "darkroom"
    persist: bool = True
    _is_deployed: bool = field(default=False, init=False)

    def running(self) -> list[Endpoint]:
        """Where this checkout's container answers, if it runs."""
        return [
            Endpoint(publisher["PublishedPort"], key=_key())
            for container in self._containers()
            if _checkout(container) == str(PROJECT)
            for publisher in container["Publishers"] or ()  # null for one that has ended
            if publisher["PublishedPort"]
        ]

    def start(self, port: int, say: Say) -> Endpoint:
        """Build the image where it is not up to date, start the container, wait for the pipeline.

        Raises ``EmulatorError``.
        """
        endpoint = Endpoint(port)
        self._check_whose_it_is()
        self._check_whose_volume()
        known = self.running()
        if any(each.port != port for each in known):
            raise EmulatorError(
                f"The emulator runs on port {known[0].port} already. `make down` ends it."
            )
        if not known:
            check_port(port)
        before = self._ids()
        # Docker's own words: the first build takes a minute.
        if _run("up", "--build", "--detach", environment=self._environment(port)).returncode:
            raise EmulatorError(
                "Docker Compose could not start the container: see above. `make up MODE=native` "
                "does without Docker."
            )
        self._note_volume()
        self._is_deployed = not known or self._ids() != before
        if not self._is_deployed:
            say("The emulator runs already")
        self._wait(endpoint)
        return replace(endpoint, key=_key())

    def deploy(self, endpoint: Endpoint, stack: str, say: Say) -> dict[str, str]:
        """Bring the pipeline to the state of this checkout, where starting has not done it.

        Answers the stack's outputs. Raises ``StackError``.
        """
        if not self._is_deployed:
            command = ["exec", "--no-TTY", "--env", f"DARKROOM_STACK={stack}", SERVICE, HOOK]
            if _run(*command).returncode:
                raise StackError("The pipeline could not be deployed: see above.")
        client = boto3.client("cloudformation", endpoint_url=endpoint.url)
        return Stack(client, stack, say).outputs()

    def keeps(self) -> bool:
        """Whether the running container keeps what it holds when it ends."""
        asked = _compose("exec", "--no-TTY", SERVICE, "printenv", "EMULATOR_STATE_DIR")
        return bool(asked.stdout.strip())

    def stop(self, *, forget: bool = False, remove_image: bool = False) -> bool:
        """Remove the container with its network; answers whether there was one.

        What it held stays in the volume, unless that is to be forgotten and is this checkout's.
        """
        containers = self._containers()
        if any(_checkout(each) != str(PROJECT) for each in containers):
            return False
        known = bool(containers)
        if known:
            self._note_volume()
        options = ["--volumes"] if forget and self._owns_volume() else []
        options += ["--rmi", "local"] if remove_image else []
        done = _compose("down", "--remove-orphans", *options)
        if done.returncode:
            raise EmulatorError(f"Docker Compose could not remove the container: {done.stderr}")
        return known

    def where_logs_are(self) -> str:
        """For a person who looks for what the emulator says."""
        return "docker compose logs"

    def _containers(self) -> list[dict[str, Any]]:
        listed = _compose("ps", "--all", "--format", "json", SERVICE).stdout
        return [json.loads(line) for line in listed.splitlines()]

    def _ids(self) -> list[str]:
        return [each["ID"] for each in self._containers()]

    def _check_whose_it_is(self) -> None:
        """Raise ``EmulatorError`` rather than replace another checkout's container."""
        for container in self._containers():
            if (other := _checkout(container)) != str(PROJECT):
                raise EmulatorError(
                    f"The checkout in {other} has a container of the same name: Compose names them "
                    "by the folder. `make down` there, or set COMPOSE_PROJECT_NAME here."
                )

    def _check_whose_volume(self) -> None:
        """Raise ``EmulatorError`` rather than use what another checkout may have kept."""
        if not self._containers() and (volume := self._volume()) and not self._owns_volume():
            name = volume.split()[0]
            raise EmulatorError(
                f"The volume {name} may be another checkout's: Compose names volumes by the "
                "folder, and this checkout did not make it. It is left as it is. Set "
                "COMPOSE_PROJECT_NAME to another name; or, if it is this checkout's, run `docker "
                "compose up --build --wait` to go on with it, `docker compose down --volumes` to "
                "remove it."
            )

    def _owns_volume(self) -> bool:
        note = work_folder() / NOTE
        return note.exists() and note.read_text() == self._noted()

    def _note_volume(self) -> None:
        """Note the volume of this checkout's container."""
        (work_folder() / NOTE).write_text(self._noted())

    def _noted(self) -> str:
        return f"{PROJECT}\n{self._volume()}\n"

    @staticmethod
    def _volume() -> str:
        """The volume's name, and when it was made, which tells it from a later one; "" if none."""
        configured = _compose("config", "--format", "json").stdout
        name = json.loads(configured or "{}").get("volumes", {}).get("state", {}).get("name")
        if not name:
            return ""
        inspect = ["docker", "volume", "inspect", "--format", "{{.Name}} {{.CreatedAt}}", name]
        return subprocess.run(inspect, capture_output=True, text=True, check=False).stdout.strip()

    def _environment(self, port: int) -> dict[str, str]:
        settings = {"PORT": str(port), "DARKROOM_STACK": self.stack}
        # Without it, docker-compose.yml has a folder on the volume.
        return settings if self.persist else settings | {"EMULATOR_STATE_DIR": ""}

    def _wait(self, endpoint: Endpoint) -> None:
        """Return when the ready hook has deployed."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            answer = endpoint.answer("init/ready")
            states = [each["state"] for each in answer.json()["scripts"]] if answer else []
            if states and all(state == "SUCCESSFUL" for state in states):
                return
            if "ERROR" in states or (answer is None and not self.running()):
                break
            time.sleep(POLL_SECONDS)
        log = _compose("logs", "--no-log-prefix", "--tail", "30", SERVICE).stdout
        if kept := KEPT_ELSEWHERE.search(log):
            self.stop()
            raise kept_elsewhere(int(kept["port"]), endpoint.port)
        raise EmulatorError(
            f"The container did not get the pipeline deployed. The end of its log:\n{log}\n"
            "`make reset` and then `make up` begin anew."
        )


def _checkout(container: dict[str, Any]) -> str:
    """The folder that a container was made from."""
    labels: dict[str, str] = dict(
        label.partition("=")[::2] for label in container["Labels"].split(",")
    )
    return labels.get("com.docker.compose.project.working_dir", "")


def _key() -> AccessKey:
    """The key that the emulator in the container made at its first start."""
    return AccessKey.read(_compose("exec", "--no-TTY", SERVICE, "cat", CREDENTIALS).stdout) or HABIT


def _compose(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What Docker Compose answers."""
    return subprocess.run(
        ["docker", "compose", *arguments],  # noqa: S607 (found on PATH, as by its user)
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def _run(
    *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Let Docker Compose speak for itself."""
    return subprocess.run(
        ["docker", "compose", *arguments],  # noqa: S607 (found on PATH, as by its user)
        cwd=PROJECT, env={**os.environ, **(environment or {})}, check=False,
    )  # fmt: skip


def _succeeds(*arguments: str) -> bool:
    try:
        done = subprocess.run(
            ["docker", *arguments],  # noqa: S607 (found on PATH, as by its user)
            capture_output=True, timeout=ENGINE_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
