"""Catalog entries as a person reads them in a terminal."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from darkroom.terminal import labels
from localstack_init.change_set import Change, Difference
from processor.catalog.entries import Entry, FailedRequest
from processor.images.canvas import name_at
from processor.images.recipe import Output, Recipe, Rendition, Resize
from processor.pipeline.recipe_book import INLINE

if TYPE_CHECKING:
    from darkroom.operations.uploads import Outcome

COLORS = {
    "done": "green",
    "review": "yellow",
    "rejected": "yellow",
    "failed": "red",
    "processing": "cyan",
    "deleted": "dim",
}

CHANGES = {"Add": ("+", "green"), "Modify": ("~", "yellow"), "Remove": ("-", "red")}
"""What becomes of a resource, and how it is marked; ± is for one that a new one replaces."""


WIDEST = 60
"""Characters that are shown of a property's value."""

CONTEXT = 20
"""How many of them come before the first that differs."""


def outcomes(results: "Iterable[Outcome]") -> Table:
    """A row for each rendition: dimensions, bytes, and the milliseconds that it took."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("original", "rendition", "type"):
        table.add_column(heading)
    for heading in ("pixels", "bytes", "ms"):
        table.add_column(heading, justify="right")
    for result in results:
        entry = result.entry
        name = escape(result.upload.key)
        if entry is None:
            table.add_row(name, Text("no outcome: see `darkroom logs`", style="red"))
        elif entry["status"] == "failed":
            table.add_row(name, Text(entry["error"]["code"], style="red"))
        elif entry["status"] != "done" or "failed_request" in entry:
            table.add_row(name, status(entry))
        else:
            table.add_row(name, "", f"[dim]{entry['format']}", _original(entry), _size(entry), "")
            for each in entry["renditions"]:
                table.add_row(
                    "",
                    each["name"],
                    f"[dim]{each['type'].removeprefix('image/')}",
                    f"{each['width']}×{each['height']}",
                    f"{each['bytes']:,}",
                    str(each["ms"]),
                )
    return table


def listing(entries: Iterable[Entry]) -> Table:
    """A row for each entry."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("age", "status", "key", "format"):
        table.add_column(heading, overflow="fold")
    for heading in ("pixels", "bytes", "renditions"):
        table.add_column(heading, justify="right")
    for entry in entries:
        table.add_row(
            age(entry["timestamp"]),
            status(entry),
            escape(entry["filename"]),
            entry.get("format", ""),
            _original(entry),
            _size(entry),
            str(len(entry.get("renditions", []))),
        )
    return table


def details(entry: Entry) -> Table:
    """Everything that the catalog knows of one original."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, text in _state(entry):
        table.add_row(name, text)
    for name, found in _findings(entry):
        table.add_row(name, found)
    for each in entry.get("renditions", []):
        table.add_row(
            each["name"],
            f"{each['width']}×{each['height']}, {each['bytes']:,} bytes, {each['type']}, "
            f"{each['ms']} ms  [dim]{escape(each['key'])}",
        )
    if "timings" in entry:
        stages = (f"{name} {count}" for name, count in entry["timings"].items())
        table.add_row("timings (ms)", ", ".join(stages))
    return table


def _state(entry: Entry) -> Iterator[tuple[str, str]]:
    """What the original is, and how far the work on it, a line for each thing known."""
    yield "key", escape(entry["filename"])
    yield "status", status(entry)
    is_open = entry["status"] == "processing"
    if "error" in entry:
        yield "reason", f"{entry['error']['code']}: {escape(entry['error']['message'])}"
    if "retry" in entry:
        again = "it is tried again" if is_open else "`darkroom redrive` tries again"
        last = f"{entry['retry']['code']}: {entry['retry']['message']}"
        yield "last attempt", f"{escape(last)} ({again})"
    if failed := entry.get("failed_request"):
        yield "failed request", _failed_request(failed)
    if is_open:
        yield "attempt", _attempt(entry)
    if entry["status"] == "deleted":
        yield "deleted", f"{entry['updated']} ({age(entry['updated'])} ago)"
    else:
        yield "uploaded", f"{entry['timestamp']} ({age(entry['timestamp'])} ago)"
    if "format" in entry:
        yield "original", f"{entry['format']}, {_original(entry)} pixels"
    # Not known of an original that was deleted, or that only a request has told of.
    if "size" in entry:
        yield "bytes", _size(entry)
    if "etag" in entry:
        yield "etag", entry["etag"]
    if "recipe" in entry:
        inline = entry["recipe"].startswith(INLINE)
        yield "recipe", "[dim]its own[/]" if inline else escape(entry["recipe"])


def _failed_request(failed: FailedRequest) -> str:
    """Why the last request failed; what is published is what was there before it."""
    why = f"{failed['code']}: {failed['message']}"
    recipe = failed.get("recipe", INLINE)
    asked = "" if recipe.startswith(INLINE) else f"recipe {recipe}, "
    again = "; `darkroom redrive` tries again" if "retry" in failed else ""
    return escape(f"{why} ({asked}{age(failed['time'])} ago{again})")


def _attempt(entry: Entry) -> str:
    """Whether somebody is at work on an original, and how many have died of it."""
    crashes = entry.get("attempts", 0)
    left = entry.get("lease", 0) - time.time()
    if left > 0:
        # Who is at work has not said how it ends, either.
        crashes -= 1
        text = f"at work, for {left:.0f} s more at most"
    elif "lease" in entry:
        text = f"should have ended {-left:.0f} s ago"
    else:
        text = "none is at work; another is to come"
    return f"{text}; {crashes} ended without a word" if crashes > 0 else text


def _findings(entry: Entry) -> Iterator[tuple[str, Text]]:
    """What the engine found by looking at the picture, a line for each kind."""
    yield from labels.lines(entry)
    found = entry.get("analysis")
    if not found or "palette" not in found:
        return
    colors = Text()
    for color in found["palette"]:
        colors.append("  ", f"on {color}").append(f" {color}  ")
    yield "colors", colors
    yield "placeholder", Text(f"{found['thumbhash']} (ThumbHash)")
    yield "looks like", Text(f"{found['phash']} (perceptual hash)")
    yield "sharpness", Text(f"{found['sharpness']:g}")
    if exif := found.get("exif"):
        yield "photograph", Text(", ".join(f"{name} {value}" for name, value in exif.items()))
    yield "sha256", Text(found["sha256"])


def status(entry: Entry) -> str:
    """The status in its color, and whether the last request has failed."""
    mark = " [red]request failed[/]" if "failed_request" in entry else ""
    return f"[{COLORS[entry['status']]}]{entry['status']}[/]{mark}"


def age(timestamp: str) -> str:
    """How long ago an ISO 8601 time is, in its largest unit."""
    seconds = max(0, round((datetime.now(UTC) - datetime.fromisoformat(timestamp)).total_seconds()))
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _original(entry: Entry) -> str:
    return f"{entry['width']}×{entry['height']}" if "width" in entry else ""


def _size(entry: Entry) -> str:
    return f"{entry['size']:,}" if "size" in entry else ""


def recipes(there: Mapping[str, Recipe]) -> Table:
    """A row for each rendition of each recipe: its size, its format, and what is done to it."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("recipe", "rendition", "size", "format", "operations"):
        table.add_column(heading, overflow="fold")
    for name, recipe in there.items():
        for number, each in enumerate(recipe.renditions):
            table.add_row(
                escape(name) if number == 0 else "",
                " ".join(name_at(each.name, density) for density in each.densities),
                shape(each.resize),
                f"[dim]{format_of(each.output)}",
                ", ".join(operations(each)),
            )
    return table


