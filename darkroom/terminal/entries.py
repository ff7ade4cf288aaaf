"""Catalog entries in the terminal: a list of many, and the details of one."""

from collections.abc import Iterable, Iterator

from rich.table import Table
from rich.text import Text

from darkroom.clock import clock
from darkroom.terminal.escape import escape
from darkroom.terminal.labels import label_rows
from darkroom.terminal.units import age
from processor.catalog.entries import Entry, FailedRequest
from processor.pipeline.recipe_book import INLINE

COLORS = {
    "done": "green",
    "review": "yellow",
    "rejected": "yellow",
    "failed": "red",
    "processing": "cyan",
    "deleted": "dim",
}

ORIGINALS = {"deleted": "deleted after processing", "expired": "expired (OriginalsRetention)"}
"""What the entry says of a missing original."""


def entry_table(entries: Iterable[Entry]) -> Table:
    """Return a row for each entry."""
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
            escape(entry.get("format", "")),
            dimensions(entry),
            size(entry),
            str(len(entry.get("renditions", []))),
        )
    return table


def similar_table(found: Iterable[tuple[int, Entry]]) -> Table:
    """Return a row for each similar image, with the number of bits that differ."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("bits", justify="right")
    table.add_column("key", overflow="fold")
    for heading in ("pixels", "bytes"):
        table.add_column(heading, justify="right")
    for bits, entry in found:
        table.add_row(str(bits), escape(entry["filename"]), dimensions(entry), size(entry))
    return table


def entry_details(entry: Entry) -> Table:
    """Return everything in one entry, a row for each field."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, text in _state(entry):
        table.add_row(name, text)
    for name, text in _metadata(entry):
        table.add_row(name, text)
    for name, found in _analysis(entry):
        table.add_row(name, found)
    for each in entry.get("renditions", []):
        table.add_row(
            escape(each["name"]),
            f"{each['width']}×{each['height']}, {each['bytes']:,} bytes, {escape(each['type'])}, "
            f"{each['ms']} ms  [dim]{escape(each['key'])}",
        )
    if "timings" in entry:
        stages = (f"{name} {count}" for name, count in entry["timings"].items())
        table.add_row("timings (ms)", ", ".join(stages))
    return table


def status(entry: Entry) -> str:
    """Return the status in its color, marked if the last reprocess request failed."""
    mark = " [red]request failed[/]" if "failed_request" in entry else ""
    return f"[{COLORS[entry['status']]}]{entry['status']}[/]{mark}"


def dimensions(entry: Entry) -> str:
    """Return the original's width and height in pixels, if they are known."""
    return f"{entry['width']}×{entry['height']}" if "width" in entry else ""


def size(entry: Entry) -> str:
    """Return the original's size in bytes, if it is known."""
    return f"{entry['size']:,}" if "size" in entry else ""


def _state(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield rows on the original and on the progress of its processing."""
    yield "key", escape(entry["filename"])
    yield "status", status(entry)
    is_open = entry["status"] == "processing"
    if "error" in entry:
        yield "reason", escape(f"{entry['error']['code']}: {entry['error']['message']}")
    if "retry" in entry:
        again = "it is retried" if is_open else "`darkroom redrive` retries it"
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
        yield "original", escape(f"{entry['format']}, {dimensions(entry)} pixels")
    # Size and ETag are unknown for deleted originals, and if a request came before any event.
    if "size" in entry:
        yield "bytes", size(entry)
    if "etag" in entry:
        yield "etag", escape(entry["etag"])
    if "recipe" in entry:
        is_inline = entry["recipe"].startswith(INLINE)
        yield "recipe", "[dim]inline[/]" if is_inline else escape(entry["recipe"])


def _metadata(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield rows on what people have written about the image."""
    if "original" in entry:
        yield "original file", ORIGINALS[entry["original"]]
    if "name" in entry:
        yield "file name", escape(entry["name"])
    for name in ("title", "alt"):
        if name in entry:
            yield name, escape(entry[name])
    if "tags" in entry:
        yield "tags", escape(", ".join(entry["tags"]))
    if point := entry.get("focal_point"):
        is_pending = point != entry.get("rendered_focal_point")
        pending = " (the renditions follow another one)" if is_pending else ""
        yield "focal point", f"{point['x']:g}, {point['y']:g}{pending}"
    for name, value in entry.get("fields", {}).items():
        yield escape(name), escape(value)


def _failed_request(failed: FailedRequest) -> str:
    """Return why the last reprocess request failed; earlier renditions remain published."""
    why = f"{failed['code']}: {failed['message']}"
    recipe = failed.get("recipe", INLINE)
    named = "" if recipe.startswith(INLINE) else f"recipe {recipe}, "
    again = "; `darkroom redrive` retries it" if "retry" in failed else ""
    return escape(f"{why} ({named}{age(failed['time'])} ago{again})")


def _attempt(entry: Entry) -> str:
    """Return whether an attempt is in progress, and how many crashed before it."""
    crashes = entry.get("attempts", 0)
    left = entry.get("lease", 0) - clock.now()
    if left > 0:
        crashes -= 1  # the attempt in progress is counted too, until it ends
        text = f"in progress for at most {left:.0f} s more"
    elif "lease" in entry:
        text = f"overdue: its lease ended {-left:.0f} s ago"
    else:
        text = "none in progress; the next one is pending"
    return f"{text}; {crashes} crashed" if crashes > 0 else text


def _analysis(entry: Entry) -> Iterator[tuple[str, str | Text]]:
    """Yield rows on labels and on the engine's analysis."""
    yield from label_rows(entry)
    analysis = entry.get("analysis")
    if not analysis or "palette" not in analysis:
        return
    colors = Text()
    for color in analysis["palette"]:
        colors.append("  ", f"on {color}").append(f" {color}  ")
    yield "colors", colors
    yield "placeholder", escape(f"{analysis['thumbhash']} (ThumbHash)")
    hashes = (analysis[name] for name in ("phash", "phash_inner") if name in analysis)
    yield "perceptual hashes", escape(" ".join(hashes))
    yield "sharpness", f"{analysis['sharpness']:g}"
    if exif := analysis.get("exif"):
        yield "photograph", escape(", ".join(f"{name} {value}" for name, value in exif.items()))
    yield "sha256", escape(analysis["sha256"])
