"""The recipes that a change may ask for: those that have a name, and any that it brings itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from processor.errors import PermanentError
from processor.images import Recipe, decode_recipe

INLINE = "{"
"""Begins a recipe that is written out, as JSON; no name does."""


@dataclass(frozen=True, slots=True)
class RecipeBook:
    """Finds recipes by what changes and catalog entries say of them."""

    named: Mapping[str, Recipe]

    def find(self, wanted: str) -> Recipe:
        """The recipe of that name, or the one that is written out. Raises ``PermanentError``."""
        if wanted.startswith(INLINE):
            try:
                return decode_recipe(wanted.encode())
            except ValueError as error:
                raise PermanentError("unknown-recipe", str(error)) from error
        try:
            return self.named[wanted]
        except KeyError:
            raise PermanentError(
                "unknown-recipe",
                f"There is no recipe {wanted!r}. There are: {', '.join(sorted(self.named))}. "
                "Upload the original again with one of them, or with none.",
            ) from None

    def has(self, wanted: str | None) -> bool:
        """Whether there is such a recipe."""
        try:
            return wanted is not None and bool(self.find(wanted))
        except PermanentError:
            return False
