"""Parse trees of state machines' definitions, kept: ANTLR takes tenths of a second for each."""

from functools import lru_cache
from typing import Any

from localstack.services.stepfunctions.asl.parse.preprocessor import Preprocessor


def parse(parse: Any, definition: str) -> tuple[Any, Any]:
    """Return a definition's program and its parse tree.

    A program has state and is not shared; a parse tree is only read.
    """
    tree = _tree(parse, definition)
    return Preprocessor().visit(tree), tree


@lru_cache(maxsize=32)
def _tree(parse: Any, definition: str) -> Any:
    return parse(definition)[1]
