"""The recipes that there are."""

from collections.abc import Mapping

from processor.api.answer import Answer, answer
from processor.api.request import Request
from processor.images import Recipe


class Recipes:
    """The route ``/recipes``. They ship with the function, so that the answer is made once."""

    def __init__(self, named: Mapping[str, Recipe]) -> None:
        self._answer = answer({"recipes": dict(named)})

    def list(self, _request: Request) -> Answer:
        """``GET /recipes``."""
        return self._answer
