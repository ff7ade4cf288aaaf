"""What a recipe means for one original."""

from typing import Any

import pytest
from PIL import Image

from processor.images.canvas import Canvas, Job
from processor.images.decode.source import Header, open_source
from processor.images.errors import ImageError
from processor.images.limits import Limits
from processor.images.plan.planning import (
    expanded,
    keeps_animation,
    largest_scale,
    plan_jobs,
)
from processor.images.recipe import (
    Auto,
    Avif,
    Corners,
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
    Trim,
    Watermark,
    WebP,
)
from processor.images.watermark_images import WatermarkImages, none
from tests.unit.processor.images.pictures import encoded, quarters


def header(width: int = 400, height: int = 200, frames: int = 1) -> Header:
    """What a file says of a picture of this size."""
    return Header("png", width, height, 1, has_alpha=False, frames=frames, exif=Image.Exif())


def rendition(name: str = "a", output: Output | None = None, **wanted: Any) -> Rendition:
    """A rendition."""
    return Rendition(name, output or Png(), **wanted)


def scale(*renditions: Rendition, original: Header | None = None, **limits: int) -> float:
    """How large the original is needed."""
    return largest_scale(original or header(), Recipe(list(renditions)), Limits(**limits))


def jobs(
    image: Image.Image, *renditions: Rendition, watermark_images: WatermarkImages | None = None
) -> list[Job]:
    """The jobs that renditions of a picture become."""
    source = open_source(encoded(image, "PNG"))
    recipe = Recipe(list(renditions))
    return plan_jobs(
        Canvas((image,)), source.header, recipe, Limits(), watermark_images or WatermarkImages(none)
    )


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (rendition(), 1.0),
        (rendition(resize=Resize(width=100)), 0.25),
        (rendition(resize=Resize(width=100), densities=(1, 2)), 0.5),
        (rendition(resize=Resize(width=100), densities=(1.5,)), 0.375),
        (rendition(resize=Resize(width=100), densities=(1, 4)), 1.0),
        (rendition(resize=Resize(width=1000, enlarge=True)), 1.0),
        (rendition(resize=Resize(width=100, height=100, fit="cover")), 0.5),
        (rendition(resize=Resize(width=100, height=200, fit="fill")), 1.0),
        (rendition(resize=Resize(width=100, height=100, fit="contain")), 0.25),
        (rendition(resize=Resize(width=100), crop=Crop(0, 0, 0.5, 1, "fraction")), 0.5),
        (rendition(resize=Resize(width=50), rotate=Rotate(90)), 0.25),
        # What trimming leaves may be small, and then has to be seen in full.
        (rendition(resize=Resize(width=100), trim=Trim()), 1.0),
    ],
)
def test_how_large_the_original_is_needed(wanted: Rendition, expected: float) -> None:
    """A picture need not be decoded larger than the largest rendition shows it."""
    assert scale(wanted) == pytest.approx(expected)


def test_the_largest_rendition_counts() -> None:
    """All renditions are made from one decoded picture."""
    widths = [40, 200, 100]
    assert scale(*(rendition(f"r{w}", resize=Resize(width=w)) for w in widths)) == 0.5


@pytest.mark.parametrize(
    ("wanted", "pixels"),
    [
        (rendition(resize=Resize(width=1000, enlarge=True)), 1000 * 500),
        (rendition(resize=Resize(width=100, height=1000, fit="contain")), 100 * 1000),
        (rendition(pad=Pad(top=10, right=20, bottom=30, left=40)), 460 * 240),
        (rendition(resize=Resize(width=100), densities=(1, 3)), 300 * 150),
        (rendition(resize=Resize(width=100), densities=(2,), pad=Pad(left=50)), 300 * 100),
    ],
)
def test_refuses_renditions_that_are_too_large(wanted: Rendition, pixels: int) -> None:
    """All that a rendition holds counts, at every density, before anything is decoded."""
    scale(wanted, max_output_pixels=pixels)
    with pytest.raises(ImageError) as refusal:
        scale(wanted, max_output_pixels=pixels - 1)
    assert refusal.value.code == "too-large-rendition"


def test_an_odd_angle_counts() -> None:
    """The box around a turned picture is what is made."""
    turned = rendition(rotate=Rotate(45))
    with pytest.raises(ImageError) as refusal:
        scale(turned, max_output_pixels=400 * 400)
    assert refusal.value.code == "too-large-rendition"
    scale(turned, max_output_pixels=425 * 425)


@pytest.mark.parametrize(
    ("output", "frames"), [(Png(), 10), (Png(animation="first-frame"), 1), (Jpeg(), 1)]
)
def test_frames_count(output: Output, frames: int) -> None:
    """Every frame of an animation that is kept is made."""
    moving = header(frames=10)
    scale(rendition(output=output), original=moving, max_output_pixels=400 * 200 * frames)
    with pytest.raises(ImageError):
        scale(rendition(output=output), original=moving, max_output_pixels=400 * 200 * frames - 1)


