"""Search for similar images: recall and time among 100,000 entries.

Recall: 200 views of photographs are indexed among the hashes of other images, and searched for with
copies of them, and with the originals of copies. The photographs are those in ``samples/``: each
view is a random part of one, between 35% and 70% of its width and height, of 512 pixels. The other
images are random parts of the same photographs as well, turned, mirrored, blended in pairs and with
other tones, so that their hashes are distributed like those of photographs; 100,000 files of
photographs would be better, and are not here. Parts of one photograph that overlap are similar
indeed; what is found beside the copies is counted.

Time: the same index, in a table of the running emulator, or of AWS, is searched through boto3. The
table in memory that recall is measured with has no latency. Ends with 1 if a target is missed.
"""

import argparse
import io
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache
from itertools import batched
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Any

import boto3
from PIL import Image, ImageOps

from localstack_init.build import PROJECT
from processor.catalog.index import BUCKET_SIZE, MEMBERS, Index
from processor.catalog.terms import distances, members_of, neighbors
from processor.images.describe.analysis import MARGIN, perceptual_hash

if TYPE_CHECKING:
    from processor.catalog.entries import Entry

SAMPLES = (
    "astronaut.jpg", "boats.jpg", "cat.png", "coffee.png", "earth.jpg",
    "flower.jpg", "mountains.jpg", "photographer.png", "raccoon.jpg", "rocket.jpg",
)  # fmt: skip
VIEWS = 200
SIDE = 512
RECALL = 0.95
MILLISECONDS = 100
DISTANCE = 8
SEED = 26
CONNECTIONS = 8
MEMBER_BYTES = 53
"""Bytes of a bucket's member: a hash, and a key such as ``uploads/v5rj3vbsm4yhc2ko/photo1.jpg``."""
ITEM_BYTES = 37
"""Bytes of a bucket without members: key and names."""

Hashes = tuple[str, str]
Change = Callable[[Image.Image, Random], Image.Image]


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    """Return an image that was encoded as JPEG."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(out)


def resized(image: Image.Image, factor: float) -> Image.Image:
    """Return an image with sides of this factor."""
    size = round(image.width * factor), round(image.height * factor)
    return image.resize(size, Image.Resampling.LANCZOS)


def cropped(image: Image.Image, random: Random, least: float, most: float) -> Image.Image:
    """Return an image without random parts of its width and height, at random sides."""
    width, height = (
        round(side * (1 - random.uniform(least, most))) for side in (image.width, image.height)
    )
    left, top = random.randint(0, image.width - width), random.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height))


COPIES: dict[str, Change] = {
    "JPEG, quality 30": lambda image, _: jpeg(image, 30),
    "JPEG, quality 75": lambda image, _: jpeg(image, 75),
    "a third of the size": lambda image, _: resized(image, 1 / 3),
    "150% of the size, JPEG 60": lambda image, _: jpeg(resized(image, 1.5), 60),
    "cropped by 1% to 5% of each side": lambda image, random: cropped(image, random, 0.01, 0.05),
    "the same, half the size, JPEG 60": lambda image, random: jpeg(
        resized(cropped(image, random, 0.01, 0.05), 0.5), 60
    ),
}
FURTHER: dict[str, Change] = {
    "cropped by 5%": lambda image, random: cropped(image, random, 0.05, 0.05),
    "cropped by 8%": lambda image, random: cropped(image, random, 0.08, 0.08),
    "mirrored": lambda image, _: ImageOps.mirror(image),
}
"""Not in the target: what a search does not promise."""


@cache
def photographs() -> list[Image.Image]:
    """Return the samples."""
    return [Image.open(PROJECT / "samples" / name).convert("RGB") for name in SAMPLES]


@cache
def small_photographs() -> list[Image.Image]:
    """Return the samples at a quarter of the size, from which other images are made."""
    return [each.reduce(4) for each in photographs()]


def view(random: Random, number: int) -> Image.Image:
    """Return a random part of a photograph."""
    photograph = photographs()[number % len(SAMPLES)]
    width, height = (round(side * random.uniform(0.35, 0.7)) for side in photograph.size)
    left = random.randint(0, photograph.width - width)
    top = random.randint(0, photograph.height - height)
    part = photograph.crop((left, top, left + width, top + height))
    part.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return part


def hashes(image: Image.Image) -> Hashes:
    """Return the hashes that the engine's analysis records."""
    small = image.copy()
    small.thumbnail((256, 256), Image.Resampling.LANCZOS)
    return perceptual_hash(small), perceptual_hash(small, MARGIN)


