"""Plans of variants: recipes of one rendition, within what the image's recipe allows."""

import io

import pytest
from PIL import Image

from processor.images import Limits, Recipe, Rendition, decode_recipe, open_source, render
from processor.images.recipe import Avif, Gif, Jpeg, OnTheFly, Png, WebP
from processor.variants.options import read_target
from processor.variants.plan import variant_recipe
from processor.variants.problems import VariantError
from tests.unit.processor.images.sample_images import animated, encoded, quarters

JPEG = encoded(quarters(), "JPEG")
PNG = encoded(quarters(mode="RGBA"), "PNG")
PLAIN = Recipe([Rendition("thumb", WebP(quality=33, effort=1))])
MARKED = decode_recipe(
    b"""{"renditions": [{"name": "web", "output": {"format": "jpeg"}, "watermark": {"text": "X"}}],
    "on_the_fly": {"allow": ["w", "q"], "max_side": 100,
    "base": {"watermark": {"text": "Y", "tiled": true}, "trim": {}, "sharpen": {"sigma": 1}}}}"""
)


def planned(name: str, recipe: Recipe = PLAIN, data: bytes = JPEG) -> Rendition:
    """Return the rendition of ``variants/a/<name>``."""
    target = read_target(f"/variants/a/{name}")
    wanted = variant_recipe(recipe, target.options, target.format, open_source(data).header)
    assert not wanted.analysis
    (rendition,) = wanted.renditions
    return rendition


def refused(name: str, recipe: Recipe = PLAIN) -> VariantError:
    """Return the error of ``variants/a/<name>``."""
    with pytest.raises(VariantError) as caught:
        planned(name, recipe)
    return caught.value


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("w_60", (60, 40)),
        ("h_20", (30, 20)),
        ("le_60", (60, 40)),
        ("w_60,h_60", (60, 40)),
        ("w_60,h_60,fit_cover", (60, 60)),
        ("w_60,h_60,fit_contain", (60, 60)),
        ("w_60,h_60,fit_fill", (60, 60)),
        ("w_60,h_60,fit_outside", (90, 60)),
        ("w_60,ar_3x1,fit_cover", (60, 20)),
        ("ar_1x1,fit_cover", (80, 80)),
        ("w_240", (120, 80)),
        ("w_240,el_1", (240, 160)),
        ("_", (120, 80)),
        ("w_60,h_60,fit_cover,g_.3x1", (60, 60)),
        ("thumb", (120, 80)),
    ],
)
def test_sizes(name: str, size: tuple[int, int]) -> None:
    """Options give the size that a recipe with the same values does."""
    recipe = Recipe([planned(f"{name}.png")], analysis=False)
    (image,) = render(open_source(JPEG), recipe, Limits()).renditions
    assert (image.width, image.height) == size
    assert Image.open(io.BytesIO(image.data)).size == size


def test_formats() -> None:
    """The extension names the format; ``any`` is what every client shows."""
    kinds = {"avif": Avif, "webp": WebP, "jpeg": Jpeg, "png": Png, "gif": Gif, "any": Jpeg}
    for extension, kind in kinds.items():
        assert type(planned(f"w_9.{extension}").output) is kind
    assert type(planned("w_9.any", data=PNG).output) is Png
    assert type(planned("w_9,bg_ffffff.any", data=PNG).output) is Jpeg
    assert type(planned("w_9.any", data=animated()).output) is Gif
    assert type(planned("w_9,h_99,fit_contain.any").output) is Png
    circle = Recipe([Rendition("round", WebP(), circle=True)])
    assert type(planned("round.any", circle).output) is Png


def test_quality() -> None:
    """A quality is that of the format; a named rendition keeps its output's own options."""
    assert planned("w_9,q_7.webp").output == WebP(quality=7)
    assert planned("thumb.webp").output == WebP(quality=33, effort=1)
    assert planned("thumb,q_50.webp").output == WebP(quality=50, effort=1)
    assert planned("thumb,q_50.avif").output == Avif(quality=50)


def test_named_renditions() -> None:
    """A name is the recipe's rendition, with its operations, at the density."""
    assert planned("web,dpr_2.jpeg", MARKED).densities == (2,)
    watermark = planned("web,bg_ff0000.jpeg", MARKED).watermark
    assert watermark
    assert watermark.text == "X"
    error = refused("nosuch.webp", MARKED)
    assert (error.code, error.status) == ("unknown-rendition", 404)
    assert "web" in str(error)


def test_the_base_is_in_every_variant() -> None:
    """Watermark, trim and sharpening of ``on_the_fly`` cannot be avoided by options."""
    for name in ("w_9.webp", "_.webp", "w_9,q_3.jpeg"):
        rendition = planned(name, MARKED)
        assert rendition.watermark
        assert rendition.watermark.text == "Y"
        assert rendition.trim
        assert rendition.sharpen
        assert rendition.sharpen.sigma == 1


@pytest.mark.parametrize(
    "name", ["h_9.webp", "w_9,h_9,fit_cover.webp", "w_9,bg_ffffff.webp", "w_9,el_1.webp"]
)
def test_options_that_a_recipe_does_not_allow(name: str) -> None:
    """The response names what is allowed."""
    error = refused(name, MARKED)
    assert (error.code, error.status) == ("not-allowed", 403)
    assert "w, q" in str(error)


def test_the_largest_side() -> None:
    """A larger variant is refused; without a size, the original is shrunk."""
    error = refused("w_101.webp", MARKED)
    assert (error.code, error.status) == ("too-large", 422)
    assert "100" in str(error)
    resize = planned("q_3.webp", MARKED).resize
    assert resize
    assert resize.long_edge == 100


def test_recipes_without_rules() -> None:
    """A recipe with a watermark and without ``on_the_fly`` allows its names only."""
    watermarked = decode_recipe(
        b'{"renditions": [{"name": "web", "watermark": {"text": "X"}, '
        b'"output": {"format": "jpeg"}}]}'
    )
    assert refused("w_9.webp", watermarked).code == "not-allowed"
    assert refused("_.webp", watermarked).code == "not-allowed"
    assert planned("web.webp", watermarked).watermark
    assert watermarked.variants == OnTheFly(allow=())
    assert PLAIN.variants == OnTheFly()


@pytest.mark.parametrize(
    "path",
    [
        "/variants/a",
        "/variants//w_9.webp",
        "/other/a/w_9.webp",
        "/variants/a/w_9.exe",
        "/variants/a/w_9",
        "/variants/a/x_9.webp",
        "/variants/a/w_9,q_0.webp",
        "/variants/a/w_a.webp",
        "/variants/a/%FF/w_9.webp",
        f"/variants/{'a' * 1020}/w_9.webp",
        "/variants/a/g_9x9.webp",
        "/variants/a/w_99999.webp",
    ],
)
def test_wrong_targets(path: str) -> None:
    """Paths that the edge does not write are refused."""
    with pytest.raises(ValueError):  # noqa: PT011 (of several kinds)
        read_target(path)
