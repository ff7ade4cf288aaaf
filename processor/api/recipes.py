"""``GET /recipes``: the named recipes, and the check of a recipe's name."""

from collections.abc import Collection, Mapping

from processor.api.http.problems import bad_request
from processor.api.http.request import Request
from processor.api.http.response import Response, json_response
from processor.images import Recipe


class Recipes:
    """The route ``/recipes``. The recipes ship with the function: they are encoded once."""

    def __init__(self, named: Mapping[str, Recipe]) -> None:
        self._response = json_response({"recipes": dict(named)})

    def list(self, _request: Request) -> Response:
        """``GET /recipes``."""
        return self._response


def check_name(name: str, recipes: Collection[str]) -> None:
    """Raise ``ProblemError`` (``unknown-recipe``) unless a recipe has the name."""
    if name not in recipes:
        raise bad_request(
            "unknown-recipe",
            f"The recipe {name[:99]!r} does not exist. Use one of: {', '.join(sorted(recipes))}.",
        )
