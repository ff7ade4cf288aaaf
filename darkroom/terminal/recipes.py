"""Recipes in the terminal: a row for each rendition."""

from collections.abc import Mapping

import msgspec
from rich.table import Table

from darkroom.terminal.escape import escape
from processor.images.canvas import name_at
from processor.images.recipe import Output, Recipe, Rendition, Resize


def recipe_table(recipes: Mapping[str, Recipe]) -> Table:
    """Return a row for each rendition: its size, its format and its operations."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("recipe", "rendition", "size", "format", "operations"):
        table.add_column(heading, overflow="fold")
    for name, recipe in recipes.items():
        for number, each in enumerate(recipe.renditions):
            table.add_row(
                escape(name) if number == 0 else "",
                " ".join(name_at(each.name, density) for density in each.densities),
                _size(each.resize),
                f"[dim]{_format(each.output)}",
                ", ".join(_operations(each)),
            )
    return table


def _size(resize: Resize | None) -> str:
    if resize is None:
        return "original"
    if resize.long_edge:
        return f"long edge {resize.long_edge}"
    if resize.width and resize.height:
        size = f"{resize.width}×{resize.height}"
    elif resize.width:
        size = f"width {resize.width}"
    elif resize.height:
        size = f"height {resize.height}"
    else:
        size = ""
    return " ".join(filter(None, [size, resize.aspect_ratio, resize.fit]))


def _format(output: Output) -> str:
    """Return the format, with the quality if it has one."""
    quality = getattr(output, "quality", None)
    name = type(output).__name__.lower()
    return name if quality is None else f"{name} {quality}"


def _operations(rendition: Rendition) -> list[str]:
    """Return the names of all operations but the resizing, in the order of work."""
    shown_apart = {"name", "output", "densities", "resize"}
    return [field for field in msgspec.to_builtins(rendition) if field not in shown_apart]
