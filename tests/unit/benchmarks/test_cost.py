"""The cost model: its arithmetic, its inputs, and its measurements."""

from dataclasses import replace
from pathlib import Path

import pytest
from bill import bill, first_requests, hits, seconds_billed, standing
from consumption import Consumption, Machine, VariantConsumption
from cost import BEGIN, END, PAGE, updated
from measuring import measure
from memory_cloud import item_size
from prices import InputError, Inputs, load
from tables import all_grids, markdown, warnings

MACHINE = Machine(
    name="A processor",
    python="3.13.0",
    init=0.5,
    memory=1024,
    api_memory=512,
    changes_memory=256,
    timeout=60,
    log_days=15,
    methods=8,
    alarm_metrics=7,
    dashboards=1,
    own_metrics=10,
    invocation_log_bytes=300,
)
USED = Consumption(
    megapixels=12,
    recipe="default",
    original_bytes=4_000_000,
    renditions=2,
    rendition_bytes=500_000,
    cpu=0.2,
    cpu_without_resizer=0.3,
    puts=2,
    gets=1,
    writes=6,
    reads=0,
    item_bytes=900,
    log_bytes=370,
    changes_cpu=0.004,
    changes_invocations=0.5,
    changes_writes=11,
    changes_buckets=8,
    changes_reads=0.5,
    changes_events=1,
    changes_log_bytes=200,
    index_bytes=1_500,
)
VARIANT = VariantConsumption(
    megapixels=12,
    name="w_800.webp",
    variant_bytes=100_000,
    cpu=0.15,
    cpu_without_resizer=0.2,
    puts=1,
    lists=1,
    gets=1,
    reads=2,
    log_bytes=700,
)
ASSUMED = {
    "core-factor": 2,
    "arm64-core-factor": 1.5,
    "batch": 10,
    "idle-ms": 100,
    "cold-share": 0.01,
    "uploads-by-page": 2,
    "api-ms": 50,
    "api-log-bytes": 800,
    "questions": 3,
    "bucket-units": 2,
    "changes-idle-ms": 40,
    "views": 4,
    "edge-hits": 0.75,
    "pollers": 5,
    "poll-seconds": 20,
}


@pytest.fixture
def inputs() -> Inputs:
    """Return the shipped prices with the assumptions of these tests."""
    return load(settings=[f"{name}={value}" for name, value in ASSUMED.items()])


def test_a_bill_by_hand(inputs: Inputs) -> None:
    """A million images cost what a calculation by hand gives."""
    # One of 100,000 invocations, with 1 GB: 10 × 0.2 s × 2 of CPU time, 0.1 s idle, and 1% of
    # 0.5 s × 2 of cold start are 4.11 s.
    assert seconds_billed(USED, MACHINE, inputs, "x86_64") == pytest.approx(4.11)
    assert [(line.what, round(line.cost, 4)) for line in bill(USED, MACHINE, inputs).lines] == [
        ("Lambda, rendering", 6.85),  # 411,000 GB-s × 0.0000166667
        # 0.004 s × 2 with 256/1769 of a core, and half of 0.04 s idle: 0.0753 s × 0.25 GB.
        ("Lambda, index, feed and events", 0.3137),
        ("Lambda, invocations", 0.12),  # 600,000 × 0.20 a million
        ("S3, originals and renditions written", 15.0),  # 3 million × 0.005 a thousand
        ("S3, originals read", 0.4),  # a million × 0.0004 a thousand
        ("SQS, sent, received, deleted", 0.48),  # 1,200,000 × 0.40 a million
        ("DynamoDB, table and indexes", 3.75),  # 6 million × 0.625 a million
        ("DynamoDB, index and feed", 16.875),  # (11 + 8 × 2) million × 0.625 a million
        ("DynamoDB, read", 0.3125),  # 2.5 million × 0.125 a million
        ("EventBridge, events", 1.0),  # a million × 1.00 a million
        ("CloudWatch, logs ingested", 1.175),  # 0.37 + 0.2 + 0.18 + 1.6 GB × 0.50
        ("CloudWatch, logs stored", 0.0352),  # 2.35 GB for half a month × 0.03
        ("API Gateway", 7.0),  # 2 million × 3.50 a million
        ("Lambda, API", 0.8333),  # 2 million × 0.05 s × 0.5 GB × 0.0000166667
        ("Lambda, API invocations", 0.4),  # 2 million × 0.20 a million
        ("Rekognition", 3000.0),  # 3 million × 1.00 a thousand
        ("S3, originals", 92.0),  # 4,000 GB × 0.023
        ("S3, renditions", 11.5),  # 500 GB × 0.023
        ("DynamoDB, table and indexes", 0.355),  # a million × (1,000 + 2 × 210) bytes × 0.25
        ("DynamoDB, index", 0.375),  # 1.5 GB × 0.25
        ("DynamoDB, point-in-time recovery", 0.2),  # 1 GB × 0.20
        ("CloudFront, to viewers", 85.0),  # 4 million × 250,000 bytes × 0.085
        ("CloudFront, requests", 4.0),  # 4 million × 0.0100 for ten thousand
        ("S3, read by CloudFront", 0.4),  # a quarter of them × 0.0004 a thousand
    ]


