"""Benchmark of the emulator's Rekognition: response times, memory and accuracy.

Starts an emulator. Sends each image as the pipeline does, upright with at most 1280 pixels a side.
Prints the first response time of each operation, and medians: over HTTP, and of the networks alone
in wall and CPU time. Memory is the growth of the emulator's resident set after each operation.

--quality compares the labels of a set of images with a person's.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from pathlib import Path

import psutil
from PIL import Image, ImageOps

from localstack_init.build import PROJECT

sys.path.insert(0, str(PROJECT))

import labeled_images

from tests import guard
from tests.integration.localstack import ENVIRONMENTS, LocalStack

OPERATIONS = ("detect_labels", "detect_faces", "detect_moderation_labels", "detect_text")
SIDE = 1280


def main() -> None:
    """Measure, and print tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--rounds", type=int, default=10, help="rounds over all images (default 10)"
    )
    options.add_argument("--quality", action="store_true", help="compare with a person's labels")
    options.add_argument(
        "--confidence", type=float, default=55, help="minimum for labels, in percent (default 55)"
    )
    chosen = options.parse_args()
    guard.start()
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalStack.started(Path(folder, "localstack")) as emulator,
    ):
        emulator.wait_until_healthy()
        if chosen.quality:
            client = emulator.client("rekognition")
            labeled_images.show(
                lambda operation, **request: getattr(client, operation)(**request),
                as_sent,
                chosen.confidence,
            )
        else:
            measure(emulator, chosen.rounds)
    if not chosen.quality:
        python = ENVIRONMENTS / "emulator" / "bin" / "python"
        alone = Path(__file__).with_name("networks.py")
        timed = [str(path) for path in labeled_images.timed()]
        subprocess.run([python, alone, str(chosen.rounds), *timed], check=True)


def as_sent(path: Path) -> bytes:
    """Return an image as the pipeline sends it."""
    with Image.open(path) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail((SIDE, SIDE))
    file = BytesIO()
    upright.save(file, "JPEG", quality=90)
    return file.getvalue()


def measure(emulator: LocalStack, rounds: int) -> None:
    """Print time and memory of each operation, over HTTP."""
    client = emulator.client("rekognition")
    process = psutil.Process(emulator.process.pid)
    # Every pipeline has loaded the emulator's S3.
    emulator.client("s3").list_buckets()
    before = process.memory_info().rss
    images = [as_sent(path) for path in labeled_images.timed()]
    print(f"{len(images)} images of samples/, {rounds} rounds, milliseconds")
    print(f"{'':26}{'first':>8}{'median':>8}{'p95':>8}{'2 at once, each':>17}{'memory MB':>11}")
    for operation in OPERATIONS:
        detect = partial(time_call, getattr(client, operation))
        first = detect(images[0])
        count = rounds if operation != "detect_text" else max(1, rounds // 5)
        times = sorted(detect(image) for _ in range(count) for image in images)
        begun = time.perf_counter()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(detect, images * count))
        each = (time.perf_counter() - begun) / len(times) * 1000
        grown = (process.memory_info().rss - before) / 1e6
        print(
            f"{operation:26}{first:8.0f}{statistics.median(times):8.1f}"
            f"{times[int(len(times) * 0.95)]:8.1f}{each:17.1f}{grown:+11.0f}"
        )


def time_call(detect: Callable[..., object], image: bytes) -> float:
    """Return the time of a response in milliseconds."""
    begun = time.perf_counter()
    detect(Image={"Bytes": image})
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    main()
