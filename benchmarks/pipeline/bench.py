"""Pipeline benchmark: the whole pipeline compared with its engine alone and with a plain loop.

Starts an emulator, deploys the real template, and uploads a mix of images with bad files, duplicate
events and overwritten keys. Exits with 1 if an outcome is missing or wrong.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles

import boto3
from count import Count, count
from emulated import Emulated, emulated
from engine_alone import Alone, run_alone
from outcomes import Outcomes, outcomes
from plain_loop import deploy_plain, plain_items
from plan import Shares, Work, works
from rich.console import Console
from show import count_table, cpu_table, latency_lines, memory_table, speed_table
from uploaded_images import UPLOADS, make
from uploads import Queue, Tap, Uploader, client
from watch import Taken, Watch

ENGINE, OURS, PLAIN = "engine alone", "pipeline", "plain loop"
WARM_UP = 40
"""Uploads before the measurement: they start every process and load its clients."""


@dataclass(frozen=True, slots=True)
class Run:
    """One contender's round."""

    images: int
    seconds: float
    """From the first upload to the last outcome."""
    latencies: Sequence[float]
    """Seconds from S3's event to the finished entry, of each key."""
    taken: Taken

    @property
    def rate(self) -> float:
        """Images per second."""
        return self.images / self.seconds


@dataclass(slots=True)
class Bench:
    """The contenders, and their rounds."""

    emulated: Emulated
    tap: Tap
    plain: Mapping[str, str]
    ahead: int
    runs: dict[str, list[Run]] = field(
        default_factory=lambda: {name: list[Run]() for name in (ENGINE, OURS, PLAIN)}
    )
    uploaded: list[Work] = field(default_factory=list)
    """Everything that the pipeline processed."""

    def round(self, number: int, todo: Sequence[Work]) -> None:
        """Run each contender, in a rotating order."""
        contenders: list[Callable[[Sequence[Work]], Run]] = [self.engine, self.ours, self.theirs]
        first = number % len(contenders)
        for contender, name in [
            *zip(contenders[first:], list(self.runs)[first:], strict=True),
            *zip(contenders[:first], list(self.runs)[:first], strict=True),
        ]:
            run = contender(todo)
            self.runs[name].append(run)
            print(f"Round {number + 1}: {name}: {run.rate:.1f} images/s", flush=True)

    def engine(self, todo: Sequence[Work]) -> Run:
        """Run the engine's round."""
        inputs = [version for work in todo for version in work.versions]
        alone: Alone = run_alone(inputs)
        taken = Taken()
        taken.cpu["engine"] = alone.cpu
        return Run(len(inputs), alone.wall, [], taken)

    def ours(self, todo: Sequence[Work]) -> Run:
        """Run the pipeline's round."""
        cloud = self.emulated.cloud
        self.tap.expect(todo)
        self.uploaded += todo
        keys = {work.key for work in todo}

        def ended() -> list[tuple[str, str]]:
            self.tap.wait_until_done(todo)
            queue.wait_until_empty()
            return [
                (each["timestamp"], each["updated"])
                for each in cloud.catalog.all()
                if each["filename"] in keys and each["status"] == "done"
            ]

        queue = Queue(client("sqs"), cloud.outputs["QueueUrl"])
        return self._through(cloud.outputs["RawBucket"], queue, todo, ended)

    def theirs(self, todo: Sequence[Work]) -> Run:
        """Run the plain loop's round, without bad files and duplicate events.

        One bad file would fail its whole batch on each retry.
        """
        todo = [
            replace(work, repeat=None, key=f"plain/{work.key}")
            for work in todo
            if not any(version.code for version in work.versions)
        ]
        keys = {work.key for work in todo}

        def ended() -> list[tuple[str, str]]:
            queue.wait_until_empty()
            return [
                (item["timestamp"], item["updated"])
                for item in plain_items(self.plain["Table"])
                if item["filename"] in keys
            ]

        queue = Queue(client("sqs"), self.plain["QueueUrl"])
        return self._through(self.plain["RawBucket"], queue, todo, ended)

    def _through(
        self,
        bucket: str,
        queue: Queue,
        todo: Sequence[Work],
        ended: Callable[[], list[tuple[str, str]]],
    ) -> Run:
        uploader = Uploader(client("s3"), bucket, queue, self.ahead)
        with Watch(self.emulated.processes).watching() as taken:
            began = time.time()
            uploader.put_all(todo)
            times = [(_seconds(uploaded), _seconds(done)) for uploaded, done in ended()]
        return Run(
            sum(len(work.versions) for work in todo),
            max(done for _, done in times) - began,
            [done - uploaded for uploaded, done in times],
            taken,
        )


