"""A client of the Debug Adapter Protocol, as far as the tests need it.

https://microsoft.github.io/debug-adapter-protocol/overview
"""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.speed import LIMIT

Message = dict[str, Any]


class DebugClient:
    """A client that is connected to an adapter."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=LIMIT)
        self._stream = self._socket.makefile("rwb")
        self._number = 0
        self._waiting: list[Message] = []

    def attach(self, *, local: Path, remote: Path) -> None:
        """Start debugging; the function's folder ``remote`` is the IDE's ``local``."""
        self.request("initialize", adapterID="tests", pathFormat="path")
        roots = [{"localRoot": str(local), "remoteRoot": str(remote)}]
        # Answered only after the configuration is done.
        self._send("attach", pathMappings=roots, justMyCode=False)
        self.event("initialized")

    def break_at(self, file: Path, line: int) -> Message:
        """Set a breakpoint and let the function continue."""
        response = self.request(
            "setBreakpoints", source={"path": str(file)}, breakpoints=[{"line": line}]
        )
        self.request("configurationDone")
        return dict(response["breakpoints"][0])

    def request(self, command: str, **arguments: Any) -> Message:
        """Send a request and return the body of its response."""
        number = self._send(command, **arguments)
        response = self._wait(lambda each: each.get("request_seq") == number)
        assert response["success"], response
        return dict(response.get("body") or {})

    def event(self, name: str) -> Message:
        """Wait for an event and return its body."""
        return dict(self._wait(lambda each: each.get("event") == name).get("body") or {})

    def _send(self, command: str, **arguments: Any) -> int:
        self._number += 1
        content = {"seq": self._number, "type": "request", "command": command}
        content |= {"arguments": arguments}
        body = json.dumps(content).encode()
        self._stream.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._stream.flush()
        return self._number

    def _wait(self, wanted: Callable[[Message], bool]) -> Message:
        for each in self._waiting:
            if wanted(each):
                self._waiting.remove(each)
                return each
        while not wanted(message := self._read()):
            self._waiting.append(message)
        return message

    def _read(self) -> Message:
        length = 0
        while header := self._stream.readline().strip():
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        assert length, "the adapter has hung up"
        return dict(json.loads(self._stream.read(length)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stream.close()
        self._socket.close()
