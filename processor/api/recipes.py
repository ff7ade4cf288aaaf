"""The recipes that there are."""

from collections.abc import Mapping

from processor.api.http.request import Request
from processor.api.http.response import Answer, answer
from processor.images import Recipe


class Recipes:
    """The route ``/recipes``. They ship with the function, so that the answer is made once."""

    def __init__(self, named: Mapping[str, Recipe]) -> None:
        self._answer = answer({"recipes": dict(named)})

    def list(self, _request: Request) -> Answer:
        """``GET /recipes``."""
        return self._answer
