"""Pages of the documentation: their titles, their lengths, and the folders that the site lists."""

from collections.abc import Iterator

import yaml
from markdown_it import MarkdownIt

from localstack_init.build import PROJECT
from tests.prose.passages import passages

DOCS = PROJECT / "docs"
MOST_WORDS = 1_500
"""Words outside of code."""
LONG = frozenset(["gallery", "reference"])
"""Folders of pages that are searched rather than read."""


def problems() -> Iterator[str]:
    """Yield each page with too many words or titles, and each folder that the site leaves out."""
    pages = sorted(DOCS.rglob("*.md"))
    for path in pages:
        name = path.relative_to(PROJECT)
        titles = [token for token in MarkdownIt().parse(path.read_text()) if token.tag == "h1"]
        if len(titles) != 2:  # it opens and closes
            yield f"{name}: has {len(titles) // 2} first-level headings. Write one."
        words = sum(len(passage.text.split()) for passage in passages(path))
        if words > MOST_WORDS and name.parts[1] not in LONG:
            yield f"{name}: has {words:,} words, over {MOST_WORDS:,}. Split it."
    listed = yaml.safe_load((DOCS / ".nav.yml").read_text())["nav"]
    named = {place for entry in listed for place in entry.values()}
    found = {path.relative_to(DOCS).parts[0] for path in pages}
    for place in sorted(found ^ named):
        yield f"docs/{place}: exists or is in docs/.nav.yml, but not both. Correct the list."
