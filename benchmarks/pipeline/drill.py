"""Drill: thousands of uploads while functions are killed, and a count of lost images.

Starts an emulator with the real template and a versioned bucket of originals. Uploads small images
with bad files, overwritten, removed and restored keys, and duplicate and late events, and kills a
random process of a function every few seconds: of processing, events and webhooks alike. The
receiver of webhooks is down for a while. Of published images, a share gets a request that fails (an
unknown recipe, or a rendition that is too large) or a corrupt original: no request may remove or
change a published rendition. Then redrives the dead letters, as an operator would.

The outcomes are those in the catalog's stream. Events and webhooks have to be exactly these, by
their IDs. Exits with 1 if anything is missing, wrong or too much.
"""

import argparse
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

import boto3
import psutil
from count import count
from emulated import Emulated, emulated
from failing_requests import FailingRequests
from outcomes import outcomes
from plan import Shares, works
from rich.console import Console
from show import count_table, memory_table
from told import Told
from uploaded_images import SMALL, make
from uploads import Queue, Tap, Uploader, client
from watch import Watch

from tests.receiver import Receiver

PARAMETERS = {"FunctionTimeout": "10", "UndeleteDays": "7", "WebhookPrivate": "on"}
VISIBILITY_SECONDS = "20"
"""Longer than a claim's lease (10 + 5 s), and short enough for many redeliveries."""
SHARES = Shares(bad=0.01, repeated=0.05, overwritten=0.05, removed=0.04, restored=0.5, pruned=0.3)
FAILING = 0.06
PROGRESS_SECONDS = 10.0
REDRIVES = 5
"""Maximum number of redrives: more would not help."""


@dataclass(slots=True)
class Killer:
    """Kills random processes of functions."""

    emulated: Emulated
    every: float
    """Mean seconds between two kills."""
    kills: Counter[str] = field(default_factory=Counter)
    """Number of kills by function."""
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def killing(self) -> Iterator[None]:
        """Kill processes until the end of the block."""
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _run(self) -> None:
        dice = random.Random()  # noqa: S311 (no secret)
        while not self._over.wait(dice.uniform(0.3, 1.7) * self.every):
            if victims := self.emulated.functions():
                # Each function as often, however many processes it has.
                function = dice.choice(sorted(victims))
                with suppress(psutil.NoSuchProcess):
                    # psutil checks that the pid is still this process's.
                    dice.choice(victims[function]).kill()
                    self.kills[function] += 1


@dataclass(slots=True)
class Progress:
    """Prints the progress every ten seconds."""

    queue: Queue
    dead: Queue
    killer: Killer
    began: float = field(default_factory=time.monotonic)
    _printed: float = 0

    def put(self, number: int) -> None:
        """Print the number of uploaded keys."""
        self._print(f"{number:6} uploaded")

    def wait(self, depth: int) -> None:
        """Print the queue's depth."""
        self._print(f"{depth:6} remaining")

    def tell(self, missing: int) -> None:
        """Print the number of outcomes that were not told, or of webhooks in their queue."""
        self._print(f"{missing:6} to tell")

    def _print(self, what: str) -> None:
        if time.monotonic() - self._printed < PROGRESS_SECONDS:
            return
        self._printed = time.monotonic()
        print(
            f"{self._printed - self.began:6.0f} s  {what}, {self.queue.depth():4} in the queue, "
            f"{self.dead.depth():3} dead letters, {self.killer.kills.total():4} kills",
            flush=True,
        )


