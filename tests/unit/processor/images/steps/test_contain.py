"""Box around an image: fit contain."""

from typing import Any

import pytest
from PIL import Image

from processor.images.canvas import Canvas
from processor.images.recipe import Position, Resize
from processor.images.steps.contain import contain
from tests.unit.processor.images.sample_images import assert_similar, quarters
from tests.unit.processor.images.steps.jobs import job, pixel


def contained(image: Image.Image, **wanted: Any) -> Image.Image:
    """Return an image that has its size already, in a box."""
    box = Resize(**{"width": 120, "height": 200, "fit": "contain", **wanted})
    return contain(Canvas((image,)), job(resize=box)).image


@pytest.mark.parametrize(
    ("position", "box", "corner"),
    [
        ("top-left", (120, 200), (0, 0)), ("top", (120, 200), (0, 0)),
        ("center", (120, 200), (0, 60)), ("left", (120, 200), (0, 60)),
        ("bottom-right", (120, 200), (0, 120)), ("bottom", (120, 200), (0, 120)),
        ("left", (300, 80), (0, 0)), ("center", (300, 80), (90, 0)),
        ("top-right", (300, 80), (180, 0)), ("right", (300, 80), (180, 0)),
        ("bottom-right", (301, 101), (181, 21)),
    ],
)  # fmt: skip
def test_gravity(position: Position, box: tuple[int, int], corner: tuple[int, int]) -> None:
    """Gravity places the image, and the background fills the rest."""
    width, height = box
    image = contained(
        quarters(), width=width, height=height, gravity=position, background="#123456"
    )
    expected = Image.new("RGB", box, "#123456")
    expected.paste(quarters(), corner)
    assert_similar(image, expected, 0)


@pytest.mark.parametrize(
    ("mode", "background", "expected"),
    [
        ("L", "#ff0000", "RGB"), ("RGB", "#ff0000", "RGB"), ("RGBA", "#ff0000", "RGBA"),
        ("L", "#ff000080", "RGBA"), ("RGB", "#00000000", "RGBA"), ("RGBA", "#00000000", "RGBA"),
    ],
)  # fmt: skip
def test_modes(mode: str, background: str, expected: str) -> None:
    """The result has alpha if the image or the background has."""
    image = contained(quarters(mode=mode), background=background)
    assert image.mode == expected
    assert pixel(image)[3:] == ((int(background[7:] or "ff", 16),) if expected == "RGBA" else ())


def test_transparent_parts_stay_transparent() -> None:
    """The background fills the rest of the box alone."""
    clear = Image.new("RGBA", (120, 80))
    assert contained(clear, background="#123456").getcolors() == [
        (120 * 120, (0x12, 0x34, 0x56, 255)),
        (120 * 80, (0, 0, 0, 0)),
    ]


@pytest.mark.parametrize(
    "resize", [None, Resize(width=60), Resize(width=60, height=40, fit="contain")]
)
def test_nothing_to_fill(resize: Resize | None) -> None:
    """Without a box, or with one that the image fills, the canvas is returned unchanged."""
    canvas = Canvas((quarters(60, 40),))
    assert contain(canvas, job(resize=resize)) is canvas


def test_all_frames_lie_alike() -> None:
    """Every frame of an animation is placed in the box."""
    frames = (quarters(), quarters().transpose(Image.Transpose.ROTATE_180))
    wanted = job(resize=Resize(width=120, height=200, fit="contain"))
    laid = contain(Canvas(frames, durations=(40, 60)), wanted)
    assert [each.size for each in laid.frames] == [(120, 200)] * 2
    assert pixel(laid.frames[1], 0, 60) == (255, 255, 0, 255)
