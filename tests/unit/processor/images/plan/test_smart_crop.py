"""Smart crops by attention and entropy."""

import random
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw

from processor.images.plan.smart_crop import Method, salient_point
from processor.images.recipe import Png, Recipe, Rendition, Resize, Rotate, Trim
from tests.unit.processor.images.sample_images import (
    assert_similar,
    decoded,
    encoded,
    photographed,
    render_file,
)

METHODS: list[Method] = ["attention", "entropy"]
WIDE, TALL = (600, 200), (200, 600)
Size = tuple[int, int]

every_method = pytest.mark.parametrize("method", METHODS)


def dull(size: Size) -> Image.Image:
    """Return a background that is nearly uniform."""
    return (
        Image.linear_gradient("L").resize(size).point(lambda tone: 110 + tone / 16).convert("RGB")
    )


def with_berry(size: Size, at: Size) -> Image.Image:
    """Return a red disc on a dull background."""
    image = dull(size)
    ImageDraw.Draw(image).circle(at, 40, fill="#c8102e")
    return image


def with_leaves(size: Size, at: float) -> Image.Image:
    """Return an image of which a third, ``at`` a fraction of its length, has fine detail."""
    image = dull(size)
    chance = random.Random(7)
    long = 0 if size[0] > size[1] else 1
    third, start = size[long] // 3, round(at * size[long])
    for _ in range(3000):
        place = [chance.randrange(size[0]), chance.randrange(size[1])]
        place[long] = start + chance.randrange(third)
        tone = chance.randrange(60, 200)
        x, y = place
        ImageDraw.Draw(image).rectangle((x, y, x + 3, y + 3), fill=(tone, tone, tone))
    return image


def cropped(data: bytes, method: Method, box: Size = (50, 50), **wanted: object) -> Image.Image:
    """Return the smart crop of a file."""
    resize = Resize(width=box[0], height=box[1], fit="cover", gravity=method)
    rendition = Rendition("a", Png(), resize=resize, **wanted)  # type: ignore[arg-type]
    (made,) = render_file(data, Recipe([rendition], analysis=False)).renditions
    return decoded(made.data).convert("RGB")


def reds(image: Image.Image) -> int:
    """Return the number of the berry's pixels."""
    red, green, _ = image.split()
    bright = red.point([255 * (tone > 150) for tone in range(256)])
    dark = green.point([255 * (tone < 80) for tone in range(256)])
    return sum(a & b for a, b in zip(bright.tobytes(), dark.tobytes(), strict=True)) // 255


@pytest.mark.parametrize(
    ("size", "at"),
    [
        (WIDE, (60, 100)), (WIDE, (190, 100)), (WIDE, (300, 100)), (WIDE, (540, 60)),
        (TALL, (100, 60)), (TALL, (100, 240)), (TALL, (60, 540)),
    ],
)  # fmt: skip
def test_attention_keeps_what_stands_out(size: Size, at: Size) -> None:
    """A bright object on a dull background is in the crop, wherever it is."""
    x, y = salient_point(with_berry(size, at), (100, 100), "attention")
    long = 0 if size == WIDE else 1
    middle = (x * size[0], y * size[1])
    assert middle[1 - long] == size[1 - long] / 2
    # All of the disc, of radius 40, is in the window of 200 pixels.
    assert abs(middle[long] - at[long]) <= 60 + 5


@pytest.mark.parametrize("size", [WIDE, TALL])
@pytest.mark.parametrize("at", [0, 1 / 3, 2 / 3])
def test_entropy_keeps_the_busy_part(size: Size, at: float) -> None:
    """The third with fine detail is kept."""
    point = salient_point(with_leaves(size, at), (100, 100), "entropy")
    assert point[0 if size == WIDE else 1] == pytest.approx(at + 1 / 6, abs=0.04)


@every_method
@pytest.mark.parametrize("size", [WIDE, TALL, (100, 100)])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_an_image_of_nothing_is_cropped_in_the_middle(
    method: Method, size: Size, mode: str
) -> None:
    """If nothing stands out, the center is kept."""
    point = salient_point(Image.new(mode, size, "#777777"), (100, 100), method)
    assert point == pytest.approx((0.5, 0.5), abs=0.02)


@every_method
@pytest.mark.parametrize("box", [(1, 1), (1, 3000), (3000, 1), (16_384, 16_384)])
@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (300, 200)])
def test_any_box_of_any_image(method: Method, box: Size, size: Size) -> None:
    """The window is within the image, whatever its shape."""
    x, y = salient_point(Image.new("RGB", size, "red"), box, method)
    assert 0 <= x <= 1
    assert 0 <= y <= 1


@every_method
def test_the_same_image_gives_the_same_crop(method: Method) -> None:
    """The choice is deterministic."""
    image = with_leaves(WIDE, 0.4)
    assert len({salient_point(image.copy(), (100, 100), method) for _ in range(5)}) == 1


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("angle", [0, 90, 180, 270])
@every_method
def test_the_crop_is_chosen_in_the_image_that_is_seen(
    orientation: int, angle: float, method: Method
) -> None:
    """The same part is kept for every stored orientation and rotation."""
    image = with_berry(WIDE, (80, 60)) if method == "attention" else with_leaves(WIDE, 0.05)
    seen = image.rotate(-angle, expand=True)
    expected = cropped(encoded(seen, "PNG"), method)
    actual = cropped(photographed(image, orientation), method, rotate=Rotate(angle))
    assert_similar(actual, expected, 4)
    if method == "attention":
        assert reds(actual) > 0.9 * 3.14 * 10**2


def test_odd_angles() -> None:
    """The point is found in the rotated image."""
    data = encoded(with_berry(WIDE, (80, 60)), "PNG")
    rotate = Rotate(30, background="#747474")
    assert reds(cropped(data, "attention", (100, 200), rotate=rotate)) > 700


def test_what_was_trimmed_is_not_looked_at() -> None:
    """The point is found in the trimmed region."""
    berry = with_berry(WIDE, (520, 100))
    framed = Image.new("RGB", (1200, 400), "blue")
    framed.paste(berry, (50, 100))
    actual = cropped(encoded(framed, "PNG"), "attention", trim=Trim())
    assert_similar(actual, cropped(encoded(berry, "PNG"), "attention"), 4)


@every_method
@pytest.mark.parametrize("name", ["earth.jpg", "mountains.jpg"])
def test_densities_show_the_same_part(
    name: str, method: Method, sample: Callable[[str], bytes]
) -> None:
    """A higher density shows the same part."""
    resize = Resize(width=90, height=120, fit="cover", gravity=method)
    recipe = Recipe([Rendition("a", Png(), densities=(1, 2), resize=resize)], analysis=False)
    one, two = (decoded(each.data) for each in render_file(sample(name), recipe).renditions)
    assert_similar(one, two.resize(one.size, Image.Resampling.LANCZOS), 3)
