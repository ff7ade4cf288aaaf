"""Animations, from the file to its renditions."""

import io
from typing import Any

import pytest
from PIL import Image, ImageDraw

from processor.images.recipe import (
    Auto,
    Avif,
    Crop,
    Gif,
    Jpeg,
    Output,
    Png,
    Recipe,
    Rendition,
    Resize,
    Rotate,
    Trim,
    WebP,
)
from processor.images.render import Rendered
from tests.unit.processor.images.sample_images import (
    assert_similar,
    decoded,
    encoded,
    quarters,
    render_file,
)

COLORS = ["red", "lime", "blue", "yellow"]
DURATIONS = [100, 200, 300, 400]
SOURCES = ["GIF", "WEBP", "PNG"]
TARGETS: list[Output] = [Gif(), WebP(), Png(), Auto()]
SMALL = Resize(width=60)

every_source = pytest.mark.parametrize("source", SOURCES)
every_target = pytest.mark.parametrize("target", TARGETS)


def moving(size: tuple[int, int] = (120, 80)) -> list[Image.Image]:
    """Return four frames in which a square moves from left to right over gray."""
    frames = []
    for number, color in enumerate(COLORS):
        frame = Image.new("RGB", size, "#808080")
        left = number * size[0] // 4
        ImageDraw.Draw(frame).rectangle((left, 20, left + 19, 39), fill=color)
        frames.append(frame)
    return frames


def animated(frames: list[Image.Image], source: str, loop: int = 0, **options: Any) -> bytes:
    """Return the file of an animation."""
    options = {"lossless": True} | options if source == "WEBP" else options
    first, *others = frames
    if "duration" not in options:
        options["duration"] = DURATIONS[: len(frames)]
    return encoded(first, source, save_all=True, append_images=others, loop=loop, **options)


def made(data: bytes, output: Output, **wanted: Any) -> bytes:
    """Return the one rendition of a file."""
    (each,) = rendered(data, Rendition("a", output, **wanted)).renditions
    return each.data


def rendered(data: bytes, *renditions: Rendition) -> Rendered:
    """Render a file."""
    return render_file(data, Recipe(list(renditions), analysis=False))


def frames_of(data: bytes) -> tuple[list[Image.Image], list[int], int]:
    """Return all frames of a file, their durations, and the loop count."""
    image = Image.open(io.BytesIO(data))
    frames, durations = [], []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        image.load()
        frames.append(image.convert("RGBA"))
        durations.append(round(image.info.get("duration", 0)))
    return frames, durations, image.info.get("loop", 1)


def expected(frames: list[Image.Image], box: tuple[int, int, int, int] | None = None) -> Any:
    """Return the frames as still images would be rendered."""
    return [frame.crop(box).convert("RGBA") for frame in frames]


@every_source
@every_target
def test_animations_stay_animated(source: str, target: Output) -> None:
    """All frames are resized and encoded in every format, with their durations."""
    data = made(animated(moving(), source), target, resize=SMALL)
    frames, durations, loop = frames_of(data)
    assert durations == DURATIONS
    assert loop == 0
    assert len(frames) == 4
    for actual, original in zip(frames, moving(), strict=True):
        small = original.resize((60, 40), Image.Resampling.LANCZOS).convert("RGBA")
        assert_similar(actual, small, 8)


@every_source
def test_animated_avif(source: str) -> None:
    """AVIF keeps the frames and their durations."""
    frames, durations, _ = frames_of(made(animated(moving(), source), Avif(), resize=SMALL))
    assert durations == DURATIONS
    for actual, original in zip(frames, moving(), strict=True):
        assert_similar(actual, original.resize((60, 40)).convert("RGBA"), 16)


def test_colors_of_animated_avif_have_a_limited_range() -> None:
    """Chromium shows those of full range with too much contrast."""
    data = made(animated(moving(), "PNG"), Avif(speed=10))
    assert data.count(b"colrnclx\0\1\0\x0d\0\6\0") == data.count(b"colrnclx") == 2


@every_source
@pytest.mark.parametrize(
    "output",
    [
        Jpeg(), Png(animation="first-frame"), WebP(animation="first-frame"),
        Gif(animation="first-frame"), Avif(animation="first-frame"),
    ],
)  # fmt: skip
def test_the_first_frame(source: str, output: Output) -> None:
    """JPEG, and formats with ``animation: first-frame``, have the first frame."""
    (first, *others), _, _ = frames_of(made(animated(moving(), source), output))
    assert not others
    assert_similar(first, moving()[0].convert("RGBA"), 14)


@every_source
def test_still_and_moving_from_one_file(source: str) -> None:
    """A recipe may have still and animated renditions, in any order of sizes."""
    renditions = [
        Rendition("large-still", Jpeg(), resize=Resize(width=100)),
        Rendition("moving", WebP(), resize=Resize(width=80)),
        Rendition("still", Png(animation="first-frame"), resize=Resize(width=60)),
        Rendition("small", Gif(), resize=Resize(width=40)),
        Rendition("smallest", Jpeg(), resize=Resize(width=20)),
    ]
    done = rendered(animated(moving(), source), *renditions)
    assert done.header.frames == 4
    counts = [len(frames_of(each.data)[0]) for each in done.renditions]
    assert counts == [1, 4, 1, 4, 1]
    assert [each.width for each in done.renditions] == [100, 80, 60, 40, 20]


