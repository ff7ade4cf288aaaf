"""Trace of decisions: JSON lines in a file, and counts in memory.

Requests of an account's root user are not judged, and not traced.
"""

import json
import os
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

MOST_BYTES = 8 * 1024**2
"""The size at which the file is renamed to ``….1``, in place of the last one with this name."""
MOST_DENIALS = 1000
MOST_RESOURCES = 20


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision about one action of a request."""

    allowed: bool
    action: str
    resource: str
    principal: str
    """The caller's ARN, or the name of a service."""
    role: str
    """The ARN of a session's role; otherwise empty."""
    source: str
    """Of a service: the ARN of the resource that it acts for."""
    type: str
    """The type of the policy that decided, or of those that do not allow."""
    policy: str
    """The name or ARN of the policy whose statement decided."""
    sid: str
    """The statement's Sid; its number in the policy if it has none."""
    operation: str
    """The service and the operation: ``sqs.SendMessage``."""
    message: str = ""
    """Of a denial: the sentence of the error."""

    def record(self) -> dict[str, Any]:
        """Return the decision as a JSON object."""
        found: dict[str, Any] = {
            "allowed": self.allowed,
            "action": self.action,
            "resource": self.resource,
            "principal": self.principal,
            "role": self.role,
            "source": self.source,
            "type": self.type,
            "policy": self.policy,
            "sid": self.sid,
            "operation": self.operation,
        }
        return {**found, "message": self.message} if self.message else found


@dataclass(slots=True)
class _Count:
    """The decisions of one kind, which differ in their resources and sessions."""

    last: Decision
    time: float
    count: int
    resources: list[str]


class Trace:
    """Writes decisions to a file, and counts them."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._out: IO[str] | None = None
        self._size = 0
        self._number = 0
        self._denials: deque[dict[str, Any]] = deque(maxlen=MOST_DENIALS)
        self._counts: dict[tuple[Any, ...], _Count] = {}

    def add(self, decision: Decision) -> int:
        """Record a decision, and return how many of its kind there have been."""
        now = round(time.time(), 3)
        record = {"time": now, **decision.record()}
        line = f"{json.dumps(record, ensure_ascii=False)}\n"
        with self._lock:
            if not decision.allowed:
                self._number += 1
                self._denials.append({"number": self._number, **record})
            count = self._count(decision, now)
            self._write(line)
        return count

    def denials(self, after: int = 0) -> dict[str, Any]:
        """Return the last denials, the oldest first: those after a number."""
        with self._lock:
            found = [each for each in self._denials if each["number"] > after]
            return {"last": self._number, "denials": found}

    def decisions(self, role: str = "") -> dict[str, Any]:
        """Return each kind of decision once, with its count and some of its resources.

        ``role`` selects those of a role's sessions, by its ARN or its name.
        """
        with self._lock:
            known = list(self._counts.values())
            found = [
                {
                    "allowed": each.last.allowed,
                    "action": each.last.action,
                    "resources": list(each.resources),
                    "principal": each.last.principal,
                    "role": each.last.role,
                    "source": each.last.source,
                    "type": each.last.type,
                    "policy": each.last.policy,
                    "sid": each.last.sid,
                    "operation": each.last.operation,
                    "count": each.count,
                    "last": each.time,
                }
                for each in known
                if not role or role in {each.last.role, each.last.role.rpartition("/")[2]}
            ]
        return {"decisions": found}

    def close(self) -> None:
        """Close the file; another decision opens it again."""
        with self._lock:
            if self._out is not None:
                self._out.close()
                self._out = None

    def _count(self, decision: Decision, now: float) -> int:
        kind = (
            decision.allowed, decision.role or decision.principal, decision.source,
            decision.action, decision.type, decision.policy, decision.sid, decision.operation,
        )  # fmt: skip
        known = self._counts.get(kind)
        if known is None:
            known = self._counts[kind] = _Count(decision, now, 0, [])
        known.last, known.time = decision, now
        known.count += 1
        if len(known.resources) < MOST_RESOURCES and decision.resource not in known.resources:
            known.resources.append(decision.resource)
        return known.count

    def _write(self, line: str) -> None:
        if self._file is None:
            return
        try:
            if self._out is None or self._size > MOST_BYTES:
                self._out = self._open(self._file)
            self._out.write(line)
            self._size += len(line)
        except OSError:
            self._out = None  # the disk may be full: requests go on

    def _open(self, file: Path) -> IO[str]:
        if self._out is not None:
            self._out.close()
            file.replace(file.with_name(f"{file.name}.1"))
        file.parent.mkdir(parents=True, exist_ok=True)
        # Keys of objects may be private.
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._size = file.stat().st_size
        return os.fdopen(descriptor, "a", buffering=1, encoding="utf-8")
