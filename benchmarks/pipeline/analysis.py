"""What the analysis costs the pipeline: nothing asked of Rekognition, labels, or everything.

A round starts, for each of the three, an emulator of its own with the pipeline in it; each round
begins with another. When all processes are warm, the sample photographs go through, many times: at
first as many as the pipeline takes, with no more than --ahead on their way, then one at a time. The
emulator's networks run on the same processors as the functions, which AWS's do not.
"""

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import cycle, islice
from statistics import median

import psutil
from emulated import Emulated, emulated
from pictures import PROJECT, Picture
from plan import Work
from uploads import Queue, Uploader, client
from watch import Watch

from processor.catalog.entries import Entry

PHOTOGRAPHS = [Picture(path) for path in sorted((PROJECT / "samples").glob("*.[jp]*g"))]
WAYS = ("off", "labels", "all")
WARM_UP = 40
PATIENCE = 60.0
GLANCE_SECONDS = 0.01


@dataclass(slots=True)
class Found:
    """What was measured of one way, in all rounds."""

    rates: list[float] = field(default_factory=list)
    """Pictures a second, of each round."""
    cpu: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Milliseconds of a processor for a picture, of each round, by what the process is."""
    others: list[float] = field(default_factory=list)
    """What else the machine did meanwhile: part of its processors' time, of each round."""
    loaded: list[int] = field(default_factory=list)
    """Milliseconds that the stage ``analyze`` took of each picture, with others on their way."""
    alone: list[int] = field(default_factory=list)
    """The same, one picture at a time."""
    committed: list[int] = field(default_factory=list)
    """Milliseconds from S3's event to just before the commit, one picture at a time."""
    seen: list[float] = field(default_factory=list)
    """Milliseconds from the answer to the PUT to the first look at the finished entry."""


@dataclass(slots=True)
class Life:
    """One emulator, and what is measured in it."""

    emulated: Emulated
    ahead: int
    found: Found

    def many(self, prefix: str, count: int) -> None:
        """Put so many, as fast as they are taken, and see how long all of them take."""
        cloud = self.emulated.cloud
        queue = Queue(client("sqs"), cloud.outputs["QueueUrl"])
        uploader = Uploader(client("s3"), cloud.outputs["RawBucket"], queue, self.ahead)
        with Watch(self.emulated.processes).watching() as taken:
            began, before = time.time(), _busy()
            uploader.put_all(_works(prefix, count))
            queue.wait_until_empty()
            lasted, busy = time.time() - began, _busy() - before
        spare = busy - sum(taken.cpu.values())
        self.found.others.append(max(0, spare) / lasted / (psutil.cpu_count() or 1))
        entries = [each for each in cloud.catalog.all() if each["filename"].startswith(prefix)]
        if [each["status"] for each in entries] != ["done"] * count:
            sys.exit(f"Of {count} pictures, not all are done: see {self.emulated.log}")
        ended = max(datetime.fromisoformat(each["updated"]).timestamp() for each in entries)
        self.found.rates.append(count / (ended - began))
        for process, seconds in taken.cpu.items():
            self.found.cpu[process].append(1000 * seconds / count)
        self.found.loaded += _analyzed(entries)

    def one_at_a_time(self, prefix: str, count: int) -> None:
        """Put so many, each when the one before is done."""
        cloud, s3 = self.emulated.cloud, client("s3")
        entries = []
        for work in _works(prefix, count):
            s3.put_object(Bucket=cloud.outputs["RawBucket"], Key=work.key, Body=work.newest.data)
            put = time.monotonic()
            while not (entry := cloud.catalog.get(work.key)) or entry["status"] != "done":
                if time.monotonic() - put > PATIENCE:
                    sys.exit(f"{work.key} is not done after {PATIENCE:.0f} s.")
                time.sleep(GLANCE_SECONDS)
            self.found.seen.append(1000 * (time.monotonic() - put))
            entries.append(entry)
        self.found.committed += [int(each["timings"]["since_upload"]) for each in entries]
        self.found.alone += _analyzed(entries)


def _works(prefix: str, count: int) -> Iterator[Work]:
    for number, picture in enumerate(islice(cycle(PHOTOGRAPHS), count)):
        key = f"{prefix}{number:04}-{picture.path.name}"
        yield Work(key, (picture,), removed=False, repeat=None, pause=0)


def _busy() -> float:
    """Seconds that all processors of the machine have worked."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq)


def _analyzed(entries: Sequence[Entry]) -> list[int]:
    return [int(each["timings"]["analyze"]) for each in entries if "analyze" in each["timings"]]


def main() -> None:
    """Measure, and print a table."""
    options = _options()
    found = {way: Found() for way in WAYS}
    for number in range(options.rounds):
        first = number % len(WAYS)
        for way in (*WAYS[first:], *WAYS[:first]):
            with emulated({"Analyze": way}, tell=lambda _: None) as started:
                Life(started, options.ahead, Found()).many("warm-up/", WARM_UP)
                life = Life(started, options.ahead, found[way])
                life.many("many/", options.images)
                life.one_at_a_time("alone/", options.images // 2)
            rate, others = found[way].rates[-1], found[way].others[-1]
            print(
                f"Round {number + 1}: {way}: {rate:.1f} pictures/s; anything else on the machine "
                f"took {others:.0%} of the processors",
                flush=True,
            )
    _show(found, options)


def _show(found: dict[str, Found], options: argparse.Namespace) -> None:
    print(
        f"\n{len(PHOTOGRAPHS)} pictures of samples/, {options.images} uploads a round at most "
        f"{options.ahead} ahead, then {options.images // 2} one at a time, {options.rounds} "
        f"round(s), {os.process_cpu_count()} processors; medians\n"
    )
    print("| | " + " | ".join(WAYS) + " |\n|---|" + "--:|" * len(WAYS))
    figures: dict[str, Callable[[Found], str]] = {
        "pictures/s": lambda each: f"{median(each.rates):.1f}",
        "slowest and fastest round": lambda each: f"{min(each.rates):.1f}, {max(each.rates):.1f}",
        "stage `analyze` then, ms": lambda each: _median(each.loaded),
        "one at a time: event to commit, ms": lambda each: _median(each.committed),
        "one at a time: PUT to seen, ms": lambda each: _median(each.seen),
        "one at a time: stage `analyze`, ms": lambda each: _median(each.alone),
        "processor, ms a picture: LocalStack": lambda each: _median(each.cpu["LocalStack"]),
        "processor, ms a picture: functions": lambda each: _median(each.cpu["function"]),
    }
    for name, figure in figures.items():
        print(f"| {name} | " + " | ".join(figure(found[way]) for way in WAYS) + " |")


def _median(values: Sequence[float]) -> str:
    return f"{median(values):.0f}" if values else "-"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench-analysis", description=__doc__)
    parser.add_argument("--images", type=int, default=100, help="uploads in a round (default 100)")
    parser.add_argument("--rounds", type=int, default=3, help="medians are told (default 3)")
    parser.add_argument(
        "--ahead", type=int, default=40, help="most messages that wait or are in work (default 40)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
