"""What Rekognition has found in pictures, for people."""

from collections.abc import Iterable, Iterator

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from processor.catalog.entries import Entry

MOST = 6
"""Labels of a picture that are shown, the surest first."""


def findings(entries: Iterable[Entry]) -> Table | None:
    """A row for each picture that was analyzed; None if none was."""
    analyzed = [each for each in entries if "labels" in (each.get("analysis") or {})]
    if not analyzed:
        return None
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("original", "labels (%)", "faces", "moderation (%)"):
        table.add_column(heading, justify="right" if heading == "faces" else "left")
    for entry in analyzed:
        found = entry["analysis"] or {}
        faces = str(len(found["faces"])) if "faces" in found else ""
        table.add_row(
            escape(entry["filename"]),
            _named(found["labels"]) or "[dim]none[/]",
            faces,
            f"[yellow]{_named(found.get('moderation', ()))}[/]",
        )
    return table


def lines(entry: Entry) -> Iterator[tuple[str, Text]]:
    """What was found in one picture, and what became of it, a line for each kind."""
    found = entry.get("analysis") or {}
    if "labels" in found:
        yield "labels (%)", Text(_named(found["labels"], len(found["labels"])) or "none")
    if "faces" in found:
        yield "faces", Text(str(len(found["faces"])))
    if found.get("moderation"):
        yield "moderation (%)", Text(_named(found["moderation"]), style="yellow")
    if review := entry.get("review"):
        yield "held", Text(f"since {review['since']}, for {why_held(entry)}")
        if "decision" in review:
            by = "nobody looked in time" if review.get("by") == "timeout" else "by the API"
            yield "decided", Text(f"{review['decision']} ({by})")


def why_held(entry: Entry) -> str:
    """What a picture is held for, in words."""
    reasons = entry.get("review", {}).get("reasons", [])
    return _named(reasons) if reasons else "Rekognition cannot read it"


def _named(labels: Iterable[dict[str, object]], most: int = MOST) -> str:
    ordered = sorted(labels, key=lambda each: -float(str(each["confidence"])))
    shown = ", ".join(
        f"{each['name']} {float(str(each['confidence'])):.0f}" for each in ordered[:most]
    )
    return f"{shown}, …" if len(ordered) > most else shown
