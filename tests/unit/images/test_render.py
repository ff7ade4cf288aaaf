"""From an original to its renditions."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from processor.images.recipe import Jpeg, Output, Png, Recipe, Rendition, Resize, WebP, load_recipes
from processor.images.render import render

from .pictures import decoded, difference, encoded, quarters

DEFAULT = load_recipes()["default"]


def test_the_default_recipe(sample: Callable[[str], bytes]) -> None:
    """A photograph becomes a square thumbnail, a preview and a picture for the web."""
    rendered = render(sample("earth.jpg"), DEFAULT)
    assert [(each.name, each.extension, each.content_type) for each in rendered.renditions] == [
        ("thumb", "webp", "image/webp"),
        ("preview", "webp", "image/webp"),
        ("web", "jpg", "image/jpeg"),
    ]
    for each in rendered.renditions:
        assert decoded(each.data).size == (each.width, each.height)
    assert [(each.width, each.height) for each in rendered.renditions] == [
        (300, 300),
        (800, 400),
        (1600, 800),
    ]


@pytest.mark.parametrize("name", ["earth.jpg", "raccoon.jpg", "mountains.jpg", "coffee.png"])
def test_making_renditions_from_one_another_does_not_show(
    name: str, sample: Callable[[str], bytes]
) -> None:
    """A small rendition looks as if it had been made from the original at once."""
    data = sample(name)
    sizes = [800, 400, 200]
    recipe = Recipe(
        [Rendition(f"r{size}", Png(), resize=Resize(width=size, height=size)) for size in sizes]
    )
    for each in render(data, recipe).renditions:
        alone = Recipe([Rendition("a", Png(), resize=Resize(width=each.width, height=each.height))])
        (direct,) = render(data, alone).renditions
        assert difference(decoded(each.data), decoded(direct.data)) < 2


def test_upright_whatever_the_camera_did(sample: Callable[[str], bytes]) -> None:
    """A picture that is stored on its side comes out upright, and says so to nobody twice."""
    assert Image.open(io.BytesIO(sample("raccoon.jpg"))).size == (768, 1024)
    for each in render(sample("raccoon.jpg"), DEFAULT).renditions:
        assert each.width >= each.height
        assert 0x0112 not in decoded(each.data).getexif()


@pytest.mark.parametrize("output", [Jpeg(), WebP(), Png()])
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP"])
def test_no_metadata_is_left(output: Output, format_name: str) -> None:
    """Neither EXIF, with the place where a picture was taken, nor profile nor comment remains."""
    image = quarters()
    image.getexif()[0x010F] = "Camera"
    image.getexif().get_ifd(0x8825)[1] = "N"
    data = encoded(image, format_name, exif=image.getexif(), icc_profile=b"profile" * 40)
    (each,) = render(data, Recipe([Rendition("a", output)])).renditions
    left = decoded(each.data)
    assert not left.getexif()
    assert not {"exif", "icc_profile", "xmp", "comment"} & set(left.info)


def test_a_picture_in_wide_colours_comes_out_in_srgb(wide_gamut: bytes) -> None:
    """All renditions, also those made from one another, are converted once."""
    data = encoded(Image.new("RGB", (900, 900), (200, 100, 100)), "PNG", icc_profile=wide_gamut)
    recipe = Recipe(
        [Rendition(f"r{size}", Png(), resize=Resize(width=size, height=size)) for size in (600, 90)]
    )
    large, small = render(data, recipe).renditions
    assert decoded(large.data).getpixel((0, 0)) == decoded(small.data).getpixel((0, 0))
    assert decoded(large.data).getpixel((0, 0))[0] > 205  # type: ignore[index]


def test_transparency_is_kept_where_the_format_has_it() -> None:
    """A transparent picture stays so in WebP and PNG, and gets a background in JPEG."""
    data = encoded(Image.new("RGBA", (50, 50), (255, 0, 0, 0)), "PNG")
    outputs: dict[str, Output] = {
        "j": Jpeg(background="#0000ff"),
        "w": WebP(),
        "p": Png(),
    }
    recipe = Recipe([Rendition(name, output) for name, output in outputs.items()])
    modes = [decoded(each.data).mode for each in render(data, recipe).renditions]
    assert modes == ["RGB", "RGBA", "RGBA"]


def test_renditions_do_not_share_their_watermark(sample: Callable[[str], bytes]) -> None:
    """What is drawn on a large rendition is not on the small ones made from it."""
    unmarked = Recipe(DEFAULT.renditions[:2])
    with_mark = render(sample("flower.jpg"), DEFAULT).renditions[:2]
    without = render(sample("flower.jpg"), unmarked).renditions
    for one, other in zip(with_mark, without, strict=True):
        assert difference(decoded(one.data), decoded(other.data)) < 2.5
