"""Pages of the documentation: each has one title, and is short unless it is a reference."""

from collections.abc import Iterator

from markdown_it import MarkdownIt

from localstack_init.build import PROJECT
from tests.prose.passages import passages

MOST_WORDS = 1_500
"""Words outside of code."""


def problems() -> Iterator[str]:
    """Yield each page that is too long, and each that has not one title."""
    for path in sorted((PROJECT / "docs").rglob("*.md")):
        name = path.relative_to(PROJECT)
        titles = [token for token in MarkdownIt().parse(path.read_text()) if token.tag == "h1"]
        if len(titles) != 2:  # it opens and closes
            yield f"{name}: has {len(titles) // 2} first-level headings. Write one."
        words = sum(len(passage.text.split()) for passage in passages(path))
        if words > MOST_WORDS and name.parts[1] != "reference":
            yield f"{name}: has {words:,} words, over {MOST_WORDS:,}. Split it."
