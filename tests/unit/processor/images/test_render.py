"""From an original to its renditions. Shapes have a file of their own, and so have animations."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from processor.images import open_source, render
from processor.images.errors import ImageError
from processor.images.limits import Limits
from processor.images.recipe import (
    Auto,
    Avif,
    Crop,
    Gif,
    Jpeg,
    Output,
    Pad,
    Png,
    Recipe,
    Rendition,
    Resize,
    Rotate,
    Watermark,
    WebP,
    load_recipes,
)
from processor.images.render import Rendered
from processor.images.watermark_images import WatermarkImages
from tests.unit.processor.images.pictures import (
    assert_similar,
    decoded,
    difference,
    encoded,
    quarters,
    render_file,
)

DEFAULT = load_recipes()["default"]
PHOTOGRAPHS = ["earth.jpg", "raccoon.jpg", "mountains.jpg", "coffee.png"]
Sample = Callable[[str], bytes]


def made(data: bytes, *renditions: Rendition) -> list[Image.Image]:
    """The renditions of a file, as pictures."""
    return [decoded(each.data) for each in rendered(data, *renditions).renditions]


def rendered(data: bytes, *renditions: Rendition, **options: Any) -> Rendered:
    """The renditions of a file."""
    return render_file(data, Recipe(list(renditions)), **options)


def test_the_default_recipe(sample: Sample) -> None:
    """A photograph becomes a square thumbnail, a preview and a picture for the web."""
    rendered = render_file(sample("earth.jpg"), DEFAULT)
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
    header = rendered.header
    assert (header.format, header.width, header.height) == ("jpeg", 2400, 1200)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_making_renditions_from_one_another_does_not_show(name: str, sample: Sample) -> None:
    """A small rendition, of the whole or a part, looks as if made from the original at once."""
    data = sample(name)
    square: dict[str, Any] = {"width": 90, "height": 90, "fit": "cover"}
    wanted = [
        Rendition("r800", Png(), resize=Resize(width=800, height=800)),
        Rendition("r400", Png(), resize=Resize(long_edge=400)),
        Rendition("r200", Png(), resize=Resize(width=200)),
        Rendition("middle", Png(), resize=Resize(**square)),
        Rendition("corner", Png(), resize=Resize(**square, gravity="bottom-right")),
        Rendition(
            "part", Png(), crop=Crop(0.3, 0.2, 0.5, 0.5, "fraction"), resize=Resize(width=100)
        ),
        Rendition("turned", Png(), rotate=Rotate(90), resize=Resize(width=150)),
        Rendition("askew", Png(), rotate=Rotate(10, "#ffffff"), resize=Resize(width=150)),
        Rendition("gray", Png(), resize=Resize(width=120), grayscale=True),
    ]
    together = made(data, *wanted)
    for rendition, cascaded in zip(wanted, together, strict=True):
        (direct,) = made(data, rendition)
        assert_similar(cascaded, direct, 2.5)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_order_of_the_recipe_is_kept(order: tuple[int, ...]) -> None:
    """Renditions come as they stand in the recipe, however they are made."""
    widths = [30, 60, 90]
    wanted = [Rendition(f"r{n}", Png(), resize=Resize(width=widths[n])) for n in order]
    done = rendered(encoded(quarters(), "PNG"), *wanted).renditions
    assert [each.name for each in done] == [f"r{n}" for n in order]
    assert [each.width for each in done] == [widths[n] for n in order]


@pytest.mark.parametrize(
    "spoiled",
    [
        Rendition("s", Png(), resize=Resize(width=12, height=80, fit="fill")),
        Rendition("s", Png(), resize=Resize(width=100, kernel="nearest")),
        Rendition("s", Png(), resize=Resize(width=100), pixelate=16),
        Rendition("s", Png(), resize=Resize(width=100), negate=True, blur=9),
        Rendition("s", Png(), resize=Resize(width=100), flip=True, circle=True),
        Rendition("s", Png(), resize=Resize(width=100), pad=Pad(top=20, color="#000000")),
        Rendition("s", Png(), resize=Resize(width=300, enlarge=True)),
        Rendition("s", Png(), crop=Crop(0, 0, 100, 80)),
    ],
)
def test_nothing_is_handed_on_but_the_whole_picture(spoiled: Rendition, sample: Sample) -> None:
    """What is done to a large rendition alone is not seen on the small ones made after it."""
    data = encoded(decoded(sample("coffee.png")).convert("RGB").resize((120, 80)), "PNG")
    small = Rendition("small", Png(), resize=Resize(width=60))
    _, beside = made(data, spoiled, small)
    (alone,) = made(data, small)
    assert_similar(beside, alone, 2)


@pytest.mark.parametrize("beside", [(), (Rendition("large", Png(), resize=Resize(width=90)),)])
def test_nearest_shows_the_pixels_of_the_original(beside: tuple[Rendition, ...]) -> None:
    """No color appears that was not there, whatever else is made."""
    image = quarters().rotate(30)
    colors = {color for _, color in image.getcolors() or ()}
    nearest = Resize(width=37, height=37, fit="cover", kernel="nearest")
    *_, shown = made(encoded(image, "PNG"), *beside, Rendition("a", Png(), resize=nearest))
    assert {color for _, color in shown.convert("RGB").getcolors() or ()} <= colors


def test_nearest_enlarges_to_squares() -> None:
    """Pixel art grows, and stays what it is."""
    art = Image.frombytes("RGB", (2, 2), bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0]))
    grown = Resize(width=80, kernel="nearest", enlarge=True)
    (shown,) = made(encoded(art, "PNG"), Rendition("a", Png(), resize=grown))
    assert_similar(shown.convert("RGB"), quarters(80, 80), 0)


def test_upright_whatever_the_camera_did(sample: Sample) -> None:
    """A picture that is stored on its side comes out upright, and says so to nobody twice."""
    assert Image.open(io.BytesIO(sample("raccoon.jpg"))).size == (768, 1024)
    for each in render_file(sample("raccoon.jpg"), DEFAULT).renditions:
        assert each.width >= each.height
        assert 0x0112 not in decoded(each.data).getexif()


@pytest.mark.parametrize("output", [Jpeg(), WebP(), Png(), Avif(), Gif()])
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP"])
def test_no_metadata_is_left(output: Output, format_name: str) -> None:
    """Neither EXIF, with the place where a picture was taken, nor profile nor comment remains."""
    image = quarters()
    image.getexif()[0x010F] = "Camera"
    image.getexif().get_ifd(0x8825)[1] = "N"
    data = encoded(image, format_name, exif=image.getexif(), icc_profile=b"profile" * 40)
    (left,) = made(data, Rendition("a", output))
    assert not left.getexif()
    assert not {"exif", "icc_profile", "xmp", "comment"} & set(left.info)


def test_metadata_is_kept_where_asked_for() -> None:
    """Each rendition keeps what it was told to."""
    exif = Image.Exif()
    exif[0x8298], exif[0x010F] = "(c) A. Tist", "Camera"
    data = encoded(quarters(), "JPEG", exif=exif)
    outputs: list[Output] = [Jpeg(), Jpeg(metadata="keep-copyright"), WebP(metadata="keep")]
    found = [
        dict(image.getexif())
        for image in made(data, *(Rendition(f"r{n}", each) for n, each in enumerate(outputs)))
    ]
    assert found[0] == {}
    assert found[1] == {0x8298: "(c) A. Tist"}
    assert found[2] == {0x8298: "(c) A. Tist", 0x010F: "Camera"}


def test_a_picture_in_wide_colors_comes_out_in_srgb(wide_gamut: bytes) -> None:
    """All renditions, also those made from one another, are converted once."""
    data = encoded(Image.new("RGB", (900, 900), (200, 100, 100)), "PNG", icc_profile=wide_gamut)
    large, small = made(
        data, *(Rendition(f"r{size}", Png(), resize=Resize(width=size)) for size in (600, 90))
    )
    color = large.convert("RGB").getpixel((0, 0))
    assert color == small.convert("RGB").getpixel((0, 0))
    assert color[0] > 205  # type: ignore[index]


def test_transparency_is_kept_where_the_format_has_it() -> None:
    """A transparent picture stays so, and gets a background in JPEG or where it is asked for."""
    data = encoded(Image.new("RGBA", (50, 50), (255, 0, 0, 0)), "PNG")
    blue = "#0000ff"
    images = made(
        data,
        Rendition("jpeg", Jpeg(quality=95)),
        Rendition("blue-jpeg", Jpeg(quality=95), background=blue),
        Rendition("webp", WebP()),
        Rendition("png", Png()),
        Rendition("blue-png", Png(), background=blue),
        Rendition("avif", Avif()),
        Rendition("gif", Gif()),
    )
    pixels = [image.convert("RGBA").getpixel((9, 9)) for image in images]
    assert pixels[0] == (255, 255, 255, 255)
    assert pixels[1] == pytest.approx((0, 0, 255, 255), abs=3)
    assert pixels[4] == (0, 0, 255, 255)
    assert [pixels[n][3] for n in (2, 3, 5, 6)] == [0] * 4  # type: ignore[index]


@pytest.mark.parametrize(
    ("wanted", "extension"),
    [
        ({}, "jpg"),
        ({"circle": True}, "webp"),
        ({"circle": True, "background": "#ffffff"}, "jpg"),
        ({"threshold": 128, "resize": None}, "png"),
        ({"pixelate": 16}, "png"),
    ],
)
def test_auto_looks_at_the_finished_picture(
    wanted: dict[str, Any], extension: str, sample: Sample
) -> None:
    """The format suits what a rendition has become, not what the original was."""
    rendition = Rendition("a", Auto(), **{"resize": Resize(width=300), **wanted})
    (each,) = rendered(sample("coffee.png"), rendition).renditions
    assert each.extension == extension
    assert decoded(each.data).format == {"jpg": "JPEG", "webp": "WEBP", "png": "PNG"}[extension]


def test_renditions_do_not_share_their_watermark(sample: Sample) -> None:
    """What is drawn on a large rendition is not on the small ones made from it."""
    unmarked = Recipe(DEFAULT.renditions[:2])
    with_mark = render_file(sample("flower.jpg"), DEFAULT).renditions[:2]
    without = render_file(sample("flower.jpg"), unmarked).renditions
    for one, other in zip(with_mark, without, strict=True):
        assert difference(decoded(one.data), decoded(other.data)) < 2.5


def test_an_image_watermark() -> None:
    """The mark is read by its name, and lies upright on a picture that is turned."""
    logo = encoded(quarters(40, 20), "PNG")
    mark = Watermark(image="logo.png", scale=0.5, opacity=1, margin=0, position="top-left")
    rendition = Rendition("a", Png(), rotate=Rotate(90), watermark=mark)
    data = encoded(Image.new("RGB", (120, 80), "gray"), "PNG")
    (each,) = rendered(
        data, rendition, watermark_images=WatermarkImages({"logo.png": logo}.__getitem__)
    ).renditions
    image = decoded(each.data).convert("RGB")
    assert image.size == (80, 120)
    assert_similar(image.crop((0, 0, 40, 20)), quarters(40, 20), 1)
    assert image.crop((0, 20, 80, 120)).getcolors() == [(8000, (128, 128, 128))]
    with pytest.raises(ImageError) as refusal:
        rendered(data, rendition)
    assert refusal.value.code == "missing-watermark"


def test_operations_have_one_order() -> None:
    """A rendition is turned, then mirrored, then colored; its mark and margin come last."""
    mark = Watermark(text="HH", opacity=1, outline=None, position="top", size=0.3)
    rendition = Rendition(
        "a", Png(), pad=Pad(left=10, color="#00ff00"), watermark=mark, negate=True, flip=True,
        rotate=Rotate(90),
    )  # fmt: skip
    (image,) = made(encoded(quarters(), "PNG"), rendition)
    image = image.convert("RGB")
    assert image.size == (90, 120)
    # Not negated, and so neither mark nor margin were.
    assert image.getpixel((0, 60)) == (0, 255, 0)
    # Turned clockwise, blue is at the top left, and so at the bottom left when flipped.
    assert image.getpixel((12, 118)) == (255, 255, 0)
    white = image.crop((10, 0, 90, 30)).convert("L").point(lambda tone: 255 * (tone > 250))
    assert white.getbbox() is not None


def test_the_analysis_comes_along(sample: Sample) -> None:
    """What was found in the original is told, unless the recipe does without."""
    small = Rendition("a", Jpeg(), resize=Resize(width=10))
    done = render_file(sample("flower.jpg"), Recipe([small]))
    assert done.analysis is not None
    assert len(done.analysis.phash) == 16
    assert render_file(sample("flower.jpg"), Recipe([small], analysis=False)).analysis is None


def test_a_rendition_that_would_be_too_large() -> None:
    """Sizes are checked before a pixel is decoded."""
    huge = Rendition("huge", Png(), resize=Resize(width=16_000, enlarge=True), densities=(4,))
    with pytest.raises(ImageError, match="huge@4x") as refusal:
        rendered(encoded(quarters(), "PNG"), huge, limits=Limits())
    assert refusal.value.code == "too-large-rendition"


@pytest.mark.parametrize("recipe", ["default", "responsive", "avatar"])
def test_a_rendition_alone_is_what_it_is_beside_others(sample: Sample, recipe: str) -> None:
    """Each has the same bytes; the first alone also tells what was seen."""
    wanted = load_recipes()[recipe]
    together = render_file(sample("raccoon.jpg"), wanted)
    source = open_source(sample("raccoon.jpg"))
    alone = [render(source, wanted, only=each.name) for each in wanted.renditions]
    pairs = [(each.name, each.data) for one in alone for each in one.renditions]
    assert pairs == [(each.name, each.data) for each in together.renditions]
    assert [each.analysis for each in alone] == [together.analysis, *[None] * (len(alone) - 1)]
