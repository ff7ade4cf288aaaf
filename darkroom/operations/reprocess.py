"""Originals that are there already, asked to be worked on again."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import batched

from darkroom.cloud import ENTRIES_AT_ONCE, Cloud, Listed
from darkroom.operations.sqs_sender import Pace, send
from processor.catalog.entries import Entry
from processor.sqs.reprocess import message_of, new_request


@dataclass(slots=True)
class Backfill:
    """Requests for the originals under a prefix, in the order of their keys.

    The catalog is read in chunks, just ahead of the sending. An original that is uploaded anew
    meanwhile needs no request: its own message is newer, and wins.
    """

    cloud: Cloud
    prefix: str = ""
    recipe: str | None = None
    """Name of the one to use; None leaves it to each original."""
    failed: bool = False
    """Only originals whose entry says ``failed``."""
    rate: float = 100
    """Requests a second."""
    done_to: str = ""
    """The last key for which nothing is left to do: where to resume."""
    looked_at: int = 0
    sent: int = 0

    def wanted(self) -> Iterator[tuple[Listed, Entry | None]]:
        """The originals to ask for, from ``done_to`` on, with their entries."""
        listed = self.cloud.objects("RawBucket", self.prefix, self.done_to)
        for originals in batched(listed, ENTRIES_AT_ONCE, strict=False):
            entries = self.cloud.entries([each.key for each in originals])
            for original in originals:
                self.looked_at += 1
                entry = entries.get(original.key)
                if not self.failed or (entry and entry["status"] == "failed"):
                    yield original, entry

    def run(self) -> Iterator[None]:
        """Send the requests; yields after each few that the queue has taken.

        Raises ``SendError``; ``done_to`` tells how far it came, whatever ends it.
        """
        pace = Pace(self.rate)
        for originals in batched(self.wanted(), pace.at_once, strict=False):
            bodies = [self._request(*each) for each in originals]
            pace.wait(len(bodies))
            send(self.cloud.sqs, self.cloud.outputs["QueueUrl"], bodies)
            self.sent += len(bodies)
            self.done_to = originals[-1][0].key
            yield

    def resume(self, program: str, stack: str) -> str:
        """The command, for a shell, that carries on where this one stopped."""
        words = [program, "reprocess"]
        if self.recipe is not None:
            words += ["--recipe", self.recipe]
        if self.failed:
            words.append("--failed")
        words += ["--rate", f"{self.rate:g}", "--stack", stack]
        if self.done_to:
            words += ["--start-after", self.done_to]
        if self.prefix:
            # What begins with a dash is an option otherwise.
            words += ["--", self.prefix] if self.prefix.startswith("-") else [self.prefix]
        return shlex.join(words)

    def _request(self, original: Listed, entry: Entry | None) -> str:
        after = entry["sequencer"] if entry else ""
        if entry is None or entry.get("etag") != original.etag:
            after = self.cloud.newest_sequencer(original.key, entry)
        request = new_request(original.key, original.time, after, self.recipe)
        return message_of(self.cloud.outputs["RawBucket"], request)
