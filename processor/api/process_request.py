"""The recipe that a request asks for: none, one by its name, or one of its own."""

import msgspec
from msgspec import UNSET, UnsetType

from processor.api.http.problems import bad_request
from processor.api.uploads import check_recipe
from processor.images import Recipe, decode_recipe
from processor.pipeline.recipe_book import RecipeBook
from processor.storage.watermark_images import ASSETS

RENDITIONS = 12
"""Most of a recipe that a request brings: they are made from somebody else's money."""


class ProcessRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``POST /images/{key}/process``."""

    recipe: msgspec.Raw | UnsetType = UNSET


def recipe_of(request: ProcessRequest, recipes: RecipeBook) -> str | None:
    """What the pipeline is told: nothing, a name, or JSON. Raises ``ProblemError``."""
    if request.recipe is UNSET:
        return None
    written = bytes(request.recipe).strip()
    try:
        if written.startswith(b'"'):
            name = msgspec.json.decode(written, type=str)
            check_recipe(name, recipes.named)
            return name
        if not written.startswith(b"{"):
            raise bad_request(
                "invalid-request",
                "The body is not as it should be: Expected a recipe, or the name of one - at "
                "`$.recipe`.",
            )
        recipe = decode_recipe(written)
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise bad_request("invalid-recipe", f"{error}.") from error
    _check(recipe)
    return msgspec.json.encode(recipe).decode()


def _check(recipe: Recipe) -> None:
    """Refuse what only recipes may do that ship with the pipeline."""
    if len(recipe.renditions) > RENDITIONS:
        raise bad_request(
            "invalid-recipe",
            f"The recipe names {len(recipe.renditions)} renditions; one that is sent along may "
            f"name at most {RENDITIONS}.",
        )
    for number, rendition in enumerate(recipe.renditions):
        mark = rendition.watermark.image if rendition.watermark else None
        if mark is None:
            continue
        place = f"at `$.renditions[{number}].watermark.image`"
        if ":" in mark:
            raise bad_request(
                "invalid-recipe",
                f"A recipe that is sent along may not lay the pictures of buckets over others - "
                f"{place}.",
            )
        if mark not in (assets := sorted(file.name for file in ASSETS.iterdir())):
            raise bad_request(
                "invalid-recipe",
                f"There is no picture {mark!r} beside the recipes - {place}; there are: "
                f"{', '.join(assets)}.",
            )
