"""The time of AWS's clock, which this machine's may differ from."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.client import BaseClient

TOLERANCE_SECONDS = 5
"""A smaller difference may be the response's way and the header's whole seconds."""


@dataclass(slots=True)
class ServerClock:
    """The endpoint's clock, from the ``Date`` of its responses; this machine's until the first."""

    ahead: float = 0
    """Seconds."""

    def follow(self, client: "BaseClient") -> None:
        """Read the time of a client's responses."""
        client.meta.events.register("after-call", self._read)

    def now(self) -> float:
        """Return the time in seconds since 1970."""
        return time.time() + self.ahead

    def seconds_since(self, moment: str) -> float:
        """Return the seconds from an ISO 8601 time to now; 0 for a time to come."""
        return max(0, self.now() - datetime.fromisoformat(moment).timestamp())

    def utc(self) -> datetime:
        """Return the time in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def _read(self, parsed: dict[str, Any], **_: object) -> None:
        headers = parsed.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        try:
            ahead = parsedate_to_datetime(headers["date"]).timestamp() - time.time()
        except (KeyError, ValueError):
            return
        self.ahead = ahead if abs(ahead) > TOLERANCE_SECONDS else 0


clock = ServerClock()
"""The clock of this process's endpoint."""
