"""The body of ``POST /images/{key}/process``, and the recipe that it requests."""

import msgspec
from msgspec import UNSET, UnsetType

from processor.api import recipes
from processor.api.http.problems import bad_request
from processor.images import Recipe, decode_recipe
from processor.pipeline.recipe_book import RecipeBook
from processor.storage.watermark_images import ASSETS

MAX_RENDITIONS = 12
"""Renditions of an inline recipe: a limit to what one request can cost."""


class ProcessRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``POST /images/{key}/process``."""

    recipe: msgspec.Raw | UnsetType = UNSET


def requested_recipe(request: ProcessRequest, book: RecipeBook) -> str | None:
    """Return a recipe's name, or an inline recipe as JSON; None for the upload's own recipe.

    Raises ``ProblemError``.
    """
    if request.recipe is UNSET:
        return None
    written = bytes(request.recipe).strip()
    try:
        if written.startswith(b'"'):
            name = msgspec.json.decode(written, type=str)
            recipes.check_name(name, book.named)
            return name
        if not written.startswith(b"{"):
            raise bad_request(
                "invalid-request",
                "The body is invalid: Expected a recipe, or the name of one - at `$.recipe`.",
            )
        recipe = decode_recipe(written)
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise bad_request("invalid-recipe", f"{error}.") from error
    _check_limits(recipe)
    return msgspec.json.encode(recipe).decode()


def _check_limits(recipe: Recipe) -> None:
    """Raise ``ProblemError`` for what only recipes that ship with the pipeline may use."""
    if len(recipe.renditions) > MAX_RENDITIONS:
        raise bad_request(
            "invalid-recipe",
            f"The recipe has {len(recipe.renditions)} renditions. An inline recipe can have at "
            f"most {MAX_RENDITIONS}.",
        )
    assets = sorted(file.name for file in ASSETS.iterdir())
    for number, rendition in enumerate(recipe.renditions):
        image = rendition.watermark.image if rendition.watermark else None
        if image is None or image in assets:
            continue
        reason = (
            "An inline recipe cannot use a watermark image from a bucket"
            if ":" in image
            else f"The watermark image {image!r} does not exist"
        )
        raise bad_request(
            "invalid-recipe",
            f"{reason} - at `$.renditions[{number}].watermark.image`. Use one of: "
            f"{', '.join(assets)}.",
        )
