"""The recipes in docs/reference/recipes.md and processor/recipes.json: valid, and described as they are."""

import re
from collections.abc import Iterator

from darkroom.engine import reference
from localstack_init.build import PROJECT
from processor.images import ImageError, decode_recipe, decode_recipes

from .markdown import broken_links

PAGE = PROJECT / "docs" / "reference" / "recipes.md"
SHIPPED = PROJECT / "processor" / "recipes.json"
WIDTH = 100
"""Characters in a line of the shipped recipes, as in the code."""


def problems() -> Iterator[str]:
    """Yield each recipe that is not valid, and what is out of date."""
    page = PAGE.read_text()
    try:
        if reference.updated(page) != page:
            yield "docs/reference/recipes.md: stale. Run make docs."
    except ValueError as error:
        yield f"docs/reference/recipes.md: {error}. Correct the page."
    yield from broken_links(PAGE)
    blocks = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    examples = [block for block in blocks if '"renditions"' in block]
    if not examples:
        yield "docs/reference/recipes.md: no example has renditions. Correct the page or this check."
    for example in examples:
        try:
            decode_recipe(example.encode())
        except ImageError as error:
            yield f"docs/reference/recipes.md: an example is refused: {error} Correct it:\n{example}"
    try:
        decode_recipes(SHIPPED.read_bytes())
    except ImageError as error:
        yield f"processor/recipes.json: {error} Correct it."
    for number, line in enumerate(SHIPPED.read_text().splitlines(), 1):
        if len(line) > WIDTH:
            yield f"processor/recipes.json:{number}: over {WIDTH} characters. Break the line."
