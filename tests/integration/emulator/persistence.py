"""LocalStacks that come one after another and share a state."""

import json
import urllib.request
from pathlib import Path
from typing import Any

from tests.integration.localstack import LocalStack, free_port


class PersistentLocalStack:
    """A folder for the state, and a port that stays."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.state = root / "state"
        self.port = free_port()

    def start(self, interval: float = 3600, **settings: str | None) -> LocalStack:
        """Start a LocalStack with this state, and wait until it answers."""
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
        """Return what the running LocalStack tells of its state; POST has it saved before."""
        url = f"http://127.0.0.1:{self.port}/_emulator/state"
        with urllib.request.urlopen(
            urllib.request.Request(url, method=method), timeout=30
        ) as response:
            content: dict[str, Any] = json.load(response)
            return content
