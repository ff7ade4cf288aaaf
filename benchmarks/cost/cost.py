"""Cost model: a million images on AWS, from the function's measured consumption.

Runs the function on photographs of several sizes, with each shipped recipe and AWS services in
memory. Counts its CPU time, requests and bytes, and multiplies them by the prices and assumptions
in prices.toml.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bill import Architecture, bill, first_requests, hits, standing
from consumption import Consumption, Machine, VariantConsumption
from measuring import measure
from photographs import PROJECT, SIZES
from prices import InputError, Inputs, load
from rich.console import Console
from tables import all_grids, bills, markdown, notes, show, warnings

from processor.images import load_recipes

PAGE = PROJECT / "docs" / "explanation" / "cost.md"
BEGIN, END = "<!-- make bench-cost ARGS=--write -->", "<!-- end of make bench-cost -->"
"""Markers around the text that ``--write`` replaces."""

ARCHITECTURES: tuple[Architecture, ...] = ("x86_64", "arm64")

Measurements = tuple[Machine, list[Consumption], list[VariantConsumption]]


def main() -> None:
    """Measure, or read measurements, and print the bill."""
    options = _options()
    try:
        inputs = load(options.prices, options.set)
    except InputError as error:
        sys.exit(str(error))
    measurements = _read(options.measured) if options.measured else _measure(options)
    machine, measured, variants = measurements
    if options.json:
        print(json.dumps(_plain(machine, measured, variants, inputs), indent=2))
        return
    if options.write:
        PAGE.write_text(updated(PAGE.read_text(), measurements, inputs))
        return
    grids = list(all_grids(measured, variants, machine, inputs))
    lines = [*notes(machine, inputs), *warnings(measured, machine, inputs)]
    if options.markdown:
        print("\n".join([*(f"- {line}" for line in lines), "", *map(markdown, grids)]))
        return
    # Without a terminal, wide enough for the URLs.
    console = Console(width=None if sys.stdout.isatty() else 180)
    for line in lines:
        console.print(line, soft_wrap=True)
    for grid in grids:
        show(grid, console)


def _options() -> argparse.Namespace:
    recipes = list(load_recipes())
    parser = argparse.ArgumentParser("bench-cost", description=__doc__)
    parser.add_argument("--recipe", choices=recipes, action="append", help="repeatable")
    parser.add_argument("--size", type=float, choices=SIZES, action="append", help="in megapixels")
    parser.add_argument("--rounds", type=int, default=5, help="invocations measured (default 5)")
    parser.add_argument("--images", type=int, default=2, help="images in each of them (default 2)")
    parser.add_argument(
        "--prices", type=Path, metavar="FILE", help="inputs that override prices.toml"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="one input; repeatable"
    )
    parser.add_argument(
        "--measured", type=Path, metavar="FILE", help="output of --json, instead of measuring"
    )
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print everything as JSON")
    shape.add_argument("--write", action="store_true", help="update docs/explanation/cost.md")
    shape.add_argument("--markdown", action="store_true", help="print the tables as Markdown")
    options = parser.parse_args()
    if options.write and (options.recipe or options.size):
        parser.error("--write needs all recipes and sizes: drop --recipe and --size")
    options.recipe = options.recipe or recipes
    options.size = options.size or list(SIZES)
    return options


def updated(page: str, measurements: Measurements, inputs: Inputs) -> str:
    """Return the page with a new bill; it links to the prices and assumptions."""
    machine, measured, variants = measurements
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    lines = [*notes(machine, inputs), *warnings(measured, machine, inputs)]
    grids = bills(measured, variants, machine, inputs)
    bill_now = "\n".join([*(f"- {line}" for line in lines), "", *map(markdown, grids)])
    return f"{before}{begin}\n{bill_now}\n{end}{after}"


def _measure(options: argparse.Namespace) -> Measurements:
    found = measure(options.size, options.recipe, options.rounds, options.images)
    machine = next(found)
    assert isinstance(machine, Machine)  # noqa: S101 (the first is the machine)
    measured: list[Consumption] = []
    variants: list[VariantConsumption] = []
    for each in found:
        if isinstance(each, Consumption):
            measured.append(each)
            what = each.recipe
        else:
            assert isinstance(each, VariantConsumption)  # noqa: S101 (the others are)
            variants.append(each)
            what = each.name
        print(f"Measured {what}, {each.megapixels:g} MP", file=sys.stderr, flush=True)
    return machine, measured, variants


def _read(file: Path) -> Measurements:
    document = json.loads(file.read_text())
    return (
        Machine(**document["machine"]),
        [Consumption(**each) for each in document["measured"]],
        [VariantConsumption(**each) for each in document["variants"]],
    )


def _plain(
    machine: Machine,
    measured: Sequence[Consumption],
    variants: Sequence[VariantConsumption],
    inputs: Inputs,
) -> dict[str, Any]:
    """Return everything as values for JSON."""
    return {
        "machine": asdict(machine),
        "measured": [asdict(each) for each in measured],
        "variants": [asdict(each) for each in variants],
        "inputs": asdict(inputs),
        "bills": [
            {
                "recipe": used.recipe,
                "megapixels": used.megapixels,
                "architecture": architecture,
                "lines": [asdict(line) for line in bill(used, machine, inputs, architecture).lines],
            }
            for used in measured
            for architecture in ARCHITECTURES
        ],
        "first_requests": [
            {
                "variant": used.name,
                "megapixels": used.megapixels,
                "architecture": architecture,
                "lines": [
                    asdict(line)
                    for line in first_requests(used, machine, inputs, architecture).lines
                ],
            }
            for used in variants
            for architecture in ARCHITECTURES
        ],
        "hits": [
            {
                "variant": used.name,
                "megapixels": used.megapixels,
                "lines": [asdict(line) for line in hits(used, inputs).lines],
            }
            for used in variants
        ],
        "standing": [asdict(line) for line in standing(machine, inputs).lines],
    }


if __name__ == "__main__":
    main()
