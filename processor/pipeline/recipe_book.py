"""Recipes that a change can use: named ones, and those that it brings as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from processor.errors import PermanentError
from processor.images import Recipe, decode_recipe

INLINE = "{"
"""First character of an inline recipe, which is JSON; no name begins with it."""


@dataclass(frozen=True, slots=True)
class RecipeBook:
    """Finds the recipes that changes and catalog entries refer to."""

    named: Mapping[str, Recipe]

    def find(self, wanted: str) -> Recipe:
        """Return the recipe of that name, or the inline recipe.

        Raises ``PermanentError``.
        """
        if wanted.startswith(INLINE):
            try:
                return decode_recipe(wanted.encode())
            except ValueError as error:
                raise PermanentError("unknown-recipe", str(error)) from error
        try:
            return self.named[wanted]
        except KeyError:
            near = get_close_matches(wanted.lower(), self.named, 1)
            meant = f" Did you mean {near[0]!r}?" if near else ""
            raise PermanentError(
                "unknown-recipe",
                f"There is no recipe {wanted!r}.{meant} The recipes are: "
                f"{', '.join(sorted(self.named))}. Upload the original again with one of them, or "
                "without a recipe.",
            ) from None

    def has(self, wanted: str | None) -> bool:
        """Return whether the recipe exists."""
        try:
            return wanted is not None and bool(self.find(wanted))
        except PermanentError:
            return False
