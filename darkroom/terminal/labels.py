"""Rekognition's labels of an image in the terminal, and why an image is held for review."""

from collections.abc import Iterable, Iterator

from rich.table import Table

from darkroom.terminal.escape import escape
from processor.catalog.entries import Entry

MOST = 6
"""Labels shown of one image, those with the highest confidence."""


def label_table(entries: Iterable[Entry]) -> Table | None:
    """Return a row for each image that has labels; None if no image has."""
    labeled = [each for each in entries if "labels" in (each.get("analysis") or {})]
    if not labeled:
        return None
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("original", "labels (%)", "faces", "moderation (%)"):
        table.add_column(heading, justify="right" if heading == "faces" else "left")
    for entry in labeled:
        analysis = entry["analysis"] or {}
        faces = str(len(analysis["faces"])) if "faces" in analysis else ""
        table.add_row(
            escape(entry["filename"]),
            escape(_listed(analysis["labels"])) or "[dim]none[/]",
            faces,
            f"[yellow]{escape(_listed(analysis.get('moderation', ())))}[/]",
        )
    return table


def label_rows(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield the labels of one image, and its review, as rows of its details."""
    analysis = entry.get("analysis") or {}
    if "labels" in analysis:
        yield "labels (%)", escape(_listed(analysis["labels"], len(analysis["labels"])) or "none")
    if "faces" in analysis:
        yield "faces", str(len(analysis["faces"]))
    if analysis.get("moderation"):
        yield "moderation (%)", f"[yellow]{escape(_listed(analysis['moderation']))}"
    if review := entry.get("review"):
        yield "held", escape(f"since {review['since']}, for {hold_reasons(entry)}")
        if "decision" in review:
            by = "automatically, at the timeout" if review.get("by") == "timeout" else "by the API"
            yield "decided", f"{review['decision']} ({by})"


def hold_reasons(entry: Entry) -> str:
    """Return the moderation labels that an image is held for."""
    reasons = entry.get("review", {}).get("reasons", [])
    return _listed(reasons) if reasons else "Rekognition cannot read it"


def _listed(labels: Iterable[dict[str, object]], most: int = MOST) -> str:
    ordered = sorted(labels, key=lambda each: -float(str(each["confidence"])))
    shown = ", ".join(
        f"{each['name']} {float(str(each['confidence'])):.0f}" for each in ordered[:most]
    )
    return f"{shown}, …" if len(ordered) > most else shown
