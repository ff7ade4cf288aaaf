"""Tables of the cost model, for terminals and Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bill import Bill, bill, first_requests, hits, seconds_billed, standing
from consumption import Consumption, Machine, VariantConsumption
from prices import Inputs
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its first ``words`` columns are text, the others numbers."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1


def overview(measured: Sequence[Consumption], machine: Machine, inputs: Inputs) -> Grid:
    """Return the cost of a million images by recipe and size."""
    rows = []
    for used in measured:
        x86, arm = (bill(used, machine, inputs, each) for each in ("x86_64", "arm64"))
        seconds = seconds_billed(used, machine, inputs, "x86_64") / inputs["batch"]
        rows.append(
            [
                used.recipe,
                f"{used.megapixels:g}",
                f"{used.cpu * 1000:,.0f}",
                f"{seconds * machine.memory / 1024:.3f}",
                money(x86.sum("compute")),
                money(x86.sum("requests")),
                money(x86.sum("compute", "requests")),
                money(arm.sum("compute", "requests")),
                money(x86.sum("storage")),
                money(x86.sum("delivery")),
            ]
        )
    return Grid(
        f"A million images, {inputs.currency}",
        [
            "recipe",
            "MP",
            "CPU ms",
            "GB-s",
            "compute",
            "requests, logs",
            "processing",
            "on arm64",
            "storage, monthly",
            "delivery, monthly",
        ],
        rows,
    )


def variants_overview(
    variants: Sequence[VariantConsumption], machine: Machine, inputs: Inputs
) -> Grid:
    """Return the cost of a million first requests, and of a million hits, by original's size."""
    rows = []
    for used in variants:
        x86, arm = (first_requests(used, machine, inputs, each) for each in ("x86_64", "arm64"))
        seconds = seconds_billed(used, machine, inputs, "x86_64")
        rows.append(
            [
                used.name,
                f"{used.megapixels:g}",
                f"{used.cpu * 1000:,.0f}",
                f"{seconds * machine.memory / 1024:.3f}",
                money(x86.sum("compute")),
                money(x86.sum("requests")),
                money(x86.sum("compute", "requests")),
                money(arm.sum("compute", "requests")),
                money(x86.sum("storage")),
                money(x86.sum("delivery")),
                money(hits(used, inputs).sum()),
            ]
        )
    return Grid(
        f"A million first requests of variants, and a million hits, {inputs.currency}",
        [
            "variant",
            "MP",
            "CPU ms",
            "GB-s",
            "compute",
            "requests, logs",
            "rendering",
            "on arm64",
            "storage, monthly",
            "delivery",
            "a million hits",
        ],
        rows,
    )


def details(title: str, of: Bill, inputs: Inputs) -> Grid:
    """Return every line of a bill."""
    rows = [
        [
            line.part,
            line.what,
            count(line.quantity),
            inputs.sources[line.price][0],
            money(line.cost),
        ]
        for line in of.lines
    ]
    return Grid(title, ["part", "item", "quantity", "unit", inputs.currency], rows, words=2)


def all_grids(
    measured: Sequence[Consumption],
    variants: Sequence[VariantConsumption],
    machine: Machine,
    inputs: Inputs,
) -> Iterable[Grid]:
    """Yield the tables of the bills and the inputs."""
    yield from bills(measured, variants, machine, inputs)
    yield Grid(
        "Assumptions",
        ["input", "value", "meaning"],
        [[name, f"{inputs[name]:g}", inputs.meanings[name]] for name in inputs.assumed],
    )
    yield Grid(
        f"Prices: {inputs.currency}, {inputs.region}, as known {inputs.taken}",
        ["input", "value", "per", "unit", "page"],
        [
            [name, f"{inputs[name]:.10f}".rstrip("0"), f"{inputs.per[name]:,}", *source]
            for name, source in inputs.sources.items()
        ],
    )


def bills(
    measured: Sequence[Consumption],
    variants: Sequence[VariantConsumption],
    machine: Machine,
    inputs: Inputs,
) -> Iterable[Grid]:
    """Yield the costs by size, one bill of each kind in full, and the monthly costs."""
    yield overview(measured, machine, inputs)
    yield variants_overview(variants, machine, inputs)
    example = next((each for each in measured if each.megapixels == 12), measured[-1])
    title = f"In full: recipe {example.recipe}, {example.megapixels:g} MP, x86_64"
    yield details(title, bill(example, machine, inputs), inputs)
    variant = next((each for each in variants if each.megapixels == 12), variants[-1])
    title = f"In full: first requests of {variant.name}, {variant.megapixels:g} MP, x86_64"
    yield details(title, first_requests(variant, machine, inputs), inputs)
    yield details(f"In full: hits of {variant.name}", hits(variant, inputs), inputs)
    yield details("Monthly, without uploads", standing(machine, inputs), inputs)


def notes(machine: Machine, inputs: Inputs) -> list[str]:
    """Return notes on the figures: machine, prices and limits."""
    processor = (
        f"CPU time: measured on one core of {machine.name}, Python {machine.python}. Lambda's "
        f"cores differ: core-factor is {inputs['core-factor']:g}."
    )
    memory = (
        f"Memory: {machine.memory} MB, the template's FunctionMemory. Cold start: "
        f"{machine.init * 1000:.0f} ms of CPU time, measured on the same core."
    )
    prices = (
        f"Prices: {inputs.currency}, {inputs.region}, from AWS's price pages as known in "
        f"{inputs.taken}, not checked since. Without free tier and tax."
    )
    arm64 = (
        "arm64: measured on this machine without the SIMD resizer, times arm64-core-factor "
        f"({inputs['arm64-core-factor']:g}), at Graviton's price. Not measured on Graviton."
    )
    return [processor, memory, prices, arm64]


def warnings(measured: Sequence[Consumption], machine: Machine, inputs: Inputs) -> list[str]:
    """Return a line for each consumption whose full batch exceeds the function's timeout."""
    return [
        f"Too long: a batch of {inputs['batch']:g} of recipe {used.recipe} at "
        f"{used.megapixels:g} MP takes {seconds:.0f} s, and FunctionTimeout is {machine.timeout} s."
        for used in measured
        if (seconds := seconds_billed(used, machine, inputs, "x86_64")) > machine.timeout
    ]


def money(amount: float) -> str:
    """Return an amount, with cents below a hundred."""
    return f"{amount:,.2f}" if amount < 100 else f"{amount:,.0f}"


def count(quantity: float) -> str:
    """Return a quantity, with decimals below a hundred."""
    return f"{quantity:,.0f}" if quantity >= 100 else f"{quantity:,.2f}"


def show(grid: Grid, console: Console) -> None:
    """Print a table."""
    table = Table(title=grid.title, title_justify="left")
    for number, column in enumerate(grid.columns):
        table.add_column(column, justify="left" if number < grid.words else "right")
    for row in grid.rows:
        table.add_row(*row)
    console.print(table)


def markdown(grid: Grid) -> str:
    """Return a table in Markdown."""
    rule = ["---" if number < grid.words else "--:" for number in range(len(grid.columns))]
    lines = [grid.columns, rule, *grid.rows]
    return f"**{grid.title}**\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
