"""Latency benchmark: time from an image's upload until its catalog entry is `done`.

Uploads a 237 KB JPEG repeatedly, one at a time, to the pipeline of the environment (`make
bench-latency` uses the emulator). Prints the median and the 95th percentile of two times: the
pipeline's (from S3's event to just before the commit of the entry) and the client's (from the
response to its PUT until it reads the finished entry).
"""

import statistics
import sys
import time
import uuid

from darkroom.cloud import Cloud
from localstack_init.build import PROJECT

ROUNDS = 50
TIMEOUT_SECONDS = 60.0


def main() -> None:
    """Measure, and print a table."""
    cloud = Cloud.find("darkroom")
    data = (PROJECT / "samples" / "mountains.jpg").read_bytes()
    own: list[float] = []
    read: list[float] = []
    for _ in range(ROUNDS + 1):
        key = f"benchmark/{uuid.uuid4().hex}.jpg"
        cloud.s3.put_object(Bucket=cloud.outputs["RawBucket"], Key=key, Body=data)
        started = time.monotonic()
        while (entry := cloud.catalog.get(key)) is None or entry["status"] == "processing":
            if time.monotonic() - started > TIMEOUT_SECONDS:
                sys.exit(f"{key} was not processed within {TIMEOUT_SECONDS:.0f} s.")
            time.sleep(0.01)
        read.append((time.monotonic() - started) * 1000)
        own.append(float(entry["timings"]["since_upload"]))
    # The first upload may have a cold start.
    print(f"{ROUNDS} uploads of {len(data):,} bytes, warm, three renditions; milliseconds")
    for name, values in (("event to commit", own[1:]), ("PUT to entry", read[1:])):
        median = statistics.median(values)
        worst = statistics.quantiles(values, n=20)[-1]
        print(f"  {name:<16} median {median:4.0f}   p95 {worst:4.0f}")


if __name__ == "__main__":
    main()