def shape(resize: Resize | None) -> str:
    """The size that is asked for, in a few characters."""
    if resize is None:
        return "as it is"
    if resize.long_edge:
        return f"long edge {resize.long_edge}"
    if resize.width and resize.height:
        size = f"{resize.width}×{resize.height}"
    elif resize.width:
        size = f"{resize.width} wide"
    elif resize.height:
        size = f"{resize.height} high"
    else:
        size = ""
    return " ".join(filter(None, [size, resize.aspect_ratio, resize.fit]))


def format_of(output: Output) -> str:
    """The format, with the quality where there is one."""
    quality = getattr(output, "quality", None)
    name = type(output).__name__.lower()
    return name if quality is None else f"{name} {quality}"


def operations(rendition: Rendition) -> list[str]:
    """What is done besides resizing, in the order of work."""
    apart = {"name", "output", "densities", "resize"}
    return [field for field in msgspec.to_builtins(rendition) if field not in apart]


def changes(parameters: Iterable[Difference], resources: Iterable[Change]) -> Table:
    """What a deployment would change: parameters first, then a row for each property."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(overflow="fold")
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for parameter in parameters:
        table.add_row("~", parameter.path, "parameter", _from_to(parameter))
    for each in resources:
        mark, color = CHANGES.get(each.action, ("?", ""))
        if each.replacement != "False":
            mark, color = ("±", "red") if each.replacement == "True" else ("±?", "yellow")
        lines = [
            # A cloud may tell of no values.
            escape(difference.path)
            if difference.before == difference.after
            else f"{escape(difference.path)}: {_from_to(difference)}"
            for difference in each.differences
        ]
        kind = each.kind.removeprefix("AWS::")
        table.add_row(
            Text(mark, style=color), Text(each.resource, style=color), kind, "\n".join(lines)
        )
    return table


def _from_to(difference: Difference) -> str:
    """Both values; of long ones, where they differ."""
    before, after = (
        value if isinstance(value, str) else json.dumps(value)
        for value in (difference.before, difference.after)
    )
    pairs = enumerate(zip(before, after, strict=False))
    end = min(len(before), len(after))
    same = next((number for number, (one, other) in pairs if one != other), end)
    start = max(0, same - CONTEXT) if max(len(before), len(after)) > WIDEST else 0
    return " [dim]→[/] ".join(
        "[dim]none[/]" if value in (None, "") else escape(_cut(text, start))
        for value, text in ((difference.before, before), (difference.after, after))
    )


def _cut(text: str, start: int) -> str:
    """What is shown of a value, from a place in it."""
    end = start + WIDEST
    return f"{'…' if start else ''}{text[start:end]}{'…' if text[end:] else ''}"
