"""Variants benchmark: first requests, S3 hits and edge hits of the running emulator, and a load.

Requests a variant of 800 pixels of the 237 KB sample, of as many uploads as there are rounds: first
(rendered), then from CloudFront's cache, then from S3 after an invalidation. Compares them with the
time that decoding, rendering and encoding take in the function, by its log. The load then requests
variants of these images, the popular ones often, and reports the share of edge hits.
"""

import argparse
import base64
import hashlib
import hmac
import json
import random
import statistics
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import boto3
import httpx

from darkroom.cloud import Cloud
from localstack_init.build import PROJECT
from localstack_init.variant_keys import key_value_client

SAMPLE = PROJECT / "samples" / "mountains.jpg"
WIDTHS = (160, 320, 480, 640, 800, 1080)
TIMEOUT_SECONDS = 60.0
THREADS = 4


class Viewer:
    """Requests signed URLs, and measures them."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        client = key_value_client(boto3.Session())
        found = client.get_key(KvsARN=cloud.outputs["VariantKeys"], Key="current")
        self._key = base64.urlsafe_b64decode(f"{found['Value']}=")
        self._http = httpx.Client(timeout=TIMEOUT_SECONDS, headers={"accept": "image/webp"})

    def get(self, options: str, key: str) -> tuple[float, str]:
        """Return the milliseconds of a request, and the first word of X-Cache."""
        text = f"/{options}/{key}"
        digest = hmac.new(self._key, text.encode(), hashlib.sha256).digest()
        signature = base64.urlsafe_b64encode(digest).decode()[:22]
        started = time.perf_counter()
        response = self._http.get(f"{self.cloud.outputs['SiteUrl']}/i/{signature}{text}")
        spent = (time.perf_counter() - started) * 1000
        if response.status_code != 200:
            sys.exit(f"{options} of {key}: {response.status_code} {response.text[:300]}")
        return spent, response.headers["x-cache"].split(" ")[0]

    def invalidate(self) -> None:
        """Empty CloudFront's cache."""
        boto3.client("cloudfront").create_invalidation(
            DistributionId=self.cloud.outputs["Distribution"],
            InvalidationBatch={
                "Paths": {"Quantity": 1, "Items": ["/*"]},
                "CallerReference": uuid.uuid4().hex,
            },
        )


def uploaded(cloud: Cloud, count: int) -> list[str]:
    """Return the keys of as many uploads, when all are done."""
    keys = [f"benchmark/{uuid.uuid4().hex}.jpg" for _ in range(count)]
    for key in keys:
        cloud.s3.put_object(Bucket=cloud.outputs["RawBucket"], Key=key, Body=SAMPLE.read_bytes())
    deadline = time.monotonic() + TIMEOUT_SECONDS + 2 * count
    while any((cloud.catalog.get(key) or {}).get("status") != "done" for key in keys):
        if time.monotonic() > deadline:
            sys.exit("The uploads were not processed in time.")
        time.sleep(0.2)
    return keys


def rendering_times(cloud: Cloud, keys: Iterable[str]) -> list[int]:
    """Return the milliseconds that the function has taken to render, by its log."""
    wanted, found = set(keys), list[int]()
    pages = boto3.client("logs").get_paginator("filter_log_events")
    for page in pages.paginate(logGroupName=cloud.outputs["VariantLogGroup"]):
        for event in page["events"]:
            if event["message"].startswith("{") and "variant rendered" in event["message"]:
                line = json.loads(event["message"])
                found += [line["ms"]] if line["key"] in wanted else []
    return found


def row(name: str, values: Sequence[float], own: float) -> str:
    """Return a row of the table."""
    p95 = statistics.quantiles(values, n=20)[-1]
    p50 = statistics.median(values)
    return f"| {name} | {p50:.0f} | {p95:.0f} | {p50 / own:.2f} |"


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser("bench-variants", description=__doc__)
    parser.add_argument("--images", type=int, default=30, help="uploads (default 30)")
    parser.add_argument("--requests", type=int, default=3000, help="of the load (default 3000)")
    options = parser.parse_args()
    cloud = Cloud.find("darkroom")
    viewer = Viewer(cloud)
    keys = uploaded(cloud, options.images + 3)
    for key in keys[:3]:  # start the function, and import its codecs
        viewer.get("w_800", key)
    keys = keys[3:]
    times: dict[str, list[float]] = {}
    for name, expected in (("first request", "Miss"), ("edge hit", "Hit"), ("S3 hit", "Miss")):
        if name == "S3 hit":
            viewer.invalidate()
        found = [viewer.get("w_800", key) for key in keys]
        times[name] = [spent for spent, _ in found]
        if {word for _, word in found} != {expected}:
            sys.exit(f"{name}: X-Cache was {Counter(word for _, word in found)}")
    own = rendering_times(cloud, keys)
    if len(own) != len(keys):
        sys.exit(f"{len(own)} variants were rendered, not {len(keys)}.")
    print("| request | p50 ms | p95 ms | p50 / rendering |\n| --- | --: | --: | --: |")
    print(row("decoding, rendering, encoding", own, statistics.median(own)))
    for name, values in times.items():
        print(row(name, values, statistics.median(own)))
    generator = random.Random(25)  # noqa: S311 (no secret)
    popular = [1 / (rank + 1) for rank in range(len(keys))]
    chosen = generator.choices(keys, popular, k=options.requests)
    with ThreadPoolExecutor(THREADS) as pool:
        loaded = list(
            pool.map(lambda key: viewer.get(f"w_{generator.choice(WIDTHS)}", key), chosen)
        )
    hits = sum(word.startswith(("Hit", "Refresh")) for _, word in loaded)
    p50 = statistics.median(spent for spent, _ in loaded)
    p95 = statistics.quantiles((spent for spent, _ in loaded), n=20)[-1]
    count = len(keys) * len(WIDTHS)
    print(f"\nload: {len(loaded)} requests of {count} variants by {THREADS} threads")
    print(f"edge hits {100 * hits / len(loaded):.1f}%, p50 {p50:.0f} ms, p95 {p95:.0f} ms")


if __name__ == "__main__":
    main()
