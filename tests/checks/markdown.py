"""Parts of a Markdown page: sections, table rows, code spans and links."""

import re
from collections.abc import Iterator
from pathlib import Path


def section(page: str, title: str) -> str:
    """Return the text below a second-level heading."""
    below = page.partition(f"\n## {title}\n")[2]
    return re.split(r"^## ", below, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of a text's table, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def code_spans(text: str) -> list[str]:
    """Return what stands between backticks."""
    return re.findall(r"`([^`]+)`", text)


def broken_links(path: Path) -> Iterator[str]:
    """Yield a problem for each link to a missing file, or to a missing heading of the same page."""
    page = path.read_text()
    anchors = {
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in page.splitlines()
        if line.startswith("#")
    }
    for link in re.findall(r"\]\((?!https?:)(.+?)\)", page):
        file, _, anchor = link.partition("#")
        if not ((path.parent / file).exists() if file else anchor in anchors):
            yield f"docs/{path.name}: {link} leads nowhere. Correct the link."
