"""How long a picture takes from its upload to its catalog entry being `done`.

Uploads one 237 KB JPEG many times, one after the other, to the pipeline that the environment leads
to (`make bench-latency` uses the emulator). Prints the median and the 95th percentile of two views:
the pipeline's own (from S3's event time to just before the entry is committed) and the client's
(from the answer to its PUT to its first look at the finished entry).
"""

import statistics
import sys
import time
import uuid

from darkroom.cloud import Cloud
from localstack_init.build import PROJECT

ROUNDS = 50
PATIENCE = 60.0


def main() -> None:
    """Measure, and print a table."""
    cloud = Cloud.find("darkroom")
    data = (PROJECT / "samples" / "mountains.jpg").read_bytes()
    own: list[float] = []
    seen: list[float] = []
    for _ in range(ROUNDS + 1):
        key = f"benchmark/{uuid.uuid4().hex}.jpg"
        cloud.s3.put_object(Bucket=cloud.outputs["RawBucket"], Key=key, Body=data)
        started = time.monotonic()
        while (entry := cloud.catalog.get(key)) is None or entry["status"] == "processing":
            if time.monotonic() - started > PATIENCE:
                sys.exit(f"{key} was not processed within {PATIENCE:.0f} s.")
            time.sleep(0.01)
        seen.append((time.monotonic() - started) * 1000)
        own.append(float(entry["timings"]["since_upload"]))
    # The first one may have met a cold function.
    print(f"{ROUNDS} uploads of {len(data):,} bytes, warm, three renditions; milliseconds")
    for name, values in (("event to commit", own[1:]), ("PUT to seen", seen[1:])):
        median = statistics.median(values)
        worst = statistics.quantiles(values, n=20)[-1]
        print(f"  {name:<16} median {median:4.0f}   p95 {worst:4.0f}")


if __name__ == "__main__":
    main()
