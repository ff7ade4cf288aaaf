"""Recipes in the documentation and processor/recipes.json: valid, and described as they are."""

import re
from collections.abc import Iterator
from pathlib import Path

from darkroom.engine import reference
from localstack_init.build import PROJECT
from processor.images import decode_recipe, decode_recipes

DOCS = PROJECT / "docs"
REFERENCE = DOCS / "reference" / "recipes.md"
PAGES = [REFERENCE, DOCS / "tutorial" / "first-recipe.md", *DOCS.glob("how-to/migrate-from-*.md")]
"""Pages whose examples are recipes."""
SHIPPED = PROJECT / "processor" / "recipes.json"
WIDTH = 100
"""Characters in a line of the shipped recipes, as in the code."""


def problems() -> Iterator[str]:
    """Yield each recipe that is not valid, and what is out of date."""
    page = REFERENCE.read_text()
    try:
        if reference.updated(page) != page:
            yield "docs/reference/recipes.md: stale. Run make docs."
    except ValueError as error:
        yield f"docs/reference/recipes.md: {error}. Correct the page."
    for each in PAGES:
        yield from _refused(each)
    try:
        decode_recipes(SHIPPED.read_bytes())
    except ValueError as error:
        yield f"processor/recipes.json: {error}. Correct it."
    for number, line in enumerate(SHIPPED.read_text().splitlines(), 1):
        if len(line) > WIDTH:
            yield f"processor/recipes.json:{number}: over {WIDTH} characters. Break the line."


def _refused(page: Path) -> Iterator[str]:
    """Yield the examples of a page that are not valid recipes, or that it has none."""
    blocks = re.findall(r"```json\n(.*?)```", page.read_text(), re.DOTALL)
    examples = [block for block in blocks if '"renditions"' in block]
    name = page.relative_to(PROJECT)
    if not examples:
        yield f"{name}: no example has renditions. Correct the page or this check."
    for example in examples:
        try:
            decode_recipe(example.encode())
        except ValueError as error:
            yield f"{name}: an example is refused: {error}. Correct it:\n{example}"
