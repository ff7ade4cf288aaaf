"""What Schemathesis is told of the API; it imports this module itself (schemathesis.toml)."""

import os
from itertools import count
from typing import Any
from urllib.parse import quote

import schemathesis

UNTOLD = frozenset(
    {"invalid-cursor", "invalid-key", "invalid-recipe", "invalid-search", "unknown-recipe"}
)
"""Codes of refusals for what no schema can tell: that a text was made up, and how the parts of a
recipe go together."""

SHARE = int(os.environ.get("CONTRACT_RECIPES", "1"))
"""Of this many requests with a recipe, one is sent: its many fields make for a thousand."""

KEYS = os.environ.get("CONTRACT_KEYS", "").split()
"""Keys of two images: one that every second valid request is about, and one that is deleted."""

_numbers = count()
_calls = count()


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


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Let valid requests be about an image that exists: keys are made up otherwise."""
    is_positive = case.meta is not None and case.meta.generation.mode.is_positive
    if KEYS and is_positive and "key" in (case.path_parameters or {}) and next(_calls) % 2 == 0:
        # Values are encoded at this point.
        case.path_parameters["key"] = quote(KEYS[case.method == "DELETE"], safe="")
