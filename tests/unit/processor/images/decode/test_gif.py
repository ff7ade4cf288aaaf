"""Frame count and extent of a GIF before Pillow opens it."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from processor.images.decode.gif import measure
from processor.images.decode.source import open_source
from processor.images.errors import ImageError
from processor.images.limits import Limits
from tests.unit.processor.images.sample_images import encoded, quarters

MANY = 1000


def frames_of(data: bytes, enough: int = MANY) -> int:
    """Return the number of frames that are counted."""
    return measure(data, enough).frames


def moving(frames: int, **options: object) -> bytes:
    """Return a GIF with this many different frames."""
    first, *others = (quarters().rotate(angle) for angle in range(frames))
    return encoded(first, "GIF", save_all=True, append_images=others, duration=50, **options)


@pytest.mark.parametrize("frames", [1, 2, 3, 30])
@pytest.mark.parametrize(
    "options",
    [{}, {"interlace": 0}, {"comment": "x" * 600}, {"loop": 0, "disposal": 2}, {"optimize": True}],
)
def test_counts_frames(frames: int, options: dict[str, object]) -> None:
    """The count is Pillow's, whatever else is in the file."""
    data = moving(frames, **options)
    image = Image.open(io.BytesIO(data))
    assert frames_of(data) == image.n_frames == frames  # type: ignore[attr-defined]
    assert open_source(data).header.frames == frames


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_tables_of_any_size(mode: str) -> None:
    """Color tables of every size are skipped, and may be absent."""
    assert frames_of(encoded(quarters(mode=mode), "GIF")) == 1


def test_stops_when_there_are_enough() -> None:
    """Counting stops after one frame too many: a file may have millions."""
    assert frames_of(moving(30), 5) == 6
    assert frames_of(moving(30), 30) == 30


def test_too_many_frames_are_refused() -> None:
    """The limit is checked before anything is decoded."""
    with pytest.raises(ImageError) as refusal:
        open_source(moving(9), Limits(max_frames=8))
    assert refusal.value.code == "too-many-frames"
    open_source(moving(8), Limits(max_frames=8))


def test_what_follows_the_end_does_not_count() -> None:
    """Data after the trailer is not part of the GIF."""
    assert frames_of(moving(3) + moving(4)) == 3


def test_bytes_between_blocks_are_passed_over() -> None:
    """Zeros between blocks, which broken encoders write, are skipped as decoders do."""
    data = moving(1)
    end = data.rindex(b"\x3b")
    assert frames_of(data[:end] + b"\0\0\0" + data[end:]) == 1


def test_pixels_that_look_like_blocks_do_not_count() -> None:
    """Bytes of a block count only where a block may start."""
    image = Image.frombytes("P", (256, 64), b"\x2c\x21\x3b\x2c" * 4096)
    image.putpalette([n for tone in range(256) for n in (tone, tone, tone)])
    assert frames_of(encoded(image, "GIF")) == 1


def framed(left: int, top: int, width: int, height: int) -> bytes:
    """Return a GIF of 120 x 80 pixels whose frame has this box."""
    data = bytearray(encoded(quarters(), "GIF"))
    place = data.index(b"\x2c" + struct.pack("<HHHH", 0, 0, 120, 80))
    data[place + 1 : place + 9] = struct.pack("<HHHH", left, top, width, height)
    return bytes(data)


@pytest.mark.parametrize(
    ("box", "extent"),
    [
        ((0, 0, 120, 80), (120, 80)),
        ((10, 10, 20, 20), (120, 80)),
        ((100, 0, 21, 80), (121, 80)),
        ((0, 60_000, 120, 65_535), (120, 125_535)),
    ],
)
def test_frames_over_the_edge(box: tuple[int, int, int, int], extent: tuple[int, int]) -> None:
    """The extent includes frames beyond the canvas, for which decoders allocate memory."""
    found = measure(framed(*box), MANY)
    assert (found.frames, found.width, found.height) == (1, *extent)


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_file_that_ends_early(part: float) -> None:
    """The frames of a truncated file are counted up to its end."""
    data = moving(10)
    assert 0 <= frames_of(data[: int(len(data) * part)]) <= 10


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    """Counting ends and raises nothing, whatever the file contains."""
    found = measure(b"GIF89a" + data, 20)
    assert 0 <= found.frames <= 21
    assert 0 <= found.width <= 2 * 65_535
