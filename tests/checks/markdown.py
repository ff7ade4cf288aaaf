"""Parts of a Markdown page: sections, table rows and code spans."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator


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


def unequal(path: str, kind: str, named: Iterable[str], defined: Iterable[str]) -> Iterator[str]:
    """Yield a problem for each name that only the page or the code has, or that is repeated."""
    counts, known = Counter(iter(named)), set(defined)
    for each in sorted(counts.keys() - known):
        yield f"{path}: the code has no {kind} {each}. Remove it."
    for each in sorted(known - counts.keys()):
        yield f"{path}: the {kind} {each} is missing. Add it."
    for each in sorted(name for name, count in counts.items() if count > 1):
        yield f"{path}: the {kind} {each} is there twice. Remove one."
