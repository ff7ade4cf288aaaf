"""The cost model's tables, for a terminal and for Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bill import Bill, bill, seconds_billed, standing
from consumption import Consumption, Machine
from prices import Inputs
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: the first so many columns are words, the others numbers."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1


def overview(measured: Sequence[Consumption], machine: Machine, inputs: Inputs) -> Grid:
    """What a million pictures cost, by recipe and size."""
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
                money(x86.sum("keeping")),
                money(x86.sum("viewing")),
            ]
        )
    return Grid(
        f"A million pictures, {inputs.currency}",
        [
            "recipe",
            "MP",
            "CPU ms",
            "GB-s",
            "compute",
            "requests, logs",
            "processed",
            "on arm64",
            "kept, a month",
            "viewed, a month",
        ],
        rows,
    )


def details(title: str, of: Bill, inputs: Inputs) -> Grid:
    """Every line of a bill."""
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
    return Grid(title, ["part", "what", "quantity", "of", inputs.currency], rows, words=2)


def all_grids(measured: Sequence[Consumption], machine: Machine, inputs: Inputs) -> Iterable[Grid]:
    """Everything: the bills, and the inputs."""
    yield overview(measured, machine, inputs)
    yield from bills(measured, machine, inputs)
    yield Grid(
        "Assumed",
        ["input", "value", "meaning"],
        [[name, f"{inputs[name]:g}", inputs.meanings[name]] for name in inputs.assumed],
    )
    yield Grid(
        f"Prices: {inputs.currency}, {inputs.region}, as known {inputs.taken}",
        ["input", "value", "for", "of", "look it up at"],
        [
            [name, f"{inputs[name]:.10f}".rstrip("0"), f"{inputs.per[name]:,}", *source]
            for name, source in inputs.sources.items()
        ],
    )


def bills(measured: Sequence[Consumption], machine: Machine, inputs: Inputs) -> Iterable[Grid]:
    """One bill in full, and what is paid in any case."""
    example = next((each for each in measured if each.megapixels == 12), measured[-1])
    title = f"In full: recipe {example.recipe}, {example.megapixels:g} MP, x86_64"
    yield details(title, bill(example, machine, inputs), inputs)
    yield details("By the month, whatever is uploaded", standing(machine, inputs), inputs)


def notes(machine: Machine, inputs: Inputs) -> list[str]:
    """What a reader has to know before the figures."""
    processor = (
        f"Processor time: measured on {machine.name}, Python {machine.python}, one core. It is no "
        f"core of Lambda's: core-factor is {inputs['core-factor']:g}."
    )
    memory = (
        f"Memory: {machine.memory} MB, the template's FunctionMemory. Start of an environment: "
        f"{machine.init * 1000:.0f} ms, measured the same way."
    )
    prices = (
        f"Prices: {inputs.currency}, {inputs.region}, typed in from AWS's price pages as they were "
        f"known in {inputs.taken}, not looked up since. No free tier is taken off, no tax added."
    )
    arm64 = (
        "arm64: measured on this machine without the fast resizer, times arm64-core-factor "
        f"({inputs['arm64-core-factor']:g}), at Graviton's price. Nothing was run on Graviton."
    )
    return [processor, memory, prices, arm64]


def warnings(measured: Sequence[Consumption], machine: Machine, inputs: Inputs) -> list[str]:
    """Pictures of which a full batch takes longer than the function may."""
    return [
        f"Too long: a batch of {inputs['batch']:g} of recipe {used.recipe} at "
        f"{used.megapixels:g} MP takes {seconds:.0f} s, and FunctionTimeout is {machine.timeout} s."
        for used in measured
        if (seconds := seconds_billed(used, machine, inputs, "x86_64")) > machine.timeout
    ]


def money(amount: float) -> str:
    """With cents below a hundred."""
    return f"{amount:,.2f}" if amount < 100 else f"{amount:,.0f}"


def count(quantity: float) -> str:
    """Whole, where there are many."""
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
    """The same for a document."""
    rule = ["---" if number < grid.words else "--:" for number in range(len(grid.columns))]
    lines = [grid.columns, rule, *grid.rows]
    return f"**{grid.title}**\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
