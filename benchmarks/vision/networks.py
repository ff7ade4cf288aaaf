"""Benchmark of the networks of the emulator's Rekognition; runs in the emulator's environment."""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localstack_native.rekognition import image_input
from localstack_native.rekognition.networks import (
    classifier,
    face_detector,
    moderation_classifier,
    object_detector,
    text_reader,
)

NETWORKS: dict[str, Callable[[Any], Any]] = {
    "labels: classes": classifier.classify,
    "labels: boxes": object_detector.detect,
    "faces": face_detector.detect,
    "moderation": moderation_classifier.probability,
    "text": text_reader.read,
}


def main(rounds: int, files: list[Path]) -> None:
    """Print medians over decoded images."""
    images = [image_input.decode(path.read_bytes()).pixels for path in files]
    print(f"\nThe networks alone{'':8}{'loading':>8}{'median':>8}{'CPU':>11}")
    for name, run in NETWORKS.items():
        begun = time.perf_counter()
        run(images[0])
        loading = (time.perf_counter() - begun) * 1000
        clock, processor = [], []
        for image in images * (rounds if name != "text" else max(1, rounds // 5)):
            begun, begun_here = time.perf_counter(), time.thread_time()
            run(image)
            clock.append((time.perf_counter() - begun) * 1000)
            processor.append((time.thread_time() - begun_here) * 1000)
        print(
            f"{name:26}{loading:8.0f}{statistics.median(clock):8.1f}"
            f"{statistics.median(processor):11.1f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
