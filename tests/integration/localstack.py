"""A LocalStack process under test."""

import os
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
import psutil
from botocore.config import Config

from darkroom.emulator.endpoint import AccessKey
from tests import guard
from tests.speed import LIMIT

from .waiting import goes_on, wait_for

PROJECT = Path(__file__).parents[2]
ENVIRONMENTS = PROJECT / ".darkroom" / "env"
EMULATOR = ENVIRONMENTS / "emulator" / "bin" / "localstack-native"
LAMBDA_PYTHON = ENVIRONMENTS / "lambda" / "bin" / "python"
REGION = "us-east-1"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LocalStack:
    """One instance with a folder and a port of its own."""

    def __init__(self, root: Path, port: int, process: psutil.Process) -> None:
        self.root = root
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = root / "localstack.log"
        self.process = process

    @classmethod
    def started(
        cls, root: Path, port: int | None = None, /, **settings: str | None
    ) -> "LocalStack":
        """Start one with further environment variables, of which None removes one."""
        port = port or free_port()
        root.mkdir(parents=True, exist_ok=True)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(root),
            "GATEWAY_LISTEN": f"127.0.0.1:{port}",
            "FILESYSTEM_ROOT": str(root / "files"),
            "EMULATOR_CREDENTIALS_FILE": str(root / "credentials"),
            "EMULATOR_LAMBDA_PYTHON": str(LAMBDA_PYTHON),
            **guard.mark(),
            **settings,
        }
        with (root / "localstack.log").open("wb") as log:
            process = psutil.Popen(
                [EMULATOR],
                stdout=log,
                stderr=subprocess.STDOUT,
                env={name: value for name, value in environment.items() if value is not None},
                cwd=root,
            )
        return cls(root, port, process)

    def wait_until_healthy(self) -> None:
        """Return when LocalStack answers; fail when it ends instead."""

        def is_healthy() -> bool:
            assert goes_on(self.process), f"LocalStack ended:\n{self.log_text()}"
            try:
                with urllib.request.urlopen(f"{self.url}/_localstack/health", timeout=LIMIT):
                    return True
            except OSError:
                return False

        wait_for(is_healthy)

    def client(self, name: str) -> Any:
        """Return a boto3 client for a service, which signs with the installation's key."""
        return boto3.client(
            name,  # type: ignore[call-overload]
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=self.key.id,
            aws_secret_access_key=self.key.secret,
            config=Config(retries={"total_max_attempts": 1}, read_timeout=LIMIT),
        )

    @property
    def key(self) -> AccessKey:
        """Return the access key of this installation."""
        key = AccessKey.read((self.root / "credentials").read_text())
        assert key
        return key

    def log_text(self) -> str:
        """Return all that LocalStack has written."""
        return self.log.read_text(errors="replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if goes_on(self.process):
            self.process.terminate()
            try:
                self.process.wait(LIMIT)
            except psutil.TimeoutExpired:
                self.process.kill()
                self.process.wait()
