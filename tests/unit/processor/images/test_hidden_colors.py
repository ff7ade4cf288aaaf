"""Colors under fully transparent pixels: nobody sees them, and they decide nothing."""

import random
from typing import Any

import msgspec
import pytest
from PIL import Image, ImageChops, ImageDraw

from processor.images.recipe import (
    Auto,
    Avif,
    Gif,
    Gravity,
    Output,
    Png,
    Recipe,
    Rendition,
    Resize,
    WebP,
)
from processor.images.render import Rendered
from tests.unit.processor.images.sample_images import decoded, encoded, render_file

SIZES = [(90, 60), (600, 400), (40, 200)]
COLORS = ["black", "white", "#205080", "#808080"]
SMART: list[Gravity] = ["attention", "entropy"]


def logo(size: tuple[int, int], color: str) -> Image.Image:
    """Return a disc of one color near the bottom right, on nothing."""
    image = Image.new("RGBA", size)
    edge = min(size) // 2
    corner = size[0] - edge - 5, size[1] - edge - 5
    ImageDraw.Draw(image).ellipse((*corner, corner[0] + edge, corner[1] + edge), fill=color)
    return image


def with_noise(image: Image.Image) -> Image.Image:
    """Return the image with noise under its transparent pixels."""
    noise = Image.frombytes(
        "RGB", image.size, random.Random(5).randbytes(3 * image.width * image.height)
    ).convert("RGBA")
    noise.putalpha(0)
    noise.paste(image, mask=image.getchannel("A").point([0] + [255] * 255))
    return noise


def rendered(image: Image.Image, *outputs: Output, **wanted: Any) -> Rendered:
    """Render an image in several formats."""
    renditions = [Rendition(f"r{n}", output, **wanted) for n, output in enumerate(outputs)]
    return render_file(encoded(image, "PNG"), Recipe(renditions))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("gravity", SMART)
def test_smart_crops_keep_what_is_visible(
    size: tuple[int, int], color: str, gravity: Gravity
) -> None:
    """A subject of any color on nothing is kept whole, with and without noise under nothing."""
    square = Resize(width=40, height=40, fit="cover", gravity=gravity)
    clean, noisy = (
        rendered(image, Png(), resize=square).renditions[0].data
        for image in (logo(size, color), with_noise(logo(size, color)))
    )
    assert clean == noisy
    disc = decoded(clean).convert("RGBA").getchannel("A")
    visible = sum(disc.tobytes()) / 255 / 1600
    edge = min(size) // 2
    assert visible == pytest.approx(3.14159 / 4 * (edge / min(size)) ** 2, abs=0.03)


@pytest.mark.parametrize("output", [Auto(), Png(), Png(colors=16), WebP(), WebP(lossless=True),
                                    Avif(), Gif()])  # fmt: skip
def test_renditions_do_not_depend_on_hidden_colors(output: Output) -> None:
    """Format and bytes of a rendition are the same, whatever is hidden."""
    image = logo((120, 80), "#205080")
    (clean,), (noisy,) = (rendered(each, output).renditions for each in (image, with_noise(image)))
    assert clean.extension == noisy.extension
    assert clean.data == noisy.data


@pytest.mark.parametrize("output", [Png(), WebP(lossless=True), WebP(), Avif(quality=90)])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_renditions_carry_no_hidden_colors(output: Output, mode: str) -> None:
    """Transparent pixels are black in every format with alpha, from every mode."""
    image = logo((120, 80), "#205080")
    image = with_noise(image)
    if mode == "LA":
        image = image.convert("LA")
    elif mode == "P":
        flat = Image.new("P", (120, 80), 1)
        flat.putpalette([0, 0, 0, 255, 0, 255, 0, 0, 255])
        flat.paste(2, (60, 40, 110, 75))
        image = flat
    options = {"transparency": 1} if mode == "P" else {}
    recipe = Recipe([Rendition("a", output)], analysis=False)
    (each,) = render_file(encoded(image, "PNG", **options), recipe).renditions
    out = decoded(each.data).convert("RGBA")
    # Lossy formats blur the edge of what is visible by a few pixels.
    far = out.crop((0, 0, 50, 30))
    assert far.getchannel("A").getextrema() == (0, 0)
    assert max(top for _, top in far.convert("RGB").getextrema()) <= 2  # type: ignore[misc]


def test_animations_carry_no_hidden_colors() -> None:
    """Hidden colors are cleared in every frame."""
    noisy = with_noise(logo((60, 40), "red"))
    other = with_noise(logo((60, 40), "blue"))
    data = encoded(noisy, "PNG", save_all=True, append_images=[other], duration=100, blend=0)
    recipe = Recipe([Rendition("a", WebP(lossless=True))], analysis=False)
    image = decoded(render_file(data, recipe).renditions[0].data)
    for number in range(2):
        image.seek(number)
        assert image.convert("RGBA").getpixel((2, 2)) == (0, 0, 0, 0)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("color", COLORS)
def test_analysis_does_not_depend_on_hidden_colors(size: tuple[int, int], color: str) -> None:
    """Palette, placeholder and hashes are those of the visible pixels."""
    clean, noisy = (
        rendered(image, Png()).analysis
        for image in (logo(size, color), with_noise(logo(size, color)))
    )
    assert clean
    assert noisy
    assert msgspec.structs.replace(noisy, sha256=clean.sha256) == clean


def test_light_subjects_have_hashes() -> None:
    """A white subject on nothing has a hash and sharpness: it doesn't vanish on white."""
    at_right = logo((300, 200), "white")
    at_left = at_right.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    one, two = (rendered(image, Png()).analysis for image in (at_right, at_left))
    assert one
    assert two
    assert one.phash != two.phash
    assert one.sharpness > 100


def test_visible_pixels_are_unchanged() -> None:
    """Half-transparent pixels keep their colors."""
    image = Image.new("RGBA", (4, 4), (200, 100, 50, 1))
    image.putpixel((0, 0), (9, 8, 7, 0))
    out = decoded(rendered(image, Png()).renditions[0].data).convert("RGBA")
    expected = image.copy()
    expected.putpixel((0, 0), (0, 0, 0, 0))
    assert not ImageChops.difference(out, expected).getbbox(alpha_only=False)
