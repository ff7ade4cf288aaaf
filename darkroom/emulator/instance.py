"""The emulator on this machine, in whichever way it runs: its address, and its work folder."""

import configparser
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import httpx
import psutil

from localstack_init.build import PROJECT

HOST = "127.0.0.1"
"""Loopback, and by address: S3 clients then put the bucket into the path, which needs no DNS."""

POLL_SECONDS = 0.05

DEFAULT_HOME = PROJECT / ".darkroom"

EXPORTS = """\
# Leads AWS clients to the emulator, whatever account the shell is logged in to.
for name in $(env | sed -n 's/^\\(AWS_[A-Z0-9_]*\\)=.*/\\1/p'); do unset "$name"; done
"""


class EmulatorError(Exception):
    """The emulator cannot be started or stopped. Says why, and the way out."""


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An access key, and the secret that requests are signed with."""

    id: str
    secret: str

    @classmethod
    def read(cls, text: str) -> "AccessKey | None":
        """Read the emulator's credentials file; None where it holds no key."""
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read_string(text)
            profile = parser["default"]
            return cls(profile["aws_access_key_id"], profile["aws_secret_access_key"])
        except (configparser.Error, KeyError):
            return None


HABIT = AccessKey("test", "test")
"""LocalStack's habit. The emulator takes it in signed headers, never in what a browser can send."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the emulator answers."""

    port: int
    key: AccessKey = field(default=HABIT, kw_only=True)
    """What its clients sign with: the installation's own key, where it is known."""

    @property
    def url(self) -> str:
        """The endpoint of every AWS service."""
        return f"http://{HOST}:{self.port}"

    def environment(self) -> dict[str, str]:
        """What AWS clients need in their environment, beside no other ``AWS_`` variable."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.key.id,
            "AWS_SECRET_ACCESS_KEY": self.key.secret,
            "AWS_DEFAULT_REGION": "us-east-1",
            "NO_PROXY": HOST,
            "no_proxy": HOST,
        }

    def answer(self, path: str) -> httpx.Response | None:
        """What the emulator says of itself; None if it does not answer."""
        try:
            return httpx.get(f"{self.url}/_localstack/{path}", timeout=2, trust_env=False)
        except httpx.HTTPError:
            return None

    def state(self) -> dict[str, str | None]:
        """What became of the state that was kept; empty if none is.

        ``restored`` says when it was saved, ``set_aside`` where it is if it could not be used.
        """
        try:
            answer = httpx.get(f"{self.url}/_emulator/state", timeout=30, trust_env=False)
        except httpx.HTTPError:
            return {}
        return answer.json() if answer.status_code == httpx.codes.OK else {}

    def is_healthy(self) -> bool:
        """Whether the emulator answers."""
        answer = self.answer("health")
        return answer is not None and answer.status_code == httpx.codes.OK


def work_folder() -> Path:
    """The work folder: ``.darkroom/`` of the checkout, unless ``DARKROOM_HOME`` names another."""
    return Path(os.environ.get("DARKROOM_HOME") or DEFAULT_HOME).absolute()


def create_work_folder(home: Path) -> None:
    """Create it for its owner alone. A folder that is not ours keeps its mode."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if home == DEFAULT_HOME:
        home.chmod(0o700)


def create_private(path: Path) -> TextIO:
    """Create a file that its owner alone may read, or empty the one that is there."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "w")


def exports_file(home: Path) -> Path:
    """Lines for a shell that lead AWS clients to the running emulator."""
    return home / "emulator.env"


def write_exports(home: Path, endpoint: Endpoint) -> None:
    """Say how to reach the emulator."""
    lines = (f"export {name}={value}\n" for name, value in endpoint.environment().items())
    with create_private(exports_file(home)) as file:
        file.write(EXPORTS + "".join(lines))


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Let two commands that change the emulator come one after the other."""
    create_work_folder(home)
    with create_private(home / "emulator.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def check_port(port: int) -> None:
    """Raise ``EmulatorError`` if the port is taken."""
    if is_taken(port):
        raise EmulatorError(
            f"Port {port} is taken by {named(listener(port))}. End it, or choose another port: "
            f"`make up PORT={port + 1}`."
        )


def is_taken(port: int) -> bool:
    """Whether somebody listens on the port."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError:
            return True
    return False


def named(holder: psutil.Process | None) -> str:
    """A process, as a person finds it."""
    return f"process {holder.pid} ({holder.name()})" if holder else "another program"


def kept_elsewhere(kept: int, port: int) -> EmulatorError:
    """Why what was kept can be used on its own port alone: URLs in it name that."""
    return EmulatorError(
        f"The pictures that were kept belong to port {kept}: `make up PORT={kept}` brings them "
        f"back. `make up PORT={port} PERSIST=0` starts without them, and `make reset` forgets them."
    )


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
