"""Sizes, crops and rotations, from the file to the rendition."""

from typing import Any, get_args

import pytest
from PIL import Image

from processor.images.errors import ImageError
from processor.images.recipe import (
    Corners,
    Crop,
    Pad,
    Png,
    Point,
    Position,
    Recipe,
    Rendition,
    Resize,
    Rotate,
    Trim,
)
from processor.images.render import Rendered
from tests.unit.processor.images.sample_images import (
    assert_similar,
    decoded,
    encoded,
    photographed,
    quarters,
    render_file,
)

POSITIONS: tuple[Position, ...] = get_args(Position)
QUARTERS = encoded(quarters(), "PNG")

every_orientation = pytest.mark.parametrize("orientation", range(1, 9))


def rendered(data: bytes, *renditions: Rendition) -> Rendered:
    """Render a file."""
    return render_file(data, Recipe(list(renditions), analysis=False))


def made(data: bytes = QUARTERS, density: float = 1, **wanted: Any) -> Image.Image:
    """Return the one rendition of a file, as RGB or RGBA."""
    rendition = Rendition("a", Png(), densities=(density,), **wanted)
    image = decoded(rendered(data, rendition).renditions[0].data)
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def on_canvas(size: tuple[int, int], image: Image.Image, background: str) -> Image.Image:
    """Return an image in the center of a box."""
    canvas = Image.new("RGB", size, background)
    canvas.paste(image, ((size[0] - image.width) // 2, (size[1] - image.height) // 2))
    return canvas


@pytest.mark.parametrize(
    ("fit", "enlarge", "box", "expected"),
    [
        ("inside", False, (60, 60), quarters(60, 40)),
        ("inside", False, (240, 240), quarters()),
        ("inside", True, (240, 240), quarters(240, 160)),
        ("outside", False, (40, 40), quarters(60, 40)),
        ("outside", True, (240, 240), quarters(360, 240)),
        ("cover", False, (40, 40), quarters(40, 40)),
        ("cover", False, (160, 160), quarters(80, 80)),
        ("cover", True, (160, 160), quarters(160, 160)),
        ("fill", False, (60, 70), quarters(60, 70)),
        ("fill", False, (60, 200), quarters(60, 80)),
        ("fill", True, (60, 200), quarters(60, 200)),
        ("contain", False, (60, 60), on_canvas((60, 60), quarters(60, 40), "#123456")),
        ("contain", False, (200, 200), on_canvas((200, 200), quarters(), "#123456")),
        ("contain", True, (60, 160), on_canvas((60, 160), quarters(60, 40), "#123456")),
    ],
)
def test_fit(
    fit: Any,
    enlarge: bool,  # noqa: FBT001
    box: tuple[int, int],
    expected: Image.Image,
) -> None:
    """Each fit shows the right part at the right size."""
    width, height = box
    background: dict[str, Any] = {"background": "#123456"} if fit == "contain" else {}
    resize = Resize(width=width, height=height, fit=fit, enlarge=enlarge, **background)
    assert_similar(made(resize=resize), expected, 8)


def test_contain_is_transparent_unless_told_otherwise() -> None:
    """The rest of the box is transparent by default."""
    image = made(resize=Resize(width=60, height=60, fit="contain"))
    assert image.mode == "RGBA"
    assert image.getchannel("A").getbbox() == (0, 10, 60, 50)


@every_orientation
@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_gravity_pulls_in_the_image_that_is_seen(orientation: int, angle: float) -> None:
    """Gravity is that of the upright, rotated image."""
    seen = quarters().rotate(-angle, expand=True)
    wanted = [
        Rendition(
            f"r{number}-{width}",
            Png(),
            rotate=Rotate(angle),
            resize=Resize(width=width, height=height, fit="cover", gravity=position),
        )
        for number, position in enumerate(POSITIONS)
        for width, height in ((20, 40), (40, 10))
    ]
    upright = [Rendition(each.name, Png(), resize=each.resize) for each in wanted]
    actual = rendered(photographed(quarters(), orientation), *wanted).renditions
    expected = rendered(encoded(seen, "PNG"), *upright).renditions
    for one, other in zip(actual, expected, strict=True):
        assert_similar(decoded(one.data).convert("RGB"), decoded(other.data).convert("RGB"), 3)


@pytest.mark.parametrize(
    ("position", "colors"),
    [
        ("left", ["red", "blue"]), ("right", ["lime", "yellow"]),
        ("top", ["red", "lime"]), ("bottom", ["blue", "yellow"]),
    ],
)  # fmt: skip
def test_gravity(position: Position, colors: list[str]) -> None:
    """The part on the side of the gravity is kept."""
    sideways = position in ("left", "right")
    box: dict[str, Any] = {"width": 20, "height": 40} if sideways else {"width": 60, "height": 10}
    image = made(resize=Resize(**box, fit="cover", gravity=position))
    ends = [(3, 3), (image.width - 4, image.height - 4)]
    expected = [Image.new("RGB", (1, 1), color).getpixel((0, 0)) for color in colors]
    assert [image.getpixel(at) for at in ends] == expected


@every_orientation
def test_the_focal_point_is_one_of_the_image_that_is_seen(orientation: int) -> None:
    """The focal point is that of the upright image, and in the center of the crop."""
    image = Image.new("RGB", (240, 80), "gray")
    image.paste("red", (175, 35, 185, 45))
    resize = Resize(width=80, height=80, fit="cover", focal_point=Point(0.75, 0.5))
    shown = made(photographed(image, orientation), resize=resize)
    assert_similar(shown, image.crop((140, 0, 220, 80)), 1)


@every_orientation
@pytest.mark.parametrize(
    ("crop", "box"),
    [
        (Crop(30, 20, 60, 40), (30, 20, 90, 60)),
        (Crop(0.75, 0.5, 0.25, 0.5, "fraction"), (90, 40, 120, 80)),
        (Crop(100, 70, 999, 999), (100, 70, 120, 80)),
        (Crop(0, 0, 1, 1, "pixels"), (0, 0, 1, 1)),
    ],
)
def test_crop(orientation: int, crop: Crop, box: tuple[int, int, int, int]) -> None:
    """The box is that of the upright image, to the pixel."""
    assert_similar(made(photographed(quarters(), orientation), crop=crop), quarters().crop(box), 0)


@every_orientation
def test_crop_then_turn_then_resize(orientation: int) -> None:
    """The crop applies to the upright image, then the rotation, then the resize."""
    shown = made(
        photographed(quarters(), orientation),
        crop=Crop(30, 0, 90, 60),
        rotate=Rotate(90),
        resize=Resize(width=30),
        flop=True,
    )
    turns = Image.Transpose.ROTATE_270, Image.Transpose.FLIP_LEFT_RIGHT
    expected = quarters().crop((30, 0, 120, 60))
    for turn in turns:
        expected = expected.transpose(turn)
    assert_similar(shown, expected.resize((30, 45), Image.Resampling.LANCZOS), 4)


@pytest.mark.parametrize(
    "crop", [Crop(120, 0, 5, 5), Crop(0, 80, 5, 5), Crop(1, 0, 0.5, 0.5, "fraction")]
)
def test_a_crop_outside(crop: Crop) -> None:
    """A box outside the image is refused, and the rendition named."""
    with pytest.raises(ImageError, match="crop box of 'portrait' starts") as refusal:
        rendered(QUARTERS, Rendition("fine", Png()), Rendition("portrait", Png(), crop=crop))
    assert refusal.value.code == "crop-outside"


def test_a_crop_outside_what_trimming_left() -> None:
    """A box within the original is refused if it is outside the trimmed region."""
    framed = on_canvas((300, 300), quarters(), "white")
    data, crop = encoded(framed, "PNG"), Crop(130, 0, 20, 20)
    assert made(data, crop=crop).size == (20, 20)
    with pytest.raises(ImageError) as refusal:
        made(data, crop=crop, trim=Trim())
    assert refusal.value.code == "crop-outside"


@every_orientation
def test_trim(orientation: int) -> None:
    """The border is trimmed, however the image is stored."""
    framed = on_canvas((300, 200), quarters(), "white")
    shown = made(photographed(framed, orientation), trim=Trim())
    assert_similar(shown, quarters(), 0)


def test_densities() -> None:
    """Each density is a rendition with its own name, at its scale."""
    rendition = Rendition(
        "a",
        Png(),
        densities=(1, 2, 1.5),
        resize=Resize(width=40),
        pad=Pad(top=2, left=4, color="#000000"),
    )
    done = rendered(encoded(quarters(1200, 800), "PNG"), rendition).renditions
    assert [(each.name, each.width, each.height) for each in done] == [
        ("a", 44, 29), ("a@2x", 88, 57), ("a@1.5x", 66, 43),
    ]  # fmt: skip
    one, two, _ = (decoded(each.data).convert("RGB") for each in done)
    assert one.crop((0, 0, 44, 2)).getcolors() == [(88, (0, 0, 0))]
    assert two.crop((0, 0, 88, 4)).getcolors() == [(4 * 88, (0, 0, 0))]
    assert_similar(two.crop((8, 4, 88, 57)), quarters(1200, 800).resize((80, 53)), 6)


@pytest.mark.parametrize(
    ("wanted", "most"),
    [
        ({"corners": Corners(10)}, 4),
        ({"blur": 4}, 3),
        ({"pixelate": 8}, 3),
        ({"circle": True}, 4),
        ({"blur": 2, "corners": Corners(20), "pad": Pad(left=6)}, 4),
    ],
    ids=str,
)
def test_densities_look_alike(wanted: dict[str, Any], most: float) -> None:
    """Scaled down, a higher density looks like density 1."""
    data = encoded(quarters(1200, 800), "PNG")
    one, two = (made(data, density, resize=Resize(width=120), **wanted) for density in (1, 2))
    assert two.size == (2 * one.width, 2 * one.height)
    small = two.convert("RGBa").resize(one.size, Image.Resampling.BOX).convert("RGBA")
    assert_similar(one.convert("RGBA"), small, most)


@pytest.mark.parametrize(
    ("resize", "size"),
    [
        (Resize(width=100), (120, 80)),
        (Resize(width=100, height=100, fit="cover"), (80, 80)),
        (Resize(width=100, enlarge=True), (200, 133)),
    ],
)
def test_densities_do_not_enlarge(resize: Resize, size: tuple[int, int]) -> None:
    """A small original is not enlarged by default."""
    assert made(density=2, resize=resize).size == size


@every_orientation
@pytest.mark.parametrize(
    ("angle", "turn"),
    [
        (90, Image.Transpose.ROTATE_270),
        (180, Image.Transpose.ROTATE_180),
        (270, Image.Transpose.ROTATE_90),
        (-90, Image.Transpose.ROTATE_90),
    ],
)
def test_right_angles(orientation: int, angle: float, turn: Image.Transpose) -> None:
    """Rotation is clockwise from upright, whatever the stored orientation."""
    shown = made(photographed(quarters(), orientation), rotate=Rotate(angle))
    assert_similar(shown, quarters().transpose(turn), 0)


@every_orientation
@pytest.mark.parametrize("angle", [15, 45, 120, -60])
@pytest.mark.parametrize("width", [60, None])
def test_odd_angles(orientation: int, angle: float, width: int | None) -> None:
    """At any angle an image looks as if Pillow rotated it, with the size of its box."""
    resize = Resize(width=width) if width else None
    rotate = Rotate(angle, "#ffffff")
    shown = made(photographed(quarters(240, 160), orientation), rotate=rotate, resize=resize)
    expected = quarters(240, 160).rotate(
        -angle, Image.Resampling.BICUBIC, expand=True, fillcolor="white"
    )
    if width:
        height = width * expected.height / expected.width
        assert shown.size == pytest.approx((width, height), abs=1)
    else:
        assert shown.size == pytest.approx(expected.size, abs=1)
    assert_similar(shown, expected.resize(shown.size, Image.Resampling.LANCZOS), 14)


def test_odd_angles_have_transparent_corners() -> None:
    """Without a background, the new corners are transparent."""
    shown = made(rotate=Rotate(30))
    assert shown.mode == "RGBA"
    assert [shown.getpixel(at)[3] for at in ((0, 0), (shown.width - 1, 0))] == [0, 0]  # type: ignore[index]
    assert shown.getpixel((shown.width // 2, shown.height // 2))[3] == 255  # type: ignore[index]


def test_cropping_what_was_turned() -> None:
    """A crop that fits within a rotated image has none of its corners."""
    resize = Resize(width=20, height=20, fit="cover")
    shown = made(encoded(quarters(400, 400), "PNG"), rotate=Rotate(45), resize=resize)
    assert shown.size == (20, 20)
    middle = shown.crop((6, 6, 14, 14)).convert("RGB")
    # Clockwise by 45 degrees: red, which was at the top left, is at the top.
    assert middle.getpixel((4, 0)) == pytest.approx((255, 0, 0), abs=30)
    assert middle.getpixel((7, 4)) == pytest.approx((0, 255, 0), abs=30)
