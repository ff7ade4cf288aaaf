"""Backfills: reprocess requests for all originals under a prefix."""

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import batched

from darkroom.cloud import ENTRIES_AT_ONCE, Cloud, Object
from darkroom.operations.sqs_sender import RateLimiter, send
from processor.catalog.entries import Entry
from processor.sqs.reprocess import message_of, new_request


@dataclass(slots=True)
class Backfill:
    """Requests for the originals under a prefix, in the order of their keys.

    The catalog is read in chunks, just ahead of the sending. An original that is uploaded again
    during the backfill needs no request: the message of its upload supersedes one.
    """

    cloud: Cloud
    prefix: str = ""
    recipe: str | None = None
    """Name of the recipe to use; None leaves the choice to each original."""
    failed: bool = False
    """Whether only originals whose entry is ``failed`` are requested."""
    rate: float = 100
    """Requests a second."""
    done_to: str = ""
    """The last key that needs no more work: where to resume."""
    examined: int = 0
    sent: int = 0

    def selected(self) -> Iterator[tuple[Object, Entry | None]]:
        """Yield the originals to request after ``done_to``, with their entries."""
        listed = self.cloud.objects("RawBucket", self.prefix, self.done_to)
        for originals in batched(listed, ENTRIES_AT_ONCE, strict=False):
            entries = self.cloud.entries([each.key for each in originals])
            for original in originals:
                self.examined += 1
                entry = entries.get(original.key)
                if not self.failed or (entry and entry["status"] == "failed"):
                    yield original, entry

    def run(self) -> Iterator[None]:
        """Send the requests; yields after each batch that the queue has taken.

        Raises ``CommandError``. ``done_to`` is right after an error or an interrupt too.
        """
        limiter = RateLimiter(self.rate)
        for originals in batched(self.selected(), limiter.batch_size, strict=False):
            bodies = [self._request(*each) for each in originals]
            limiter.wait(len(bodies))
            send(self.cloud.sqs, self.cloud.outputs["QueueUrl"], bodies)
            self.sent += len(bodies)
            self.done_to = originals[-1][0].key
            yield

    def resume_command(self, program: str, stack: str) -> str:
        """Return the shell command that continues after ``done_to``."""
        words = [program, "reprocess"]
        if self.recipe is not None:
            words += ["--recipe", self.recipe]
        if self.failed:
            words.append("--failed")
        words += ["--rate", f"{self.rate:g}", "--stack", stack]
        if self.done_to:
            words += ["--start-after", self.done_to]
        if self.prefix:
            # A prefix that begins with a dash would be an option.
            words += ["--", self.prefix] if self.prefix.startswith("-") else [self.prefix]
        return " ".join(map(_quoted, words))

    def _request(self, original: Object, entry: Entry | None) -> str:
        after = entry["sequencer"] if entry else ""
        if entry is None or entry.get("etag") != original.etag:
            after = self.cloud.newest_sequencer(original.key, entry)
        request = new_request(original.key, original.time, after, self.recipe)
        return message_of(self.cloud.outputs["RawBucket"], request)


def _quoted(word: str) -> str:
    """Return a word for a shell; one with control characters for bash, as a terminal prints it."""
    if word.isprintable():
        return shlex.quote(word)
    safe = (
        each
        if each.isprintable() and each not in "'\\"
        else "".join(f"\\x{byte:02x}" for byte in os.fsencode(each))
        for each in word
    )
    return f"$'{''.join(safe)}'"
