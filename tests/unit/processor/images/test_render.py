"""Rendering of originals. Shapes and animations have their own files."""

import io
from collections.abc import Callable
from typing import Any, Literal

import pytest
from PIL import Image

from processor.images import open_source, render
from processor.images.errors import ImageError
from processor.images.icc import display_p3
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
from tests.unit.processor.images.sample_images import (
    assert_similar,
    decoded,
    difference,
    encoded,
    quarters,
    render_file,
)

DEFAULT = load_recipes()["default"]
PHOTOGRAPHS = ["earth.jpg", "raccoon.jpg", "mountains.jpg", "coffee.png"]
COLORS: tuple[Literal["srgb", "keep"], ...] = ("srgb", "keep")
Sample = Callable[[str], bytes]


def made(data: bytes, *renditions: Rendition) -> list[Image.Image]:
    """Return the renditions of a file, as images."""
    return [decoded(each.data) for each in rendered(data, *renditions).renditions]


def rendered(data: bytes, *renditions: Rendition, **options: Any) -> Rendered:
    """Render a file."""
    return render_file(data, Recipe(list(renditions)), **options)


def test_the_default_recipe(sample: Sample) -> None:
    """A photograph becomes a square thumbnail, a preview and an image for the web."""
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
    """A small rendition looks as if it were scaled from the original."""
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
    """Renditions have the recipe's order, in whatever order they are rendered."""
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
def test_nothing_is_handed_on_but_the_whole_image(spoiled: Rendition, sample: Sample) -> None:
    """Crops and effects of a large rendition don't show in smaller ones."""
    data = encoded(decoded(sample("coffee.png")).convert("RGB").resize((120, 80)), "PNG")
    small = Rendition("small", Png(), resize=Resize(width=60))
    _, beside = made(data, spoiled, small)
    (alone,) = made(data, small)
    assert_similar(beside, alone, 2)


@pytest.mark.parametrize("beside", [(), (Rendition("large", Png(), resize=Resize(width=90)),)])
def test_nearest_shows_the_pixels_of_the_original(beside: tuple[Rendition, ...]) -> None:
    """Nearest adds no colors, whatever other renditions there are."""
    image = quarters().rotate(30)
    colors = {color for _, color in image.getcolors() or ()}
    nearest = Resize(width=37, height=37, fit="cover", kernel="nearest")
    *_, shown = made(encoded(image, "PNG"), *beside, Rendition("a", Png(), resize=nearest))
    assert {color for _, color in shown.convert("RGB").getcolors() or ()} <= colors


def test_nearest_enlarges_to_squares() -> None:
    """Pixel art is enlarged to squares."""
    art = Image.frombytes("RGB", (2, 2), bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0]))
    grown = Resize(width=80, kernel="nearest", enlarge=True)
    (shown,) = made(encoded(art, "PNG"), Rendition("a", Png(), resize=grown))
    assert_similar(shown.convert("RGB"), quarters(80, 80), 0)


def test_upright_whatever_the_camera_did(sample: Sample) -> None:
    """Every stored orientation is rendered upright, without an orientation in its EXIF."""
    assert Image.open(io.BytesIO(sample("raccoon.jpg"))).size == (768, 1024)
    for each in render_file(sample("raccoon.jpg"), DEFAULT).renditions:
        assert each.width >= each.height
        assert 0x0112 not in decoded(each.data).getexif()


@pytest.mark.parametrize("output", [Jpeg(), WebP(), Png(), Avif(), Gif()])
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP"])
def test_no_metadata_is_left(output: Output, format_name: str) -> None:
    """By default EXIF, profile and comment are removed."""
    image = quarters()
    image.getexif()[0x010F] = "Camera"
    image.getexif().get_ifd(0x8825)[1] = "N"
    data = encoded(image, format_name, exif=image.getexif(), icc_profile=b"profile" * 40)
    (left,) = made(data, Rendition("a", output))
    assert not left.getexif()
    assert not {"exif", "icc_profile", "xmp", "comment"} & set(left.info)


def test_metadata_is_kept_where_asked_for() -> None:
    """Each rendition keeps the metadata that its output asks for."""
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


def test_an_image_in_wide_colors_comes_out_in_srgb(wide_gamut: bytes) -> None:
    """All renditions are converted once, also those that share a larger one."""
    data = encoded(Image.new("RGB", (900, 900), (200, 100, 100)), "PNG", icc_profile=wide_gamut)
    large, small = made(
        data, *(Rendition(f"r{size}", Png(), resize=Resize(width=size)) for size in (600, 90))
    )
    color = large.convert("RGB").getpixel((0, 0))
    assert color == small.convert("RGB").getpixel((0, 0))
    assert color[0] > 205  # type: ignore[index]