def other(number: int) -> Hashes:
    """Return the hashes of another image, the same one for each number."""
    random = Random(f"{SEED}/{number}")  # noqa: S311 (no secret)

    def part() -> Image.Image:
        photograph = small_photographs()[random.randrange(len(SAMPLES))]
        width, height = (round(side * random.uniform(0.35, 0.7)) for side in photograph.size)
        left = random.randint(0, photograph.width - width)
        top = random.randint(0, photograph.height - height)
        box = (left, top, left + width, top + height)
        image = photograph.resize((64, 64), Image.Resampling.BOX, box)
        image = image.rotate(random.uniform(0, 360), Image.Resampling.BILINEAR)
        return image.crop((12, 12, 52, 52))

    blended = Image.blend(part(), part(), random.uniform(0.3, 0.7))
    if random.random() < 0.5:
        blended = ImageOps.invert(blended)
    gamma = random.uniform(0.5, 2)
    blended = blended.point([round(255 * (tone / 255) ** gamma) for tone in range(256)] * 3)
    return perceptual_hash(blended), perceptual_hash(blended, MARGIN)


def entry(key: str, pair: Hashes) -> "Entry":
    """Return an entry of the catalog, as far as the index reads it."""
    analysis = {"phash": pair[0], "phash_inner": pair[1]}
    return {"filename": key, "status": "done", "analysis": analysis}


class Buckets:
    """The index's buckets in memory, of the same largest size."""

    def __init__(self, entries: "Iterator[Entry]") -> None:
        self.members: dict[str, set[str]] = {}
        for each in entries:
            for bucket, text in members_of(each):
                there = self.members.setdefault(bucket, set())
                if len(there) < BUCKET_SIZE:
                    there.add(text)

    def similar(self, pair: Hashes) -> dict[str, int]:
        """Return the keys of similar images, as ``Index.similar`` does."""
        read = {bucket for each in pair for bucket in neighbors(each)}
        texts = [text for bucket in read for text in self.members.get(bucket, ())]
        return distances(pair, texts, DISTANCE)


def measure_recall(buckets: Buckets, originals: list[Image.Image]) -> bool:
    """Print the share of copies that are found; return whether the target is met."""
    random = Random(SEED)  # noqa: S311 (no secret)
    all_found = total = 0
    beside: list[int] = []
    print(f"| copies of {VIEWS} views | found | largest distance |\n|---|---:|---:|")
    for name, change in (COPIES | FURTHER).items():
        found, largest = 0, 0
        for number, image in enumerate(originals):
            result = buckets.similar(hashes(change(image, random)))
            key = f"view/{number}.jpg"
            found += key in result
            largest = max(largest, result.get(key, 0))
            if name in COPIES:
                beside.append(len(result.keys() - {key}))
        print(f"| {name} | {found / len(originals):.1%} | {largest} |")
        if name in COPIES:
            all_found, total = all_found + found, total + len(originals)
    strangers = sum(count > 0 for count in beside)
    print(
        f"\nRecall: {all_found / total:.1%} (target: {RECALL:.0%}). Searches that also found other "
        f"images: {strangers / len(beside):.1%}, {sum(beside) / len(beside):.2f} images each on "
        f"average."
    )
    return all_found / total >= RECALL


def measure_time(buckets: Buckets, originals: list[Image.Image], latency: float) -> bool:
    """Fill a table of the endpoint, search, print the times; return whether the target is met."""
    dynamodb = boto3.client("dynamodb")
    table = f"bench-similar-{time.time_ns()}"
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "term", "AttributeType": "S"},
            {"AttributeName": "place", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "term", "KeyType": "HASH"},
            {"AttributeName": "place", "KeyType": "RANGE"},
        ],
    )
    try:
        dynamodb.get_waiter("table_exists").wait(TableName=table)
        fill(dynamodb, table, buckets)
        if latency:
            dynamodb.meta.events.register(
                "before-send.dynamodb", lambda **_: time.sleep(latency / 1000)
            )
        pairs = [hashes(each) for each in originals]
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            index = Index(dynamodb, table, pool)
            index.similar(pairs[0], DISTANCE)
            times = []
            for pair in pairs:
                began = time.perf_counter()
                found = index.similar(pair, DISTANCE)
                times.append(1000 * (time.perf_counter() - began))
                if found != buckets.similar(pair):
                    sys.exit("The table and the model find other images.")
    finally:
        dynamodb.meta.events.unregister("before-send.dynamodb")
        dynamodb.delete_table(TableName=table)
    times.sort()
    high = times[round(0.95 * len(times)) - 1]
    print(
        f"\nA search in the table: p50 {median(times):.0f} ms, p95 {high:.0f} ms (target: "
        f"{MILLISECONDS} ms), {latency:g} ms of which are added to each of DynamoDB's responses."
    )
    return high < MILLISECONDS


