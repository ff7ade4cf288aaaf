"""The cost model: its arithmetic, its inputs, and what it counts."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bill import bill, seconds_billed, standing
from consumption import Consumption, Machine
from cost import PAGE, updated
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
    "views": 4,
    "edge-hits": 0.75,
    "pollers": 5,
    "poll-seconds": 20,
}


@pytest.fixture
def inputs() -> Inputs:
    """Give the shipped prices, with assumptions of these tests."""
    return load(settings=[f"{name}={value}" for name, value in ASSUMED.items()])


def test_a_bill_by_hand(inputs: Inputs) -> None:
    """A million pictures cost what pencil and paper say."""
    # An invocation: 10 × 0.2 s × 2 of work, 0.1 s of waiting, and 1% of 0.5 s × 2 of start: 4.11 s
    # in 1 GB; of them 100,000.
    assert seconds_billed(USED, MACHINE, inputs, "x86_64") == pytest.approx(4.11)
    assert [(line.what, round(line.cost, 4)) for line in bill(USED, MACHINE, inputs).lines] == [
        ("Lambda, making renditions", 6.85),  # 411,000 GB-s × 0.0000166667
        ("Lambda, invocations", 0.02),  # 100,000 × 0.20 a million
        ("S3, originals and renditions put", 15.0),  # 3 million × 0.005 a thousand
        ("S3, originals read", 0.4),  # a million × 0.0004 a thousand
        ("SQS, sent, received, deleted", 0.48),  # 1,200,000 × 0.40 a million
        ("DynamoDB, table and index", 3.75),  # 6 million × 0.625 a million
        ("DynamoDB, read", 0.25),  # 2 million × 0.125 a million
        ("CloudWatch, logs taken in", 1.0),  # 0.37 + 0.03 + 1.6 GB × 0.50
        ("CloudWatch, logs kept", 0.03),  # 2 GB for half a month × 0.03
        ("API Gateway", 7.0),  # 2 million × 3.50 a million
        ("Lambda, API", 0.8333),  # 2 million × 0.05 s × 0.5 GB × 0.0000166667
        ("Lambda, API's invocations", 0.4),  # 2 million × 0.20 a million
        ("Rekognition", 3000.0),  # 3 million × 1.00 a thousand
        ("S3, originals", 92.0),  # 4,000 GB × 0.023
        ("S3, renditions", 11.5),  # 500 GB × 0.023
        ("DynamoDB, table and index", 0.5),  # twice a million × 1,000 bytes × 0.25
        ("DynamoDB, point-in-time recovery", 0.2),  # 1 GB × 0.20
        ("CloudFront, to viewers", 85.0),  # 4 million × 250,000 bytes × 0.085
        ("CloudFront, requests", 4.0),  # 4 million × 0.0100 for ten thousand
        ("S3, asked by CloudFront", 0.4),  # a quarter of them × 0.0004 a thousand
    ]


def test_arm64_is_cheaper_by_the_second_and_slower(inputs: Inputs) -> None:
    """On arm64 the time without the fast resizer counts, its own factor, and Graviton's price."""
    # 10 × 0.3 s × 1.5, 0.1 s of waiting, 1% of 0.5 s × 1.5.
    assert seconds_billed(USED, MACHINE, inputs, "arm64") == pytest.approx(4.6075)
    compute = bill(USED, MACHINE, inputs, "arm64").sum("compute")
    assert compute == pytest.approx(460_750 * 0.0000133334)


def test_a_months_standing_costs(inputs: Inputs) -> None:
    """What watches the stack is paid for whether or not anything is uploaded."""
    # 5 polls of 20 s, 730 hours: 657,000; 8 routes with 5 metrics each.
    costs = [round(line.cost, 4) for line in standing(MACHINE, inputs).lines]
    assert costs == [0.2628, 0.7, 3.0, 3.0, 12.0]


def test_parts_add_up(inputs: Inputs) -> None:
    """The sums of a bill's parts are the sum of the bill."""
    made = bill(USED, MACHINE, inputs)
    parts = [made.sum(part) for part in ("compute", "requests", "keeping", "viewing")]
    assert sum(parts) == pytest.approx(made.sum())
    assert min(parts) > 0