def main() -> None:
    """Measure, and print the tables."""
    options = _options()
    console = Console()
    mix = make(UPLOADS)
    with emulated({}) as started:
        cloud, sqs = started.cloud, client("sqs")
        plain = deploy_plain()
        with Tap.on(
            client("s3"), sqs, cloud.outputs["RawBucket"], cloud.outputs["QueueUrl"]
        ) as tap:
            warm = Bench(started, tap, plain, options.ahead)
            todo = list(works("warm-up", WARM_UP, mix, Shares(0, 0, 0)))
            warm.ours(todo)
            warm.theirs(todo)
            bench = Bench(started, tap, plain, options.ahead)
            for number in range(options.rounds):
                bench.round(number, list(works(f"round-{number}", options.images, mix, Shares())))
        said = outcomes(boto3.client("logs"), cloud.outputs["LogGroup"])
        with console.status("Counting"):
            counted = count(cloud, client("s3"), bench.uploaded, said, decode_every=1)
        _show(console, bench, said, counted, options)
        if options.latency:
            _latency()
    sys.exit(0 if counted.is_clean else 1)


def _show(
    console: Console, bench: Bench, said: Outcomes, counted: Count, options: argparse.Namespace
) -> None:
    rates = {name: median(run.rate for run in runs) for name, runs in bench.runs.items()}
    kinds = ", ".join(f"{kind.share}% {kind.name}" for kind in UPLOADS)
    console.print(
        f"\n{options.rounds} round(s) of {options.images} keys ({kinds}; 2% bad, 2% duplicate "
        f"events, 2% overwritten) on {os.process_cpu_count()} processors; "
        f"at most {options.ahead} messages queued"
    )
    ratio = median(
        ours.rate / engine.rate
        for ours, engine in zip(bench.runs[OURS], bench.runs[ENGINE], strict=True)
    )
    console.print(
        speed_table(
            [
                (name, rates[name], rates[name] / rates[ENGINE], _percentiles(runs))
                for name, runs in bench.runs.items()
            ]
        )
    )
    console.print(f"Pipeline / engine alone: {ratio:.0%} (target: at least 80%)\n")
    processors = os.process_cpu_count() or 1
    engine = [_per_image(run) for run in bench.runs[ENGINE]]
    for name in (OURS, PLAIN):
        runs = bench.runs[name]
        costs = {
            part: median(1000 * run.taken.cpu[part] / run.images for run in runs)
            for part in runs[0].taken.cpu
        }
        busy = median(sum(run.taken.cpu.values()) / (run.seconds * processors) for run in runs)
        console.print(cpu_table(name, costs, busy, median(engine) if name == OURS else None))
    done = said.said["done"]
    stages = {stage: total / done for stage, total in said.milliseconds.items()}
    console.print(latency_lines(stages))
    console.print(memory_table(bench.runs[OURS][-1].taken, bench.runs[PLAIN][-1].taken))
    console.print(count_table(counted, said, bench.tap.sent))


def _percentiles(runs: Sequence[Run]) -> tuple[float, float, float] | None:
    if not runs[0].latencies:
        return None
    cuts = [quantiles(run.latencies, n=100) for run in runs]
    p50, p95, p99 = (median(cut[place - 1] for cut in cuts) for place in (50, 95, 99))
    return p50, p95, p99


def _per_image(run: Run) -> float:
    return 1000 * run.taken.cpu["engine"] / run.images


def _seconds(time_of_event: str) -> float:
    return datetime.fromisoformat(time_of_event).timestamp()


def _latency() -> None:
    """Run the script of `make bench-latency` against this emulator."""
    print("\nOne image at a time:", flush=True)
    script = Path(__file__).parents[1] / "upload_to_done.py"
    subprocess.run([sys.executable, str(script)], check=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench-pipeline", description=__doc__)
    parser.add_argument("--images", type=int, default=500, help="keys in a round (default 500)")
    parser.add_argument("--rounds", type=int, default=1, help="rounds, for medians (default 1)")
    parser.add_argument(
        "--ahead", type=int, default=40, help="maximum of queued messages (default 40)"
    )
    parser.add_argument(
        "--no-latency",
        dest="latency",
        action="store_false",
        help="skip the latency of one image at a time",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