def test_wide_colors_are_kept_where_the_recipe_asks_for_it(wide_gamut: bytes) -> None:
    """With ``keep``, renditions have Display P3 and its profile; their neighbors stay sRGB."""
    data = encoded(Image.new("RGB", (900, 900), (200, 100, 100)), "PNG", icc_profile=wide_gamut)
    kinds: list[Output] = [
        Jpeg(),
        Png(),
        WebP(),
        Avif(),
        Avif(encoder="aom"),
        Png(colors=4),
        Auto(),
    ]
    renditions = [
        Rendition(f"{color}{number}", kind, resize=Resize(width=600 - 20 * number), color=color)
        for number, kind in enumerate(kinds)
        for color in COLORS
    ]
    images = dict(zip([each.name for each in renditions], made(data, *renditions), strict=True))
    for name, image in images.items():
        red, green, _ = image.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
        if name.startswith("keep"):
            assert image.info["icc_profile"] == display_p3()
            assert (red, green) == pytest.approx((200, 100), abs=4)
        else:
            assert "icc_profile" not in image.info
            assert (red, green) == pytest.approx((214, 95), abs=4)


def test_gray_has_no_wide_colors(wide_gamut: bytes) -> None:
    """A gray rendition has no profile: gray is the same in Display P3 and sRGB."""
    data = encoded(quarters(), "PNG", icc_profile=wide_gamut)
    for kind in (Jpeg(), Png(), WebP(), Png(colors=4)):
        (image,) = made(data, Rendition("gray", kind, color="keep", grayscale=True))
        assert "icc_profile" not in image.info


def test_transparency_is_kept_where_the_format_has_it() -> None:
    """Transparency is kept, except in JPEG and with a background."""
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
def test_auto_looks_at_the_finished_image(
    wanted: dict[str, Any], extension: str, sample: Sample
) -> None:
    """The automatic format suits the finished rendition, not the original."""
    rendition = Rendition("a", Auto(), **{"resize": Resize(width=300), **wanted})
    (each,) = rendered(sample("coffee.png"), rendition).renditions
    assert each.extension == extension
    assert decoded(each.data).format == {"jpg": "JPEG", "webp": "WEBP", "png": "PNG"}[extension]


def test_renditions_do_not_share_their_watermark(sample: Sample) -> None:
    """A large rendition's watermark is not in smaller ones."""
    unmarked = Recipe(DEFAULT.renditions[:2])
    with_mark = render_file(sample("flower.jpg"), DEFAULT).renditions[:2]
    without = render_file(sample("flower.jpg"), unmarked).renditions
    for one, other in zip(with_mark, without, strict=True):
        assert difference(decoded(one.data), decoded(other.data)) < 2.5


def test_an_image_watermark() -> None:
    """The image is read by its name, and is upright on a rotated rendition."""
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


def test_watermark_images_are_read_for_those_that_have_them() -> None:
    """Only image watermarks are read, each name once."""
    asked: list[str] = []

    def read(name: str) -> bytes:
        asked.append(name)
        return encoded(quarters(8, 4), "PNG")

    rendered(
        encoded(quarters(), "PNG"),
        Rendition("marked", Png(), watermark=Watermark(image="logo.png"), densities=(1, 2)),
        Rendition("written", Png(), watermark=Watermark(text="x")),
        Rendition("plain", Png()),
        watermark_images=WatermarkImages(read),
    )
    assert asked == ["logo.png"]


def test_operations_have_one_order() -> None:
    """A rendition is rotated, mirrored, then colored; watermark and padding come last."""
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
    """The original is analyzed unless the recipe turns it off."""
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
    """``only`` gives the same bytes; the analysis comes with the first rendition."""
    wanted = load_recipes()[recipe]
    together = render_file(sample("raccoon.jpg"), wanted)
    source = open_source(sample("raccoon.jpg"))
    alone = [render(source, wanted, only=each.name) for each in wanted.renditions]
    pairs = [(each.name, each.data) for one in alone for each in one.renditions]
    assert pairs == [(each.name, each.data) for each in together.renditions]
    assert [each.analysis for each in alone] == [together.analysis, *[None] * (len(alone) - 1)]