def main() -> None:
    """Run the drill, and print the tables."""
    options = _options()
    console = Console()
    mix = make(SMALL)
    with Receiver() as receiver, emulated(PARAMETERS | {"WebhookUrl": receiver.url}) as started:
        cloud, s3, sqs = started.cloud, client("s3"), client("sqs")
        url = cloud.outputs["QueueUrl"]
        for each in (url, cloud.outputs["WebhooksUrl"]):
            sqs.set_queue_attributes(
                QueueUrl=each, Attributes={"VisibilityTimeout": VISIBILITY_SECONDS}
            )
        queue = Queue(sqs, url)
        dead = Queue(sqs, cloud.outputs["DeadLetterQueueUrl"])
        killer = Killer(started, options.kill_every)
        progress = Progress(queue, dead, killer)
        todo = list(works("drill", options.images, mix, replace(SHARES, failing=options.failing)))
        failing = FailingRequests(cloud, s3, queue)
        uploader = Uploader(s3, cloud.outputs["RawBucket"], queue, options.ahead)
        with (
            Watch(started.processes).watching() as taken,
            Tap.on(s3, sqs, cloud.outputs["RawBucket"], url) as tap,
            Told.of(cloud, receiver) as told,
            told.outage(options.receiver_down, options.images // 4),
        ):
            tap.expect(todo)
            with killer.killing(), failing.sending(todo):
                put = uploader.put_all(todo, progress.put, progress.began + 60 * options.minutes)
                seconds = time.monotonic() - progress.began
                print(f"Uploads ended after {seconds:.0f} s", flush=True)
                tap.wait_until_done(put)
                queue.wait_until_empty(progress.wait)
                failing.finish(put)
                queue.wait_until_empty(progress.wait)
            redriven = _redrive(
                queue, dead, cloud.queue_arn("DeadLetterQueueUrl"), progress, failing.refused
            )
            told.wait(progress.tell)
            events, told_faults = told.events, told.faults()
        with console.status("Counting"):
            logs = boto3.client("logs")
            said = outcomes(logs, cloud.outputs["LogGroup"])
            attempts = outcomes(logs, cloud.outputs["WebhookLogGroup"]).said
            counted = count(cloud, s3, put, said, decode_every=10)
            counted.faults["unpublished"] += failing.faults(counted.entries, put)
            counted.faults |= told_faults
        seconds = time.monotonic() - progress.began
    if len(put) < len(todo):
        console.print(
            f"[yellow]{len(put)} of {len(todo)} keys were uploaded in {options.minutes} min"
        )
    console.print(
        f"\n{len(put)} keys: {sum(len(each.versions) > 1 for each in put)} overwritten, "
        f"{sum(each.removed for each in put)} removed, "
        f"{sum(each.restored for each in put)} of them restored, "
        f"{sum(each.pruned for each in put)} without their first version, "
        f"{sum(each.repeat is not None for each in put)} duplicate events, "
        f"{sum(each.newest.code is not None for each in put)} bad; "
        f"{len(failing.published)} requests that fail and {failing.corrupted} corrupt originals "
        f"for published images; {killer.kills.total()} functions killed ("
        f"{', '.join(f'{number} {name}' for name, number in killer.kills.items())}); "
        f"{redriven} dead letters redriven; {len(told.committed.by_id)} outcomes; "
        f"{len(events)} events, {events.total()} deliveries; {len(receiver.accepted)} webhooks, "
        f"{receiver.accepted.total()} deliveries, {attempts['webhook failed']} failed attempts and "
        f"{told.replayed} replayed, with the receiver down for {options.receiver_down:.0f} s; "
        f"{seconds:.0f} s in total"
    )
    console.print(memory_table(taken))
    console.print(count_table(counted, said, tap.sent))
    sys.exit(0 if counted.is_clean and put else 1)


def _redrive(queue: Queue, dead: Queue, arn: str, progress: Progress, refused: int) -> int:
    """Redrive messages that were killed on every receive; return their number.

    Runs after the kills: a message that fails again has another reason. ``refused`` requests with
    an unknown recipe remain.
    """
    redriven = 0
    for _ in range(REDRIVES):
        if (depth := dead.depth()) <= refused:
            break
        print(f"Redriving {depth} dead letters", flush=True)
        redriven += depth
        queue.sqs.start_message_move_task(SourceArn=arn)
        while dead.depth():
            time.sleep(0.5)
        queue.wait_until_empty(progress.wait)
    else:
        print(f"{dead.depth()} dead letters fail on every redrive", file=sys.stderr)
    return redriven


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("drill", description=__doc__)
    parser.add_argument("--images", type=int, default=10_000, help="keys to upload (default 10000)")
    parser.add_argument("--minutes", type=float, default=30, help="end of the uploads (default 30)")
    parser.add_argument(
        "--kill-every", type=float, default=6, help="seconds between two kills (default 6)"
    )
    parser.add_argument(
        "--ahead", type=int, default=300, help="maximum of queued messages (default 300)"
    )
    parser.add_argument(
        "--receiver-down",
        type=float,
        default=60,
        help="seconds for which the receiver of webhooks is down (default 60)",
    )
    parser.add_argument(
        "--failing",
        type=float,
        default=FAILING,
        help="share of published images with a request or an original that fails (default "
        f"{FAILING})",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
