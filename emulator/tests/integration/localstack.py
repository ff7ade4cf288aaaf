"""A LocalStack process under test."""

import configparser
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
import psutil
from botocore.config import Config
from botocore.credentials import Credentials

from tests.speed import LIMIT

from .waiting import wait_for

PROJECT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).with_name("localstack-native")
LAMBDA_PYTHON = PROJECT / ".functions" / "bin" / "python"
REGION = "us-east-1"

ENDS_WITH_ITS_PARENT = ("setpriv", "--pdeathsig", "TERM")
"""Prefix of a command that the kernel ends with the test session, however that ends."""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def policy(statement: dict[str, Any]) -> str:
    """Return a policy of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class LocalStack:
    """One instance with a folder and a port of its own."""

    def __init__(
        self,
        root: Path,
        port: int | None = None,
        program: Path = PROGRAM,
        /,
        **settings: str | None,
    ) -> None:
        self.root = root
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = root / "localstack.log"
        root.mkdir(parents=True, exist_ok=True)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(root),
            "GATEWAY_LISTEN": f"127.0.0.1:{self.port}",
            "FILESYSTEM_ROOT": str(root / "files"),
            "EMULATOR_CREDENTIALS_FILE": str(root / "credentials"),
            "EMULATOR_LAMBDA_PYTHON": str(LAMBDA_PYTHON),
            **settings,
        }
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [*ENDS_WITH_ITS_PARENT, program],
                stdout=log,
                stderr=subprocess.STDOUT,
                env={name: value for name, value in environment.items() if value is not None},
                cwd=root,
            )

    def wait_until_healthy(self) -> None:
        """Return when LocalStack responds; fail when it ends instead."""

        def is_healthy() -> bool:
            assert self.process.poll() is None, f"LocalStack ended:\n{self.log_text()}"
            try:
                with urllib.request.urlopen(f"{self.url}/_localstack/health", timeout=LIMIT):
                    return True
            except OSError:
                return False

        wait_for(is_healthy)

    def client(self, name: str, key: tuple[str, str] | None = None) -> Any:
        """Return a boto3 client for a service, which signs with the installation's key."""
        id_, secret = key or (self.key.access_key, self.key.secret_key)
        return boto3.client(
            name,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=id_,
            aws_secret_access_key=secret,
            config=Config(retries={"total_max_attempts": 1}, read_timeout=LIMIT),
        )

    def create_role(self, name: str) -> None:
        """Create a role that everyone may assume and that may do everything, unless it exists."""
        iam = self.client("iam")
        principal = {"AWS": "*", "Service": "*"}
        trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        with suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
        everything = policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
        iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=everything)

    def create_queue(self, name: str) -> str:
        """Create a queue that services may send messages to; return its URL."""
        send = {
            "Effect": "Allow",
            "Principal": {"Service": "*"},
            "Action": "sqs:SendMessage",
            "Resource": "*",
        }
        created = self.client("sqs").create_queue(
            QueueName=name, Attributes={"Policy": policy(send)}
        )
        return str(created["QueueUrl"])

    @property
    def key(self) -> Credentials:
        """The access key of this installation."""
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(self.root / "credentials")
        profile = parser["default"]
        return Credentials(profile["aws_access_key_id"], profile["aws_secret_access_key"])

    def log_text(self) -> str:
        """Return the log of the process."""
        return self._log.read_text(errors="replace")

    def processes(self) -> list[psutil.Process]:
        """Return LocalStack's child processes, which are those of functions."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End LocalStack by a signal; return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(LIMIT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