def test_first_requests_by_hand(inputs: Inputs) -> None:
    """A million first requests of variants cost what a calculation by hand gives."""
    # With 1 GB: 0.15 s × 2 of CPU time, 0.1 s idle, and 1% of 0.5 s × 2 of cold start are 0.41 s.
    assert seconds_billed(VARIANT, MACHINE, inputs, "x86_64") == pytest.approx(0.41)
    lines = first_requests(VARIANT, MACHINE, inputs).lines
    assert [(line.what, round(line.cost, 4)) for line in lines] == [
        ("Lambda, rendering", 6.8333),  # 410,000 GB-s × 0.0000166667
        ("Lambda, invocations", 0.2),  # a million × 0.20 a million
        ("S3, variants listed and written", 10.0),  # 2 million × 0.005 a thousand
        ("S3, originals read", 0.4),  # a million × 0.0004 a thousand
        ("DynamoDB, read", 0.25),  # 2 million × 0.125 a million
        ("CloudWatch, logs ingested", 0.5),  # 0.7 + 0.3 GB × 0.50
        ("CloudWatch, logs stored", 0.015),  # 1 GB for half a month × 0.03
        ("S3, variants", 2.3),  # 100 GB × 0.023
        ("CloudFront, to viewers", 8.5),  # 100 GB × 0.085
        ("CloudFront, requests", 1.0),  # a million × 0.0100 for ten thousand
        ("CloudFront, function invocations", 0.1),  # a million × 0.10 a million
        ("CloudFront, keys read", 0.03),  # a million × 0.03 a million
        ("S3, read by CloudFront", 0.4),  # a million × 0.0004 a thousand
    ]
    # 0.2 s × 1.5, 0.1 s idle, 1% of 0.5 s × 1.5.
    compute = first_requests(VARIANT, MACHINE, inputs, "arm64").sum("compute")
    assert compute == pytest.approx(407_500 * 0.0000133334)


def test_hits_by_hand(inputs: Inputs) -> None:
    """A million hits of variants cost what a calculation by hand gives."""
    assert [(line.what, round(line.cost, 4)) for line in hits(VARIANT, inputs).lines] == [
        ("CloudFront, to viewers", 8.5),
        ("CloudFront, requests", 1.0),
        ("CloudFront, function invocations", 0.1),
        ("CloudFront, keys read", 0.03),
        ("S3, read by CloudFront", 0.1),  # a quarter of them × 0.0004 a thousand
    ]


def test_arm64_is_cheaper_per_second_and_slower(inputs: Inputs) -> None:
    """arm64 has the CPU time without the SIMD resizer, its own factor, and Graviton's price."""
    # 10 × 0.3 s × 1.5, 0.1 s idle, 1% of 0.5 s × 1.5.
    assert seconds_billed(USED, MACHINE, inputs, "arm64") == pytest.approx(4.6075)
    compute = bill(USED, MACHINE, inputs, "arm64").sum("compute")
    # What follows has 0.004 s × 1.5 with 256/1769 of a core, and 0.02 s idle: 0.0615 s × 0.25 GB.
    assert compute == pytest.approx((460_750 + 15_365.2) * 0.0000133334, rel=1e-5)


def test_monthly_costs(inputs: Inputs) -> None:
    """Polling, alarms, dashboard and metrics cost the same without uploads."""
    # 5 polls of 20 s, 730 hours: 657,000; 8 routes with 5 metrics each.
    costs = [round(line.cost, 4) for line in standing(MACHINE, inputs).lines]
    assert costs == [0.2628, 0.7, 3.0, 3.0, 12.0]


def test_parts_add_up(inputs: Inputs) -> None:
    """The sums of a bill's parts add up to the sum of the bill."""
    whole = bill(USED, MACHINE, inputs)
    parts = [whole.sum(part) for part in ("compute", "requests", "storage", "delivery")]
    assert sum(parts) == pytest.approx(whole.sum())
    assert min(parts) > 0


def test_small_batches_cost_more(inputs: Inputs) -> None:
    """Images in batches of one have more idle time, cold starts and invocations."""
    single = load(settings=[f"{name}={each}" for name, each in (ASSUMED | {"batch": 1}).items()])
    costs = {
        which: {line.what: line.cost for line in bill(USED, MACHINE, each).lines}
        for which, each in (("batch", inputs), ("single", single))
    }
    for what in ("Lambda, rendering", "Lambda, invocations", "CloudWatch, logs ingested"):
        assert costs["single"][what] > costs["batch"][what]


def test_every_input_is_used(inputs: Inputs) -> None:
    """Each price and each assumption has an effect on a bill."""

    def sums(inputs: Inputs) -> list[float]:
        bills = [bill(USED, MACHINE, inputs, each).sum() for each in ("x86_64", "arm64")]
        return [*bills, hits(VARIANT, inputs).sum(), standing(MACHINE, inputs).sum()]

    for name in [*inputs.prices, *inputs.assumed]:
        changed = load(
            settings=[
                *(f"{each}={value}" for each, value in ASSUMED.items()),
                f"{name}={inputs[name] / 2}",
            ]
        )
        assert sums(changed) != sums(inputs), name


