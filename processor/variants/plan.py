"""Plan of a variant: the one rendition that its options and its image's recipe give."""

from collections.abc import Mapping

import msgspec

from processor.images import Header, Recipe, Rendition
from processor.images.plan.geometry import plan
from processor.images.recipe import Avif, Gif, Jpeg, Output, Png, Point, Resize, WebP
from processor.variants.options import Format, Options
from processor.variants.problems import VariantError

OUTPUTS: Mapping[str, type[Output]] = {
    "avif": Avif, "webp": WebP, "jpeg": Jpeg, "png": Png, "gif": Gif,
}  # fmt: skip
HAS_QUALITY = (Avif, WebP, Jpeg)


def variant_recipe(recipe: Recipe, options: Options, format_: Format, header: Header) -> Recipe:
    """Return a recipe with the variant as its only rendition. Raises ``VariantError``.

    ``recipe`` is the image's, ``header`` the original's.
    """
    is_named = options.name is not None
    rendition = _named(recipe, options) if is_named else _free(recipe, options, header)
    rendition = msgspec.structs.replace(
        rendition, output=_output(rendition, options, format_, header)
    )
    if not is_named:
        _check_size(rendition, recipe.variants.max_side, header)
    # The analysis is in the catalog.
    return msgspec.structs.replace(recipe, renditions=[rendition], analysis=False)


def _named(recipe: Recipe, options: Options) -> Rendition:
    for each in recipe.renditions:
        if each.name == options.name:
            background = f"#{options.bg}" if options.bg else each.background
            density = (options.dpr or 1,)
            return msgspec.structs.replace(each, densities=density, background=background)
    raise VariantError(
        "unknown-rendition",
        f"The image's recipe has no rendition {options.name!r}. Use one of: "
        f"{', '.join(each.name for each in recipe.renditions)}.",
    )


def _free(recipe: Recipe, options: Options, header: Header) -> Rendition:
    rules = recipe.variants
    if refused := [name for name in options.given if name not in rules.allow]:
        allowed = f"these options: {', '.join(rules.allow)}" if rules.allow else "no options"
        raise VariantError(
            "not-allowed",
            f"The image's recipe does not allow the option `{refused[0]}` in URLs. It allows "
            f"{allowed}, and the names of its renditions: "
            f"{', '.join(each.name for each in recipe.renditions)}.",
        )
    if not rules.allow:
        raise VariantError(
            "not-allowed",
            "The image's recipe allows only the names of its renditions in URLs: "
            f"{', '.join(each.name for each in recipe.renditions)}.",
        )
    base = rules.base
    color = f"#{options.bg}" if options.bg else None
    try:
        resize = _resize(options, color, rules.max_side, header)
    except ValueError as error:
        raise VariantError("invalid-option", f"The options are invalid: {error}.") from error
    return Rendition(
        name="variant",
        output=WebP(),
        trim=base.trim,
        resize=resize,
        sharpen=base.sharpen,
        watermark=base.watermark,
        background=color,
    )


def _resize(options: Options, color: str | None, max_side: int, header: Header) -> Resize | None:
    """Return the resize that the options mean, checked as a recipe is. Raises ``ValueError``."""
    values: dict[str, object] = {
        "width": options.w,
        "height": options.h,
        "long_edge": options.le,
        "aspect_ratio": options.ar.replace("x", ":") if options.ar else None,
        "fit": options.fit or ("cover" if options.g or options.ar else None),
        "enlarge": True if options.el else None,
        "background": color if options.fit == "contain" else None,
    }
    if options.g and options.g[0] in ".01":
        x, y = map(float, options.g.split("x"))
        values["focal_point"] = Point(x, y)
    else:
        values["gravity"] = options.g
    values = {name: each for name, each in values.items() if each is not None}
    if values:
        return msgspec.convert(values, Resize)
    if max(header.width, header.height) > max_side:
        return Resize(long_edge=max_side)
    return None


def _output(rendition: Rendition, options: Options, format_: Format, header: Header) -> Output:
    """Return the format: a named rendition keeps its own output's options if it is the same."""
    if format_ != "any":
        kind = OUTPUTS[format_]
    elif header.frames > 1 and rendition.output.keeps_animation:
        kind = Gif
    else:
        kind = Png if _may_be_transparent(rendition, header) else Jpeg
    output = rendition.output if type(rendition.output) is kind else kind()
    if options.q is not None and isinstance(output, HAS_QUALITY):
        return msgspec.structs.replace(output, quality=options.q)
    return output


def _may_be_transparent(rendition: Rendition, header: Header) -> bool:
    if rendition.background:
        return False
    resize = rendition.resize
    return (
        header.has_alpha
        or rendition.circle
        or rendition.corners is not None
        or (rendition.rotate is not None and rendition.rotation % 90 != 0)
        or (resize is not None and resize.fit == "contain" and len(resize.background) > 7)
    )


def _check_size(rendition: Rendition, max_side: int, header: Header) -> None:
    original = (header.width, header.height)
    width, height = plan(original, rendition, rendition.densities[0]).final
    if max(width, height) > max_side:
        raise VariantError(
            "too-large",
            f"The variant would be {width} x {height} pixels; the image's recipe allows at most "
            f"{max_side:,} a side. Request a smaller one.",
        )
