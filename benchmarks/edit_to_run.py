"""``darkroom dev`` benchmark: time from saving a file to the first response of the new code.

``darkroom dev`` runs in a copy of this checkout, with an emulator of its own (MODE=native|docker).
Each edit saves the process function's module; the function is then invoked twenty times a second
until the new code responds. The time includes its cold start.
"""

import argparse
import json
import os
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

import boto3

from darkroom.emulator.endpoint import Endpoint
from darkroom.emulator.modes import choose_mode
from localstack_init.build import PROJECT

sys.path.insert(0, str(PROJECT))

from tests import guard
from tests.checkout import Checkout, Session
from tests.integration.waiting import wait_for

EDITED = "processor/handlers/process.py"
FUNCTION = "darkroom-process"
PROJECT_NAME = "darkroom-bench-edit"
PACE_SECONDS = 0.05
"""Seconds between two invocations: the emulator needs time for the update."""


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=20)
    count = parser.parse_args().edits
    mode = choose_mode(os.environ.get("MODE"))  # type: ignore[arg-type]
    guard.start(*(guard.remove_project(PROJECT_NAME) if mode == "docker" else ()))
    with tempfile.TemporaryDirectory() as folder:
        checkout = Checkout(Path(folder))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {"MODE": mode, "COMPOSE_PROJECT_NAME": PROJECT_NAME, "PERSIST": "0"}
        try:
            with Session(checkout, "dev", "--no-logs", f"--port={port}", **environment) as dev:
                wait_for(lambda: "Watching" in dev.said())
                times = measure(checkout, port, count)
        finally:
            checkout.run("reset", **environment)
    total, starts = zip(*times, strict=True)
    print(f"MODE={mode}, {count} edits of {EDITED}, save to the new code's first response:")
    for what, seconds in (("total", total), ("cold start", starts)):
        ordered = sorted(seconds)
        p95 = ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]
        print(
            f"  {what:<24} median {statistics.median(ordered) * 1000:4.0f} ms, "
            f"p95 {p95 * 1000:4.0f} ms, worst {ordered[-1] * 1000:4.0f} ms"
        )


def measure(checkout: Checkout, port: int, count: int) -> list[tuple[float, float]]:
    """Return the seconds of each edit, and of its first invocation."""
    endpoint = Endpoint(port)
    client = boto3.client(
        "lambda",
        endpoint_url=endpoint.url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 (the emulator's)
    )
    original = (checkout.root / EDITED).read_text()
    client.invoke(FunctionName=FUNCTION, Payload=json.dumps({"Records": []}))
    times = []
    for number in range(count):
        began = time.monotonic()
        checkout.save(
            EDITED, f"{original}\n\ndef handler(_event, _context):\n    return {number}\n"
        )
        while True:
            invoked = time.monotonic()
            response = client.invoke(FunctionName=FUNCTION, Payload=json.dumps({"Records": []}))
            if json.loads(response["Payload"].read()) == number:
                break
            time.sleep(PACE_SECONDS)
        times.append((time.monotonic() - began, time.monotonic() - invoked))
        time.sleep(0.5)  # faster than anybody saves
    return times


if __name__ == "__main__":
    main()