@every_source
def test_operations_are_done_to_all_frames(source: str) -> None:
    """Crop, rotation, mirroring and color steps apply to every frame."""
    data = made(
        animated(moving(), source),
        Png(),
        crop=Crop(0, 0, 60, 80),
        rotate=Rotate(90),
        flip=True,
        grayscale=True,
    )
    frames, durations, _ = frames_of(data)
    assert durations[:2] == DURATIONS[:2]
    assert sum(durations) == sum(DURATIONS)
    turns = Image.Transpose.ROTATE_270, Image.Transpose.FLIP_TOP_BOTTOM
    for actual, original in zip(frames[:2], moving(), strict=False):
        image = original.crop((0, 0, 60, 80))
        for turn in turns:
            image = image.transpose(turn)
        red, green, blue, _ = actual.split()
        assert red == green == blue
        gray = image.convert("L", (0.2126, 0.7152, 0.0722, 0))
        assert_similar(red, gray, 6)


@every_source
def test_a_smart_crop_is_decided_once(source: str) -> None:
    """The first frame decides the crop of all frames."""
    square = Resize(width=40, height=40, fit="cover", gravity="attention")
    frames, _, _ = frames_of(made(animated(moving((400, 80)), source), Png(), resize=square))
    first = frames[0].convert("RGB").getcolors(9999) or []
    assert any(color == (255, 0, 0) for _, color in first)
    # The others show the ground that was behind the red square, and nothing of their own.
    for frame in frames[1:]:
        assert_similar(frame, Image.new("RGBA", (40, 40), "#808080"), 3)


@every_source
def test_trimming_is_decided_once(source: str) -> None:
    """The first frame's border is trimmed from all frames, which keep one size."""
    frames, _, _ = frames_of(made(animated(moving(), source), Png(), trim=Trim()))
    assert {frame.size for frame in frames} == {(20, 20)}
    assert_similar(frames[0], Image.new("RGBA", (20, 20), "red"), 1)
    assert_similar(frames[1], Image.new("RGBA", (20, 20), "#808080"), 3)


def wandering(shape: str) -> list[Image.Image]:
    """Return four transparent frames in which a small square moves."""
    frames = []
    for number, color in enumerate(COLORS):
        frame = Image.new("RGBA", (120, 80))
        left = number * 30
        draw = getattr(ImageDraw.Draw(frame), shape)
        draw((left, 20, left + 19, 39), fill=color)
        frames.append(frame)
    return frames


@every_source
@pytest.mark.parametrize("target", [Gif(), WebP(lossless=True), Png()])
def test_transparent_frames(source: str, target: Output) -> None:
    """Transparent pixels of a frame don't show the frames before."""
    frames = wandering("ellipse")
    options: dict[str, Any] = {"disposal": 2} if source == "GIF" else {}
    if source == "PNG":
        options = {"disposal": 1, "blend": 0}
    found, _, _ = frames_of(made(animated(frames, source, **options), target))
    for actual, original in zip(found, frames, strict=True):
        assert_similar(actual, original, 2)


@pytest.mark.parametrize("target", [Gif(), WebP(lossless=True), WebP(), Png()])
def test_opaque_boxes_on_nothing(target: Output) -> None:
    """Frames with opaque boxes, which encoders store without alpha, stay transparent."""
    frames = wandering("rectangle")
    found, _, _ = frames_of(made(animated(frames, "PNG", disposal=1, blend=0), target))
    for actual, original in zip(found, frames, strict=True):
        assert_similar(actual, original, 8)


def test_frames_that_add_to_the_one_before() -> None:
    """A GIF that stores only changes is composed as a browser does."""
    frames = moving()
    data = animated(frames, "GIF", disposal=1, optimize=True)
    found, _, _ = frames_of(made(data, Png()))
    for actual, original in zip(found, frames, strict=True):
        assert_similar(actual, original.convert("RGBA"), 3)


def test_an_animated_png_with_an_image_for_others() -> None:
    """A default image that is not part of an animated PNG is no frame."""
    cover = quarters()
    data = animated([cover, *moving()], "PNG", default_image=True, duration=DURATIONS)
    done = rendered(data, Rendition("moving", Png()), Rendition("still", Jpeg(quality=95)))
    assert done.header.frames == 4
    frames, durations, _ = frames_of(done.renditions[0].data)
    assert durations == DURATIONS
    assert len(frames) == 4
    for actual, original in zip(frames, moving(), strict=True):
        assert_similar(actual, original.convert("RGBA"), 1)
    assert len(frames_of(done.renditions[1].data)[0]) == 1


def test_a_cover_alone() -> None:
    """A file with one frame beside its default image is a still image."""
    data = animated([quarters(), moving()[1]], "PNG", default_image=True, duration=100)
    frames, _, _ = frames_of(made(data, WebP(lossless=True)))
    assert len(frames) == 1


@pytest.mark.parametrize("format_name", ["GIF", "PNG", "WEBP"])
def test_one_frame_is_no_animation(format_name: str) -> None:
    """One frame is a still image."""
    done = rendered(encoded(quarters(), format_name), Rendition("a", WebP()))
    assert done.header.frames == 1
    assert not getattr(decoded(done.renditions[0].data), "is_animated", False)
