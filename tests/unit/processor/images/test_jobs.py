"""Jobs of a recipe for one original."""

from typing import Any

import pytest
from PIL import Image

from processor.images.canvas import Canvas, Job
from processor.images.decode.source import Header
from processor.images.errors import ImageError
from processor.images.jobs import largest_scale, plan_jobs, replan
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
    Trim,
    WebP,
)
from processor.images.steps import SELECT, TRIM
from tests.unit.processor.images.sample_images import quarters


def header(width: int = 400, height: int = 200, frames: int = 1) -> Header:
    """Return the header of an image of this size."""
    return Header("png", width, height, 1, has_alpha=False, frames=frames, exif=Image.Exif())


def rendition(name: str = "a", output: Output | None = None, **wanted: Any) -> Rendition:
    """Return a rendition."""
    return Rendition(name, output or Png(), **wanted)


def scale(*renditions: Rendition, original: Header | None = None, **limits: int) -> float:
    """Return the scale at which the original is needed."""
    recipe = Recipe(list(renditions))
    return largest_scale(plan_jobs(original or header(), recipe, Limits(**limits)))


def replanned(image: Image.Image, *renditions: Rendition) -> list[Job]:
    """Return the jobs, planned again by the pixels."""
    size, canvas = header(*image.size), Canvas((image,))
    jobs = []
    for each in plan_jobs(size, Recipe(list(renditions)), Limits()):
        selected = canvas
        for step in (*TRIM, *SELECT):
            selected = step(selected, each)
        jobs.append(replan(each, selected, size, Limits()))
    return jobs


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
    """The scale is that of the rendition, at most 1."""
    assert scale(wanted) == pytest.approx(expected)


def test_the_largest_rendition_counts() -> None:
    """All renditions are rendered from one decoded image, at the largest scale."""
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
    """Padding, boxes and densities count, before anything is decoded."""
    scale(wanted, max_output_pixels=pixels)
    with pytest.raises(ImageError) as refusal:
        scale(wanted, max_output_pixels=pixels - 1)
    assert refusal.value.code == "too-large-rendition"


def test_an_odd_angle_counts() -> None:
    """The box around a rotated image counts."""
    turned = rendition(rotate=Rotate(45))
    with pytest.raises(ImageError) as refusal:
        scale(turned, max_output_pixels=400 * 400)
    assert refusal.value.code == "too-large-rendition"
    scale(turned, max_output_pixels=425 * 425)


@pytest.mark.parametrize(
    ("output", "frames"), [(Png(), 10), (Png(animation="first-frame"), 1), (Jpeg(), 1)]
)
def test_frames_count(output: Output, frames: int) -> None:
    """Every frame of an animated rendition counts."""
    moving = header(frames=10)
    scale(rendition(output=output), original=moving, max_output_pixels=400 * 200 * frames)
    with pytest.raises(ImageError):
        scale(rendition(output=output), original=moving, max_output_pixels=400 * 200 * frames - 1)


def test_errors_name_the_rendition() -> None:
    """The error names the rendition, with its density."""
    large = rendition("big", resize=Resize(width=300), densities=(1, 1.5))
    with pytest.raises(ImageError, match=r"'big@1\.5x' would be 400 x 200") as refusal:
        # 1.5 times 300 pixels are more than there are.
        scale(rendition("a", resize=Resize(width=9)), large, max_output_pixels=400 * 200 - 1)
    assert refusal.value.code == "too-large-rendition"
    with pytest.raises(ImageError, match=r"^crop-outside: The crop box of 'far'") as refusal:
        scale(rendition("a"), rendition("far", crop=Crop(400, 0, 1, 1)))
    assert refusal.value.code == "crop-outside"


@pytest.mark.parametrize("output", [Png(), WebP(), Avif(), Gif()])
def test_animations_are_kept_unless_told_otherwise(output: Png | WebP | Avif | Gif) -> None:
    """Formats with animation keep it by default."""
    assert output.keeps_animation
    assert not type(output)(animation="first-frame").keeps_animation


def test_animations_and_the_other_formats() -> None:
    """JPEG has no animation; the automatic format keeps it."""
    assert not Jpeg().keeps_animation
    assert Auto().keeps_animation


def test_every_density_is_a_rendition() -> None:
    """Jobs have the recipe's order, each with its densities in theirs."""
    recipe = Recipe([rendition("a", densities=(2, 1)), rendition("b"), rendition("c")])
    jobs = plan_jobs(header(), recipe, Limits())
    assert [(job.name, job.density) for job in jobs] == [("a@2x", 2), ("a", 1), ("b", 1), ("c", 1)]


def test_a_job_knows_its_pixels() -> None:
    """Pixels of the layout are multiplied by the density."""
    recipe = Recipe([rendition(densities=(1, 2.5))])
    one, two = plan_jobs(header(), recipe, Limits())
    assert (one.pixels(4), two.pixels(4)) == (4, 10)
    assert two.name == "a@2.5x"


def test_trimming_looks_at_the_original() -> None:
    """The geometry follows from the trimmed region, and the crop from that."""
    image = Image.new("RGB", (200, 100), "white")
    image.paste(quarters(100, 50), (50, 25))
    whole, trimmed, cropped = replanned(
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
    """Attention keeps the part that stands out; other gravities ignore the pixels."""
    image = Image.new("RGB", (300, 100), "#777777")
    image.paste("red", (220, 30, 260, 70))
    square: dict[str, Any] = {"width": 50, "height": 50, "fit": "cover"}
    looked, centerd = replanned(
        image,
        rendition("looked", resize=Resize(**square, gravity="attention")),
        rendition("centerd", resize=Resize(**square)),
    )
    assert looked.geometry.region[0] * 300 > 160
    assert centerd.geometry.region[0] * 300 == pytest.approx(100)