def fill(dynamodb: Any, table: str, buckets: Buckets) -> None:  # noqa: ANN401
    """Write the buckets into a table."""
    items = (
        {"term": {"S": bucket}, "place": {"S": MEMBERS}, MEMBERS: {"SS": sorted(texts)}}
        for bucket, texts in buckets.members.items()
    )

    def write(batch: Any) -> None:  # noqa: ANN401
        left = {table: [{"PutRequest": {"Item": each}} for each in batch]}
        while left:
            left = dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems")

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(write, batched(items, 25, strict=False)))


def write_units(entries: "Iterable[Entry]", factor: int) -> tuple[float, float]:
    """Return the buckets of an image, and the write units of a change of one, on average.

    The changes are those while ``factor`` times as many images are added, distributed alike.
    DynamoDB bills the whole item, also for a change that a full bucket refuses.
    """
    counts: Counter[str] = Counter()
    units = images = 0
    for each in entries:
        images += 1
        for bucket, _ in members_of(each):
            there = min(BUCKET_SIZE, counts[bucket] * factor + 1)
            units += -(-(ITEM_BYTES + there * MEMBER_BYTES) // 1024)
            counts[bucket] += 1
    return counts.total() / images, units / counts.total()


def show_cost(
    buckets: Buckets, pairs: list[Hashes], entries: "Callable[[], Iterable[Entry]]"
) -> None:
    """Print what a search reads, and what an image writes, in DynamoDB's units."""
    sizes = [
        [sum(len(text) for text in buckets.members.get(bucket, ())) for bucket in
         {bucket for each in pair for bucket in neighbors(each)}]
        for pair in pairs
    ]  # fmt: skip
    # An eventually consistent read of each started 4 KB of an item is half a unit.
    units = [sum(0.5 * max(1, -(-size // 4096)) for size in each) for each in sizes]
    full = sum(len(texts) >= BUCKET_SIZE for texts in buckets.members.values())
    print(
        f"\nA search reads {len(sizes[0])} buckets, {sum(units) / len(units):.0f} read units, "
        f"{sum(map(sum, sizes)) / len(sizes) / 1024:.0f} KB on average. {full} of "
        f"{len(buckets.members):,} buckets are full."
    )
    for factor in (1, 10):
        changes, written = write_units(entries(), factor)
        count = factor * sum(1 for _ in entries())
        print(
            f"While {count:,} images are added, each changes {changes:.1f} buckets, with "
            f"{written:.1f} write units on average."
        )


def main() -> None:
    """Measure recall, time and cost."""
    parser = argparse.ArgumentParser("bench-similar", description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--no-time", action="store_true", help="measure recall only, without AWS")
    parser.add_argument(
        "--latency",
        type=float,
        default=10,
        help="milliseconds added to each response of DynamoDB, a model of AWS's (default 10)",
    )
    options = parser.parse_args()
    random = Random(SEED)  # noqa: S311 (no secret)
    originals = [view(random, number) for number in range(VIEWS)]
    with ProcessPoolExecutor() as pool:
        others = list(pool.map(other, range(options.entries - VIEWS), chunksize=500))
    pairs = list(map(hashes, originals))

    def entries() -> Iterator["Entry"]:
        yield from (entry(f"other/{n // 1000}/{n}.jpg", pair) for n, pair in enumerate(others))
        # The last ones, for which full buckets have no room.
        yield from (entry(f"view/{number}.jpg", pair) for number, pair in enumerate(pairs))

    buckets = Buckets(entries())
    print(f"{options.entries:,} entries, distance {DISTANCE}\n")
    is_met = measure_recall(buckets, originals)
    show_cost(buckets, pairs, entries)
    if not options.no_time:
        is_met &= measure_time(buckets, originals, options.latency)
    sys.exit(0 if is_met else 1)


if __name__ == "__main__":
    main()
