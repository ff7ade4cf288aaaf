"""JPEG files that end before the image does."""

import random
from typing import Any

import pytest
from PIL import Image

from processor.images.decode.source import open_source
from processor.images.decode.truncated import is_complete
from processor.images.errors import ImageError
from processor.images.limits import DEFAULT_LIMITS
from processor.images.recipe import Jpeg, Png, Recipe, Rendition, Resize, WebP
from processor.images.render import Rendered, render
from tests.unit.processor.images.sample_images import (
    assert_similar,
    decoded,
    difference,
    encoded,
    quarters,
)

SIZE = 256, 192
END = b"\xff\xd9"


def photograph(mode: str = "RGB") -> Image.Image:
    """Return an image with detail everywhere."""
    noise = Image.frombytes("RGB", SIZE, random.Random(1).randbytes(3 * SIZE[0] * SIZE[1]))
    return Image.blend(quarters(*SIZE), noise, 0.2).convert(mode)


def jpeg(mode: str = "RGB", **options: Any) -> bytes:
    """Return a JPEG of the photograph."""
    return encoded(photograph(mode), "JPEG", **{"quality": 85, **options})


def rendered(data: bytes, *renditions: Rendition, **options: Any) -> Rendered:
    """Render a file, by default to PNG."""
    recipe = Recipe(list(renditions) or [Rendition("a", Png())], **options)
    return render(open_source(data), recipe, DEFAULT_LIMITS)


def first(done: Rendered) -> Image.Image:
    """Return the first rendition's pixels."""
    return decoded(done.renditions[0].data)


KINDS: list[dict[str, Any]] = [
    {}, {"subsampling": 0}, {"progressive": True}, {"mode": "L"}, {"mode": "CMYK"},
    {"optimize": True}, {"restart_marker_rows": 1},
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("missing", [1, 2])
def test_without_the_end_marker(kind: dict[str, Any], missing: int) -> None:
    """Nothing of the image is lost if only its end marker is missing, and the entry says so."""
    data = jpeg(**kind)
    assert data.endswith(END)
    whole, part = rendered(data), rendered(data[:-missing])
    assert (whole.warnings, part.warnings) == ((), ("truncated",))
    assert "warnings" not in whole.facts
    assert part.facts["warnings"] == ["truncated"]
    assert difference(first(whole).convert("RGBA"), first(part).convert("RGBA")) < 1


@pytest.mark.parametrize("kind", [{}, {"subsampling": 0}, {"restart_marker_rows": 1}])
@pytest.mark.parametrize("part", [0.3, 0.5, 0.8])
def test_complete_rows_are_shown(kind: dict[str, Any], part: float) -> None:
    """Rows of a sequential JPEG are shown as far as they are complete; the rest is transparent."""
    data = jpeg(**kind)
    image = first(rendered(data[: int(len(data) * part)])).convert("RGBA")
    alpha = image.getchannel("A")
    left, top, right, rows = alpha.getbbox() or (0, 0, 0, 0)
    assert (left, top, right) == (0, 0, 256)
    assert abs(rows - 192 * part) < 24
    shown = (0, 0, 256, rows - 2)
    assert alpha.crop(shown).getextrema() == (255, 255)
    assert_similar(image.crop(shown).convert("RGB"), decoded(data).crop(shown), 1)


def test_what_is_missing_is_white_in_jpeg() -> None:
    """JPEG has no transparency: the missing rows get the background."""
    data = jpeg()
    done = rendered(data[: len(data) // 2], Rendition("a", Jpeg(quality=95)))
    assert first(done).crop((0, 130, 256, 192)).getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize("part", [0.4, 0.7, 0.95])
def test_a_progressive_jpeg_loses_detail(part: float) -> None:
    """All rows of a progressive JPEG are shown, from the scans that there are."""
    data = jpeg(progressive=True)
    done = rendered(data[: int(len(data) * part)])
    assert done.warnings == ("truncated",)
    image = first(done)
    assert image.mode == "RGB"
    assert difference(image, photograph()) < 30


@pytest.mark.parametrize("width", [256, 100, 30])
def test_small_renditions(width: int) -> None:
    """Renditions of every size, decoded at every scale, show the same part."""
    data = jpeg(subsampling=0)
    small = Rendition("a", WebP(lossless=True), resize=Resize(width=width))
    image = first(rendered(data[: len(data) // 2], small, analysis=False)).convert("RGBA")
    rows = (image.getchannel("A").point(lambda a: 255 * (a > 127)).getbbox() or (0,) * 4)[3]
    assert rows / image.height == pytest.approx(0.5, abs=0.08)


def test_a_recipe_may_refuse() -> None:
    """With ``"truncated": "refuse"`` a truncated JPEG is an error, and others are rendered."""
    data = jpeg()
    for each in (data[:-2], data[: len(data) // 2]):
        with pytest.raises(ImageError) as caught:
            rendered(each, truncated="refuse")
        assert caught.value.code == "truncated"
    assert rendered(data, truncated="refuse").warnings == ()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [0.0, 0.02, 0.1])
def test_nothing_to_show(kind: dict[str, Any], part: float) -> None:
    """A file without a complete row is refused."""
    data = jpeg(**kind)
    head = data.index(b"\xff\xda")
    with pytest.raises(ImageError) as caught:
        rendered(data[: int(head * (0.5 + part))])
    assert caught.value.code in ("truncated", "corrupt")


def test_the_end_of_a_thumbnail_is_not_that_of_the_image() -> None:
    """An end marker before the first scan, in a thumbnail, does not count; later ones do."""
    thumbnail = b"Exif\0\0" + encoded(quarters(8, 8), "JPEG")
    data = encoded(photograph(), "JPEG", exif=thumbnail)
    assert is_complete(data)
    assert not is_complete(data[:-2])
    assert is_complete(data + b"a video that a phone appends")


@pytest.mark.parametrize("format_name", ["PNG", "WEBP", "AVIF", "TIFF"])
def test_other_formats_are_refused(format_name: str) -> None:
    """Half a file of another format is refused."""
    data = encoded(photograph(), format_name)
    with pytest.raises(ImageError):
        rendered(data[: len(data) // 2])
