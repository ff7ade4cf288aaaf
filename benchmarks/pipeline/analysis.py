"""Benchmark of the analysis: the pipeline with Analyze=off, labels and all.

Each round starts an emulator with the pipeline for each of the three, in a rotating order. After a
warm-up, the sample photographs are uploaded repeatedly: first with up to --ahead messages in the
queue, then one at a time. The emulator's networks and the functions share the processors, which on
AWS they do not.
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
from plan import Work
from uploaded_images import PROJECT, UploadedImage
from uploads import Queue, Uploader, client
from watch import Watch

from processor.catalog.entries import Entry

PHOTOGRAPHS = [UploadedImage(path) for path in sorted((PROJECT / "samples").glob("*.[jp]*g"))]
SETTINGS = ("off", "labels", "all")
WARM_UP = 40
TIMEOUT_SECONDS = 60.0
POLL_SECONDS = 0.01


@dataclass(slots=True)
class Found:
    """Measurements of one setting, of all rounds."""

    rates: list[float] = field(default_factory=list)
    """Images per second of each round."""
    cpu: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """CPU milliseconds of an image in each round, by the kind of process."""
    others: list[float] = field(default_factory=list)
    """Share of the machine's CPU time that other programs used, of each round."""
    loaded: list[int] = field(default_factory=list)
    """Milliseconds of the stage ``analyze`` of each image, under load."""
    alone: list[int] = field(default_factory=list)
    """Milliseconds of the stage ``analyze`` of each image, one at a time."""
    committed: list[int] = field(default_factory=list)
    """Milliseconds from S3's event to just before the commit, one image at a time."""
    read: list[float] = field(default_factory=list)
    """Milliseconds from the response to the PUT until the finished entry is read."""


@dataclass(slots=True)
class Measurement:
    """One emulator, and its measurements."""

    emulated: Emulated
    ahead: int
    found: Found

    def many(self, prefix: str, count: int) -> None:
        """Upload images under load, and measure the rate."""
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
            sys.exit(f"Not all of {count} images are done. See {self.emulated.log}.")
        ended = max(datetime.fromisoformat(each["updated"]).timestamp() for each in entries)
        self.found.rates.append(count / (ended - began))
        for process, seconds in taken.cpu.items():
            self.found.cpu[process].append(1000 * seconds / count)
        self.found.loaded += _analyzed(entries)

    def one_at_a_time(self, prefix: str, count: int) -> None:
        """Upload images, each after the one before is done."""
        cloud, s3 = self.emulated.cloud, client("s3")
        entries = []
        for work in _works(prefix, count):
            s3.put_object(Bucket=cloud.outputs["RawBucket"], Key=work.key, Body=work.newest.data)
            put = time.monotonic()
            while not (entry := cloud.catalog.get(work.key)) or entry["status"] != "done":
                if time.monotonic() - put > TIMEOUT_SECONDS:
                    sys.exit(f"{work.key} is not done after {TIMEOUT_SECONDS:.0f} s.")
                time.sleep(POLL_SECONDS)
            self.found.read.append(1000 * (time.monotonic() - put))
            entries.append(entry)
        self.found.committed += [int(each["timings"]["since_upload"]) for each in entries]
        self.found.alone += _analyzed(entries)


def _works(prefix: str, count: int) -> Iterator[Work]:
    for number, photograph in enumerate(islice(cycle(PHOTOGRAPHS), count)):
        key = f"{prefix}{number:04}-{photograph.path.name}"
        yield Work(key, (photograph,), removed=False, repeat=None, pause=0)


def _busy() -> float:
    """Return the busy seconds of all processors of the machine."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq)


def _analyzed(entries: Sequence[Entry]) -> list[int]:
    return [int(each["timings"]["analyze"]) for each in entries if "analyze" in each["timings"]]


def main() -> None:
    """Measure, and print a table."""
    options = _options()
    found = {setting: Found() for setting in SETTINGS}
    for number in range(options.rounds):
        first = number % len(SETTINGS)
        for setting in (*SETTINGS[first:], *SETTINGS[:first]):
            with emulated({"Analyze": setting}, say=lambda _: None) as started:
                Measurement(started, options.ahead, Found()).many("warm-up/", WARM_UP)
                measurement = Measurement(started, options.ahead, found[setting])
                measurement.many("many/", options.images)
                measurement.one_at_a_time("alone/", options.images // 2)
            rate, others = found[setting].rates[-1], found[setting].others[-1]
            print(
                f"Round {number + 1}: {setting}: {rate:.1f} images/s; other programs used "
                f"{others:.0%} of the CPU time",
                flush=True,
            )
    _show(found, options)


def _show(found: dict[str, Found], options: argparse.Namespace) -> None:
    print(
        f"\n{len(PHOTOGRAPHS)} images of samples/, {options.images} uploads a round with at most "
        f"{options.ahead} messages queued, then {options.images // 2} one at a time, "
        f"{options.rounds} round(s), {os.process_cpu_count()} processors; medians\n"
    )
    print("| | " + " | ".join(SETTINGS) + " |\n|---|" + "--:|" * len(SETTINGS))
    figures: dict[str, Callable[[Found], str]] = {
        "images/s": lambda each: f"{median(each.rates):.1f}",
        "slowest, fastest round": lambda each: f"{min(each.rates):.1f}, {max(each.rates):.1f}",
        "stage `analyze`, ms": lambda each: _median(each.loaded),
        "one at a time: event to commit, ms": lambda each: _median(each.committed),
        "one at a time: PUT to entry, ms": lambda each: _median(each.read),
        "one at a time: stage `analyze`, ms": lambda each: _median(each.alone),
        "CPU, ms per image: LocalStack": lambda each: _median(each.cpu["LocalStack"]),
        "CPU, ms per image: functions": lambda each: _median(each.cpu["function"]),
    }
    for name, figure in figures.items():
        print(f"| {name} | " + " | ".join(figure(found[setting]) for setting in SETTINGS) + " |")


def _median(values: Sequence[float]) -> str:
    return f"{median(values):.0f}" if values else "-"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench-analysis", description=__doc__)
    parser.add_argument("--images", type=int, default=100, help="uploads in a round (default 100)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, for medians (default 3)")
    parser.add_argument(
        "--ahead", type=int, default=40, help="maximum of queued messages (default 40)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
