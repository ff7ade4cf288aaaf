"""Thousands of pictures while functions are killed, and the count of what was lost: nothing, or 1.

Starts an emulator of its own with the real template, and uploads small pictures with bad files,
keys that are overwritten or removed on their way, and events that come twice or late. All the while
a random process of a function is killed every few seconds. What the dead-letter queue holds then is
sent back, as an operator would. Ends with 1 if the count does not come out even.
"""

import argparse
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import boto3
import psutil
from count import count
from emulated import Emulated, emulated
from outcomes import outcomes
from pictures import SMALL, make
from plan import Shares, works
from rich.console import Console
from show import count_table, memory_table
from uploads import Queue, Tap, Uploader, client
from watch import Watch

FUNCTION_SECONDS = "10"
VISIBILITY_SECONDS = "20"
"""Longer than a function and its claim's lease may live (10 + 5), and short enough to see many
messages come back."""
SHARES = Shares(bad=0.01, repeated=0.05, overwritten=0.05, removed=0.02)
TELL_SECONDS = 10.0
REDRIVES = 5
"""After as many without an end there is something that no redrive mends."""


@dataclass(slots=True)
class Killer:
    """Kills a process of a function again and again."""

    emulated: Emulated
    every: float
    """Seconds between two kills, at random around that."""
    kills: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def at_large(self) -> Iterator[None]:
        """Kill until the end of the block."""
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
                with suppress(psutil.NoSuchProcess):
                    # psutil makes sure that the number is still this process's.
                    dice.choice(victims).kill()
                    self.kills += 1


@dataclass(slots=True)
class Teller:
    """Says how far things are, every ten seconds."""

    queue: Queue
    dead: Queue
    killer: Killer
    began: float = field(default_factory=time.monotonic)
    _told: float = 0

    def put(self, number: int) -> None:
        """While pictures are put."""
        self._tell(f"{number:6} put")

    def wait(self, depth: int) -> None:
        """While the queue empties."""
        self._tell(f"{depth:6} to go")

    def _tell(self, what: str) -> None:
        if time.monotonic() - self._told < TELL_SECONDS:
            return
        self._told = time.monotonic()
        print(
            f"{self._told - self.began:6.0f} s  {what}, {self.queue.depth():4} in the queue, "
            f"{self.dead.depth():3} dead letters, {self.killer.kills:4} kills",
            flush=True,
        )


def main() -> None:
    """Run the drill, and print a table."""
    options = _options()
    console = Console()
    mix = make(SMALL)
    with emulated({"FunctionTimeout": FUNCTION_SECONDS}) as started:
        cloud, s3, sqs = started.cloud, client("s3"), client("sqs")
        url = cloud.outputs["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": VISIBILITY_SECONDS})
        queue = Queue(sqs, url)
        dead = Queue(sqs, cloud.outputs["DeadLetterQueueUrl"])
        killer = Killer(started, options.kill_every)
        teller = Teller(queue, dead, killer)
        todo = list(works("drill", options.images, mix, SHARES))
        uploader = Uploader(s3, cloud.outputs["RawBucket"], queue, options.ahead)
        with (
            Watch(started.processes).watching() as taken,
            Tap.on(s3, sqs, cloud.outputs["RawBucket"], url) as tap,
        ):
            tap.expect(todo)
            with killer.at_large():
                put = uploader.put_all(todo, teller.put, teller.began + 60 * options.minutes)
                seconds = time.monotonic() - teller.began
                print(f"All that was to be put was put after {seconds:.0f} s", flush=True)
                tap.wait_until_done(put)
                queue.wait_until_empty(teller.wait)
            redriven = _redrive(queue, dead, cloud.queue_arn("DeadLetterQueueUrl"), teller)
        with console.status("Counting"):
            said = outcomes(boto3.client("logs"), cloud.outputs["LogGroup"])
            counted = count(cloud, s3, put, said, decode_every=10)
        seconds = time.monotonic() - teller.began
    if len(put) < len(todo):
        console.print(f"[yellow]{len(put)} of {len(todo)} keys were put in {options.minutes} min")
    console.print(
        f"\n{len(put)} keys, of which {sum(len(each.versions) > 1 for each in put)} overwritten, "
        f"{sum(each.removed for each in put)} removed, "
        f"{sum(each.repeat is not None for each in put)} told twice, "
        f"{sum(each.newest.code is not None for each in put)} bad; {killer.kills} functions "
        f"killed; {redriven} dead letters sent back; {seconds:.0f} s in all"
    )
    console.print(memory_table(taken))
    console.print(count_table(counted, said, tap.sent))
    sys.exit(0 if counted.is_clean and put else 1)


def _redrive(queue: Queue, dead: Queue, arn: str, teller: Teller) -> int:
    """Send back what three kills in a row have brought to the dead-letter queue; answers how many.

    Nobody kills any more, so that what comes there again has another reason.
    """
    redriven = 0
    for _ in range(REDRIVES):
        if not (depth := dead.depth()):
            break
        print(f"Sending {depth} dead letters back", flush=True)
        redriven += depth
        queue.sqs.start_message_move_task(SourceArn=arn)
        while dead.depth():
            time.sleep(0.5)
        queue.wait_until_empty(teller.wait)
    else:
        print(f"{dead.depth()} dead letters come again and again", file=sys.stderr)
    return redriven


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("drill", description=__doc__)
    parser.add_argument("--images", type=int, default=10_000, help="keys to put (default 10000)")
    parser.add_argument(
        "--minutes", type=float, default=30, help="after which no more are put (default 30)"
    )
    parser.add_argument(
        "--kill-every", type=float, default=6, help="seconds between two kills (default 6)"
    )
    parser.add_argument(
        "--ahead", type=int, default=300, help="most messages that wait or are in work (300)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