def test_inputs_are_overridden(tmp_path: Path) -> None:
    """A file overrides the inputs that it names, an option overrides the file, others stay."""
    file = tmp_path / "mine.toml"
    file.write_text(
        '[list]\nregion = "eu-central-1"\n[prices.s3-puts]\nvalue = 0.0054\n'
        "[prices.s3-gets]\nvalue = 0.00043\n"
    )
    inputs = load(file, ["s3-gets=1", "views=0"])
    assert (inputs.region, inputs["s3-puts"], inputs["s3-gets"]) == ("eu-central-1", 0.0054, 1)
    assert inputs["views"] == 0
    assert inputs["sqs-requests"] == load()["sqs-requests"]


@pytest.mark.parametrize("setting", ["s3-puts", "s4-puts=1", "s3-puts=much", "views=-1"])
def test_wrong_inputs_are_refused(setting: str) -> None:
    """An unknown input, and a value that is no number of 0 or more, is refused."""
    with pytest.raises(InputError, match=setting.partition("=")[0]):
        load(settings=[setting])


def test_wrong_files_are_refused(tmp_path: Path) -> None:
    """An unknown name in a file of inputs is refused."""
    file = tmp_path / "mine.toml"
    file.write_text("[prices.s3-putts]\nvalue = 1\n")
    with pytest.raises(InputError, match="s3-putts"):
        load(file)


def test_a_batch_over_the_timeout_is_reported(inputs: Inputs) -> None:
    """A full batch that exceeds the function's timeout has a warning."""
    assert warnings([USED], MACHINE, inputs) == []
    (warning,) = warnings([replace(USED, cpu=4)], MACHINE, inputs)
    assert "default at 12 MP takes 80 s" in warning


def test_tables_are_complete(inputs: Inputs) -> None:
    """Every row of every table has a cell for each column, also in Markdown."""
    for grid in all_grids([USED], [VARIANT], MACHINE, inputs):
        assert {len(row) for row in grid.rows} == {len(grid.columns)}
        lines = markdown(grid).splitlines()[2:]
        assert {line.count("|") for line in lines} == {len(grid.columns) + 1}


def test_the_page_is_updated_between_the_markers(inputs: Inputs) -> None:
    """Only the bill on the page changes, and a second update changes nothing."""
    page = PAGE.read_text()
    once = updated(page, (MACHINE, [USED], [VARIANT]), inputs)
    assert "A processor" in once
    assert updated(once, (MACHINE, [USED], [VARIANT]), inputs) == once
    assert once.startswith(page[: page.index(BEGIN)])
    assert once.endswith(page[page.index(END) :])


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"name": {"S": "föhn"}}, 4 + 5),
        ({"n": {"N": "1234.5"}}, 1 + 4),
        ({"n": {"N": "0"}}, 1 + 1),
        ({"is": {"BOOL": True}, "no": {"NULL": True}}, 3 + 3),
        ({"l": {"L": [{"S": "ab"}, {"N": "12"}]}}, 1 + 3 + 2 + 2 + 2),
        ({"m": {"M": {"k": {"S": "ab"}}}}, 1 + 3 + 1 + 3),
    ],
)
def test_item_sizes_are_dynamodbs(item: dict[str, object], size: int) -> None:
    """Names and values count, and lists and maps have an overhead."""
    assert item_size(item) == size


def test_measuring_the_function() -> None:
    """The real handlers process an image and a variant: time, requests, bytes and log count."""
    machine, used, variant = measure([0.5], ["avatar"], rounds=1, images=2)
    assert isinstance(machine, Machine)
    assert machine.memory == 1769
    # Ten alarms on seventeen metrics, with those of variants; six stages have a metric each.
    assert (machine.alarm_metrics, machine.dashboards, machine.own_metrics) == (17, 1, 19)
    assert isinstance(used, Consumption)
    # Three sizes in two densities; the entry is written by the claim and by the commit.
    assert (used.renditions, used.puts, used.gets, used.reads) == (6, 6, 1, 0)
    assert used.writes >= 4
    assert 0.005 < used.cpu < 5
    assert used.cpu_without_resizer > 0.005
    assert 500 < used.item_bytes < 4000
    assert used.log_bytes > 100
    # Two writes of each of two images; five words, and two records of the feed with its number.
    assert (used.changes_invocations, used.changes_events) == (1, 1)
    assert (used.changes_writes, used.changes_buckets) == (5 + 2 * 2 + 2, 8)
    assert 500 < used.index_bytes < 3000
    assert isinstance(variant, VariantConsumption)
    # The entry is read before and after; S3 is asked for the list, the original, and the write.
    assert (variant.reads, variant.lists, variant.gets, variant.puts) == (2, 1, 1, 1)
    assert 0.005 < variant.cpu < 5
    assert 10_000 < variant.variant_bytes < 500_000
    assert 100 < variant.log_bytes < 5000
