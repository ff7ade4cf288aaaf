"""Enforcement benchmark: time from upload to done with IAM's policies enforced, and without.

Two emulators run side by side, and take turns with each upload of a 237 KB JPEG. Prints the medians
and their ratio.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Self, cast

from darkroom.cloud import Cloud
from localstack_init.build import PROJECT

DARKROOM = Path(sys.executable).with_name("darkroom")
MODES = ("enforce", "off")
TIMEOUT_SECONDS = 60.0
WARM_UP = 3
"""Uploads to each emulator before the first that counts."""


class Emulator:
    """An emulator with a process that uploads to it."""

    def __init__(self, mode: str, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = str(probe.getsockname()[1])
        self._home = folder / mode
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "DARKROOM_HOME": str(self._home),
            "EMULATOR_IAM": mode,
            "MODE": "native",
            "PERSIST": "0",
        }
        self.milliseconds: list[float] = []

    def __enter__(self) -> Self:
        """Start the emulator, deploy, and start the process."""
        self._darkroom("up", "--port", self._port)
        line = f"source {self._home}/emulator.env; exec {sys.executable} {__file__} --serve"
        command = ["bash", "-c", line]
        self._worker = subprocess.Popen(
            command,
            env=self._environment,
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._requests = cast("IO[str]", self._worker.stdin)
        self._results = cast("IO[str]", self._worker.stdout)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop both."""
        self._requests.close()
        self._worker.wait()
        self._darkroom("reset")

    def upload(self) -> None:
        """Upload once, and note the time until the entry is done."""
        print(file=self._requests, flush=True)
        self.milliseconds.append(float(self._results.readline()))

    def _darkroom(self, *arguments: str) -> None:
        done = subprocess.run(
            [str(DARKROOM), *arguments],
            env=self._environment,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"darkroom {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


def serve() -> None:
    """Upload once for each line of the standard input; print the milliseconds of each."""
    cloud = Cloud.find("darkroom")
    data = (PROJECT / "samples" / "mountains.jpg").read_bytes()
    for _ in sys.stdin:
        key = f"benchmark/{uuid.uuid4().hex}.jpg"
        started = time.monotonic()
        cloud.s3.put_object(Bucket=cloud.outputs["RawBucket"], Key=key, Body=data)
        while (entry := cloud.catalog.get(key)) is None or entry["status"] == "processing":
            if time.monotonic() - started > TIMEOUT_SECONDS:
                sys.exit(f"{key} was not processed within {TIMEOUT_SECONDS:.0f} s.")
            time.sleep(0.005)
        print((time.monotonic() - started) * 1000, flush=True)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser("bench-enforcement", description=__doc__)
    parser.add_argument("--uploads", type=int, default=100, help="to each emulator (default 100)")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        emulators = [stack.enter_context(Emulator(mode, Path(folder))) for mode in MODES]
        for number in range(WARM_UP + options.uploads):
            for each in emulators[:: 1 if number % 2 else -1]:
                each.upload()
    times = [each.milliseconds[WARM_UP:] for each in emulators]
    for mode, values in zip(MODES, times, strict=True):
        print(f"{mode:<8} {statistics.median(values):4.0f} ms, the median of {len(values)} uploads")
    enforced, off = (statistics.median(values) for values in times)
    print(f"ratio    {enforced / off:.2f}")


if __name__ == "__main__":
    main()