def test_errors_name_the_rendition() -> None:
    """Of many renditions the one that cannot be made is named, with its density."""
    large = rendition("big", resize=Resize(width=300), densities=(1, 1.5))
    with pytest.raises(ImageError, match=r"'big@1\.5x' would be 400 x 200") as refusal:
        # 1.5 times 300 pixels are more than there are.
        scale(rendition("a", resize=Resize(width=9)), large, max_output_pixels=400 * 200 - 1)
    assert refusal.value.code == "too-large-rendition"
    with pytest.raises(ImageError, match=r"^crop-outside: far: The box") as refusal:
        scale(rendition("a"), rendition("far", crop=Crop(400, 0, 1, 1)))
    assert refusal.value.code == "crop-outside"


@pytest.mark.parametrize("output", [Png(), WebP(), Avif(), Gif()])
def test_animations_are_kept_unless_told_otherwise(output: Png | WebP | Avif | Gif) -> None:
    """Formats that know animations keep them."""
    assert keeps_animation(output)
    assert not keeps_animation(type(output)(animation="first-frame"))


def test_animations_and_the_other_formats() -> None:
    """JPEG shows the first frame; the automatic format keeps what moves."""
    assert not keeps_animation(Jpeg())
    assert keeps_animation(Auto())


def test_every_density_is_a_rendition() -> None:
    """Renditions come in the recipe's order, each with its densities in theirs."""
    recipe = Recipe([rendition("a", densities=(2, 1)), rendition("b"), rendition("c")])
    assert [(each.name, density) for each, density in expanded(recipe)] == [
        ("a", 2), ("a", 1), ("b", 1), ("c", 1),
    ]  # fmt: skip
    found = jobs(quarters(), *recipe.renditions)
    assert [job.name for job in found] == ["a@2x", "a", "b", "c"]
    assert [job.density for job in found] == [2, 1, 1, 1]


def test_a_job_knows_its_pixels() -> None:
    """Pixels of the layout become those of the rendition."""
    (one, two) = jobs(quarters(), rendition(densities=(1, 2.5), corners=Corners(4)))
    assert (one.pixels(4), two.pixels(4)) == (4, 10)
    assert two.name == "a@2.5x"


def test_trimming_looks_at_the_original() -> None:
    """What is left of the picture is found before anything is planned."""
    image = Image.new("RGB", (200, 100), "white")
    image.paste(quarters(100, 50), (50, 25))
    whole, trimmed, cropped = jobs(
        image,
        rendition("whole"),
        rendition("trimmed", trim=Trim()),
        rendition("cropped", trim=Trim(), crop=Crop(50, 0, 50, 50)),
    )
    assert whole.geometry.size == (200, 100)
    assert trimmed.geometry.size == (100, 50)
    assert trimmed.geometry.region == (0.25, 0.25, 0.75, 0.75)
    assert cropped.geometry.region == (0.5, 0.25, 0.75, 0.75)


def test_smart_crops_look_at_the_original() -> None:
    """The part that stands out is kept, and the recipe's focal point is not overruled."""
    image = Image.new("RGB", (300, 100), "#777777")
    image.paste("red", (220, 30, 260, 70))
    square: dict[str, Any] = {"width": 50, "height": 50, "fit": "cover"}
    looked, centerd = jobs(
        image,
        rendition("looked", resize=Resize(**square, gravity="attention")),
        rendition("centerd", resize=Resize(**square)),
    )
    assert looked.geometry.region[0] * 300 > 160
    assert centerd.geometry.region[0] * 300 == pytest.approx(100)


def test_marks_are_fetched_for_those_that_have_them() -> None:
    """Each rendition with an image watermark gets its picture; text needs none."""
    asked: list[str] = []

    def read(name: str) -> bytes:
        asked.append(name)
        return encoded(quarters(8, 4), "PNG")

    marked, written, plain = jobs(
        quarters(),
        rendition("marked", watermark=Watermark(image="logo.png")),
        rendition("written", watermark=Watermark(text="x")),
        rendition("plain"),
        watermark_images=WatermarkImages(read),
    )
    assert asked == ["logo.png"]
    assert marked.mark is not None
    assert (marked.mark.size, marked.mark.mode) == ((8, 4), "RGBA")
    assert written.mark is plain.mark is None


def test_a_missing_mark_fails() -> None:
    """A recipe whose mark is not there makes nothing."""
    with pytest.raises(ImageError) as refusal:
        jobs(quarters(), rendition(watermark=Watermark(image="logo.png")))
    assert refusal.value.code == "missing-watermark"