def test_smaller_batches_start_more_often(inputs: Inputs) -> None:
    """Pictures that come one by one wait, and start environments, each for itself."""
    single = load(settings=[f"{name}={each}" for name, each in (ASSUMED | {"batch": 1}).items()])
    costs = {
        which: {line.what: line.cost for line in bill(USED, MACHINE, each).lines}
        for which, each in (("batch", inputs), ("single", single))
    }
    for what in ("Lambda, making renditions", "Lambda, invocations", "CloudWatch, logs taken in"):
        assert costs["single"][what] > costs["batch"][what]


def test_every_price_can_be_looked_up() -> None:
    """Each price says what it is for, for how many, and on which page of AWS's it stands."""
    inputs = load()
    assert (inputs.currency, inputs.region) == ("USD", "us-east-1")
    assert inputs.taken
    for name, (unit, page) in inputs.sources.items():
        assert unit
        assert inputs.per[name] >= 1
        assert urlsplit(page).hostname == "aws.amazon.com"
        assert "/pricing/" in page


def test_every_input_is_used(inputs: Inputs) -> None:
    """A price or an assumption that is doubled changes some bill, or is of no use."""
    made = {each: bill(USED, MACHINE, inputs, each) for each in ("x86_64", "arm64")}
    before = [*(each.sum() for each in made.values()), standing(MACHINE, inputs).sum()]
    for name in [*inputs.prices, *inputs.assumed]:
        changed = load(
            settings=[
                *(f"{each}={value}" for each, value in ASSUMED.items()),
                f"{name}={inputs[name] / 2}",
            ]
        )
        bills = [bill(USED, MACHINE, changed, each).sum() for each in ("x86_64", "arm64")]
        assert [*bills, standing(MACHINE, changed).sum()] != before, name


def test_inputs_are_laid_over_one_another(tmp_path: Path) -> None:
    """A file changes what it names, an option changes that again, and the rest stays."""
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
    """What is no input, or no number, is said, not ignored."""
    with pytest.raises(InputError, match=setting.partition("=")[0]):
        load(settings=[setting])


def test_wrong_files_are_refused(tmp_path: Path) -> None:
    """A misspelt name in a file of inputs is said, not ignored."""
    file = tmp_path / "mine.toml"
    file.write_text("[prices.s3-putts]\nvalue = 1\n")
    with pytest.raises(InputError, match="s3-putts"):
        load(file)


def test_a_batch_that_takes_too_long_is_told(inputs: Inputs) -> None:
    """Where a full batch outlasts the function, the bill says so: it would not be worked off."""
    assert warnings([USED], MACHINE, inputs) == []
    (warning,) = warnings([replace(USED, cpu=4)], MACHINE, inputs)
    assert "default at 12 MP takes 80 s" in warning


def test_tables_are_whole(inputs: Inputs) -> None:
    """Every row of every table has a cell for each column, in Markdown, too."""
    for grid in all_grids([USED], MACHINE, inputs):
        assert {len(row) for row in grid.rows} == {len(grid.columns)}
        lines = markdown(grid).splitlines()[2:]
        assert {line.count("|") for line in lines} == {len(grid.columns) + 1}


def test_the_page_is_updated_in_its_place(inputs: Inputs) -> None:
    """The bill on the page is made anew, and nothing else of it changes; twice makes the same."""
    page = PAGE.read_text()
    once = updated(page, MACHINE, [USED], inputs)
    assert "A processor" in once
    assert updated(once, MACHINE, [USED], inputs) == once
    cost = page.index("## What it costs")
    watch = page.index("## What to watch")
    assert once.startswith(page[:cost])
    assert once.endswith(page[watch:])


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
def test_items_are_measured_as_dynamodb_does(item: dict[str, object], size: int) -> None:
    """Names and values count, and lists and maps a little more."""
    assert item_size(item) == size


def test_the_function_itself_is_measured() -> None:
    """A picture goes through the real handler: its time, requests, renditions and log count."""
    machine, used = measure([0.5], ["avatar"], rounds=1, pictures=2)
    assert isinstance(machine, Machine)
    assert machine.memory == 1769
    # Seven alarms, two of them on two metrics; each stage's time is a metric.
    assert (machine.alarm_metrics, machine.dashboards, machine.own_metrics) == (9, 1, 16)
    assert isinstance(used, Consumption)
    # Three sizes in two densities; the entry is written when it is claimed, and when it is done.
    assert (used.renditions, used.puts, used.gets, used.reads) == (6, 6, 1, 0)
    assert used.writes >= 4
    assert 0.005 < used.cpu < 5
    assert used.cpu_without_resizer > 0.005
    assert 500 < used.item_bytes < 4000
    assert used.log_bytes > 100
