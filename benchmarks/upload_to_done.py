"""Latency benchmark: time from an image's upload until its catalog entry is `done`.

Uploads a 237 KB JPEG repeatedly, one at a time, to the pipeline of the environment (`make
bench-latency` uses the emulator). Prints the median and the 95th percentile of two times: the
pipeline's (from S3's event to just before the commit of the entry) and the client's (from the
response to its PUT until it reads the finished entry).

`--against FOLDER` compares it with the running emulator of another checkout, such as that of an
earlier commit: uploads alternate between the two, and the ratios of the medians are printed.
"""

import argparse
import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from darkroom.cloud import Cloud
from localstack_init.build import PROJECT

ROUNDS = 50
TIMEOUT_SECONDS = 60.0
TIMES = ("event to commit", "PUT to entry")

type Measure = Callable[[], tuple[float, float]]
"""Uploads an image and returns the milliseconds of ``TIMES``."""


def uploads() -> Measure:
    """Return the measurement of the environment's pipeline."""
    cloud = Cloud.find("darkroom")
    data = (PROJECT / "samples" / "mountains.jpg").read_bytes()

    def measure() -> tuple[float, float]:
        name = uuid.uuid4().hex
        key = f"benchmark/{name}.jpg"
        body = with_comment(data, name)
        cloud.s3.put_object(Bucket=cloud.outputs["RawBucket"], Key=key, Body=body)
        started = time.monotonic()
        while (entry := cloud.catalog.get(key)) is None or entry["status"] == "processing":
            if time.monotonic() - started > TIMEOUT_SECONDS:
                sys.exit(f"{key} was not processed within {TIMEOUT_SECONDS:.0f} s.")
            time.sleep(0.01)
        spent = (time.monotonic() - started) * 1000
        return float(entry["timings"]["since_upload"]), spent

    return measure


def with_comment(jpeg: bytes, text: str) -> bytes:
    """Return a JPEG file with a comment, so that it is no duplicate of another one."""
    return jpeg[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2) + text.encode() + jpeg[2:]


def uploads_of(checkout: Path, stack: ExitStack) -> Measure:
    """Return the measurement of another checkout's emulator, by a process with its environment."""
    exports = (checkout / ".darkroom/emulator.env").read_text()
    variables = dict(re.findall(r"^export (\w+)=(\S+)$", exports, re.MULTILINE))
    worker = stack.enter_context(
        subprocess.Popen(
            [sys.executable, __file__, "--worker"],
            env={**os.environ, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    )
    stack.callback(worker.terminate)

    def measure() -> tuple[float, float]:
        print(file=worker.stdin, flush=True)
        line = worker.stdout.readline() if worker.stdout else ""
        if not line:
            sys.exit(f"The uploads to the emulator of {checkout} failed.")
        first, second = json.loads(line)
        return first, second

    return measure


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser("bench-latency", description=__doc__)
    parser.add_argument("--against", type=Path, help="another checkout whose emulator is running")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        measure = uploads()
        for _ in sys.stdin:
            print(json.dumps(measure()), flush=True)
        return
    with ExitStack() as stack:
        measures = {"this checkout": uploads()}
        if options.against:
            measures[str(options.against)] = uploads_of(options.against, stack)
        # The first upload may have a cold start.
        found = [[each() for each in measures.values()] for _ in range(ROUNDS + 1)][1:]
    print(f"{ROUNDS} uploads of a 237 KB JPEG, warm, three renditions; milliseconds")
    medians = []
    for name, values in zip(measures, zip(*found, strict=True), strict=True):
        print(name)
        medians.append([statistics.median(times) for times in zip(*values, strict=True)])
        for title, median, times in zip(TIMES, medians[-1], zip(*values, strict=True), strict=True):
            worst = statistics.quantiles(times, n=20)[-1]
            print(f"  {title:<16} median {median:4.0f}   p95 {worst:4.0f}")
    for own, other in itertools.pairwise(medians):
        for title, mine, theirs in zip(TIMES, own, other, strict=True):
            print(f"{title}: {mine / theirs:.2f} times that of the other checkout")


if __name__ == "__main__":
    main()
