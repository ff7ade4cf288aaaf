"""What Schemathesis is told of the API; it imports this module itself (schemathesis.toml)."""

import os
from itertools import count
from typing import Any

import schemathesis

UNTOLD = frozenset(
    {"invalid-cursor", "invalid-key", "invalid-recipe", "invalid-search", "unknown-recipe"}
)
"""Codes of refusals for what no schema can tell: that a text was made up, and how the parts of a
recipe go together."""

SHARE = int(os.environ.get("CONTRACT_RECIPES", "1"))
"""Of this many requests with a recipe, one is sent: its many fields make for a thousand."""

_numbers = count()


@schemathesis.check
def valid_requests_are_taken(_ctx: Any, response: Any, case: Any) -> None:
    """What the document allows is not refused as a bad request."""
    is_positive = case.meta is not None and case.meta.generation.mode.is_positive
    if not is_positive or response.status_code not in (400, 413, 415):
        return
    problem = response.json()
    assert problem["code"] in UNTOLD, f"Valid by the document, and refused: {problem}"


@schemathesis.hook
def filter_case(_context: Any, case: Any) -> bool:
    """Whether a request is to be sent."""
    query = case.query or {}
    if {"since", "wait"} <= query.keys():
        return False  # It may take 20 seconds.
    has_recipe = isinstance(case.body, dict) and isinstance(case.body.get("recipe"), dict)
    return not has_recipe or next(_numbers) % SHARE == 0
