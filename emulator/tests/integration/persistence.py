"""Consecutive LocalStacks that share a state folder."""

import json
import shutil
import urllib.request
from pathlib import Path
from typing import Any, Self

from tests.speed import LIMIT

from .localstack import LocalStack, free_port


class PersistentLocalStack:
    """A state folder and a fixed port."""

    def __init__(self, root: Path, port: int | None = None) -> None:
        self.root = root
        self.state = root / "state"
        self.port = port or free_port()

    def copied(self, root: Path) -> Self:
        """Return a copy of the state in another folder, with the same port."""
        shutil.copytree(self.state, root / "state")
        return type(self)(root, self.port)

    def start(self, interval: float = 3600, **settings: str | None) -> LocalStack:
        """Start a LocalStack with this state, and wait until it is healthy."""
        localstack = LocalStack(
            self.root,
            self.port,
            EMULATOR_STATE_DIR=str(self.state),
            EMULATOR_STATE_INTERVAL=str(interval),
            **settings,
        )
        localstack.wait_until_healthy()
        return localstack

    def request_state(self, method: str = "GET") -> dict[str, Any]:
        """Return the status of the running LocalStack's state; POST takes a snapshot first."""
        url = f"http://127.0.0.1:{self.port}/_emulator/state"
        with urllib.request.urlopen(
            urllib.request.Request(url, method=method), timeout=LIMIT
        ) as response:
            content: dict[str, Any] = json.load(response)
            return content
