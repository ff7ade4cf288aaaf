"""Composition, durations and plays of animations: what a browser shows.

Chromium's frames of each of these files are the same.
"""

import io
import struct
from typing import Any

import pytest
from PIL import Image

from processor.images.decode import heif
from processor.images.decode.decoder import decode
from processor.images.decode.source import open_source
from processor.images.recipe import Avif, Gif, Jpeg, Output, Png, Recipe, Rendition, WebP
from tests.unit.processor.images.sample_images import decoded, encoded, quarters, render_file
from tests.unit.processor.images.stored_frames import (
    BLUE,
    GREEN,
    RED,
    Stored,
    apng,
    gif,
)

CLEAR, R, G, B = (0, 0, 0, 0), (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)
PART, CORNER = (4, 4, 12, 8), (0, 0, 3, 3)
INSIDE, OUTSIDE = (6, 6), (20, 12)
"""Points of ``PART`` and beside it."""


def points(data: bytes, *at: tuple[int, int]) -> list[list[tuple[int, ...]]]:
    """Return the colors of each frame at some points; transparent ones as ``CLEAR``."""
    canvas = decode(open_source(data), 1.0, animated=True)
    frames = [frame.convert("RGBA") for frame in canvas.frames]
    return [
        [color if color[3] else CLEAR for color in (frame.getpixel(each) for each in at)]  # type: ignore[index, misc]
        for frame in frames
    ]


def made(data: bytes, output: Output) -> bytes:
    """Return the one rendition of a file."""
    (each,) = render_file(data, Recipe([Rendition("a", output)], analysis=False)).renditions
    return each.data


@pytest.mark.parametrize(
    ("disposal", "second", "third"),
    [
        (0, [R, R], [B, R]),
        (1, [R, R], [B, R]),
        (2, [CLEAR, CLEAR], [B, CLEAR]),
        (3, [CLEAR, CLEAR], [B, CLEAR]),
        (4, [CLEAR, CLEAR], [B, CLEAR]),
        (5, [R, R], [B, R]),
    ],
)
def test_disposal_of_a_whole_gif_frame(disposal: int, second: Any, third: Any) -> None:
    """Methods 2 to 4 leave nothing of a first frame; the palette's background never shows."""
    frames = [Stored(RED, disposal=disposal), Stored(GREEN, CORNER), Stored(BLUE, PART)]
    assert points(gif(frames), INSIDE, OUTSIDE) == [[R, R], second, third]


@pytest.mark.parametrize(("disposal", "left"), [(0, G), (1, G), (2, CLEAR), (3, R), (4, R)])
def test_disposal_of_a_part_of_a_gif(disposal: int, left: Any) -> None:
    """Only the frame's box is cleared or restored, and later frames dispose as they say."""
    frames = [Stored(RED, disposal=1), Stored(GREEN, PART, disposal), Stored(BLUE, CORNER)]
    found = points(gif([*frames, Stored(BLUE, CORNER)]), INSIDE, OUTSIDE)
    assert found == [[R, R], [G, R], [left, R], [left, R]]


def test_uncovered_parts_of_a_gif_are_transparent() -> None:
    """What no frame covers is transparent, in animations and in still renditions."""
    data = gif([Stored(RED, PART), Stored(GREEN, CORNER)])
    assert points(data, INSIDE, OUTSIDE) == [[R, CLEAR], [R, CLEAR]]
    still = decoded(made(data, Png(animation="first-frame"))).convert("RGBA")
    assert (still.getpixel(INSIDE), still.getpixel(OUTSIDE)) == (R, CLEAR)
    white = decoded(made(data, Jpeg(quality=100))).getpixel((22, 2))
    assert min(white) > 250  # type: ignore[arg-type]
    alone = decoded(made(gif([Stored(RED, PART)]), Png())).convert("RGBA")
    assert alone.getpixel(OUTSIDE) == CLEAR


def test_gif_frames_beyond_the_canvas() -> None:
    """The first frame enlarges the canvas; later ones are cut off at its edges."""
    larger = decode(open_source(gif([Stored(RED, (4, 4, 40, 30))])), 1.0)
    assert larger.image.size == (44, 34)
    far = [Stored(RED), Stored(GREEN, (4, 4, 40, 30)), Stored(BLUE, (40, 0, 4, 4))]
    assert points(gif(far), INSIDE, OUTSIDE) == [[R, R], [G, G], [G, G]]


def test_opaque_animations_have_no_alpha() -> None:
    """Frames without transparency stay RGB, which is smaller and faster to encode."""
    canvas = decode(open_source(gif([Stored(RED), Stored(GREEN, PART)])), 1.0, animated=True)
    assert {frame.mode for frame in canvas.frames} == {"RGB"}


@pytest.mark.parametrize(("disposal", "left"), [(0, G), (1, CLEAR), (2, R)])
@pytest.mark.parametrize("color_type", [2, 6])
def test_disposal_of_animated_png(disposal: int, left: Any, color_type: int) -> None:
    """A box is cleared to transparent, also in a PNG without an alpha channel."""
    frames = [Stored(RED), Stored(GREEN, PART, disposal), Stored(BLUE, CORNER)]
    found = points(apng(frames, color_type=color_type), INSIDE, OUTSIDE)
    assert found == [[R, R], [G, R], [left, R]]


def test_blending_of_animated_png() -> None:
    """Half-transparent pixels are blended over the canvas (Porter-Duff "over"), or replace it."""
    frames = [
        Stored(RED),
        Stored(GREEN, PART, blend=1),
        Stored(BLUE, PART, blend=0),
    ]
    first, second, third = (
        frame[0] for frame in points(apng(frames, alphas=(0, 128, 128, 128)), INSIDE)
    )
    assert first == (255, 0, 0, 128)
    assert max(abs(a - b) for a, b in zip(second, (85, 170, 0, 192), strict=True)) <= 1
    assert third == (0, 0, 255, 128)


def test_a_first_animated_png_frame_of_a_part() -> None:
    """Beside a default image, the first frame may be smaller; the rest is transparent."""
    data = apng([Stored(RED, PART), Stored(GREEN, CORNER)], is_default_a_frame=False)
    assert points(data, INSIDE, OUTSIDE) == [[R, CLEAR], [R, CLEAR]]


def plays(data: bytes) -> int:
    """Return how often a file is played, from its bytes; 0 means forever."""
    if data.startswith(b"GIF"):
        at = data.find(b"NETSCAPE2.0")
        repeats = int.from_bytes(data[at + 13 : at + 15], "little")
        return 1 if at < 0 else repeats + 1 if repeats else 0
    if data.startswith(b"RIFF"):
        at = data.index(b"ANIM") + 12
        return int.from_bytes(data[at : at + 2], "little")
    if data[4:12] == b"ftypavis":
        edit, track = data.index(b"elst\1") + 4, data.index(b"tkhd\1") + 4
        total, one = data[track + 28 : track + 36], data[edit + 8 : edit + 16]
        if not data[edit + 3] & 1:
            return 1
        return 0 if total == b"\xff" * 8 else int.from_bytes(total) // int.from_bytes(one)
    at = data.index(b"acTL") + 8
    return int(struct.unpack(">I", data[at : at + 4])[0])


def webp(plays: int) -> bytes:
    """Return an animated WebP."""
    first, second = quarters(), quarters().transpose(Image.Transpose.ROTATE_180)
    return encoded(first, "WEBP", save_all=True, append_images=[second], loop=plays, duration=90)


MOVING = [Stored(RED), Stored(GREEN)]
EACH_PLAYS = [0, 1, 2, 5]


@pytest.mark.parametrize("count", EACH_PLAYS)
@pytest.mark.parametrize("output", [Gif(), WebP(), Png(), Avif(speed=10)])
@pytest.mark.parametrize("source", ["gif", "webp", "png", "avif"])
def test_plays(source: str, output: Output, count: int) -> None:
    """An animation is played as often as the original, whatever number its format stores."""
    repeats = {0: 0, 1: None}.get(count, count - 1)
    files = {
        "gif": gif(MOVING, repeats=repeats), "webp": webp(count), "png": apng(MOVING, plays=count),
        "avif": made(apng(MOVING, plays=count), Avif(speed=10)),
    }  # fmt: skip
    assert plays(made(files[source], output)) == count


def test_more_plays_than_other_formats_store() -> None:
    """PNG stores 32 bits, of which the most that WebP can store are written."""
    for count in (65_536, 1 << 31, (1 << 32) - 1):
        assert plays(made(apng(MOVING, plays=count), WebP())) == 65_535


@pytest.mark.parametrize(
    ("version", "flags", "duration", "count"),
    [
        (1, 1, (1 << 64) - 1, 0), (0, 1, (1 << 32) - 1, 0), (1, 0, 300, 1), (0, 0, 300, 1),
        (1, 1, 300, 1), (1, 1, 900, 3), (0, 1, 900, 3), (1, 1, 700, 3), (1, 1, 0, 1),
        (1, 1, 1 << 60, 65_535),
    ],
)  # fmt: skip
def test_plays_of_avif(version: int, flags: int, duration: int, count: int) -> None:
    """A repeated edit list of 300 units is played for the duration of the track."""
    size = 8 if version else 4
    times = bytes(2 * size) + bytes([0, 0, 0, 1, 0, 0, 0, 0])

    def box(kind: bytes, *parts: bytes) -> bytes:
        content = b"".join(parts)
        return struct.pack(">I", 8 + len(content)) + kind + content

    header = box(b"tkhd", bytes([version, 0, 0, 1]), times, duration.to_bytes(size), bytes(60))
    edit = bytes([version, 0, 0, flags, 0, 0, 0, 1]) + (300).to_bytes(size) + bytes(size + 4)
    media = box(b"mdia", box(b"hdlr", bytes(8), b"pict", bytes(13)))
    other = box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), b"auxv", bytes(13))))
    track = box(b"trak", header, box(b"edts", box(b"elst", edit)), media)
    data = box(b"ftyp", b"avisavis") + box(b"moov", other, track)
    assert heif.plays(data) == count
    assert heif.plays(data.replace(b"edts", b"skip")) == 0
    assert heif.plays(data.replace(b"moov", b"skip")) == 0
    for end in range(len(data)):
        assert 0 <= heif.plays(data[:end]) <= 65_535


def test_avif_without_an_edit_list() -> None:
    """An animation of which nobody says how often it is played is played forever."""
    data = made(apng(MOVING, plays=3), Avif(speed=10))
    assert plays(made(data, WebP())) == 3
    assert plays(made(data.replace(b"edts", b"skip"), WebP())) == 0
    with_alpha = made(apng([Stored(RED, hole=True), *MOVING[1:]], plays=2), Avif(speed=10))
    assert with_alpha.count(b"elst\1\0\0\1") == 2
    assert plays(with_alpha) == 2


def test_plays_of_gif() -> None:
    """One repeat is two plays, the other loop extension counts, and 16 bits are not exceeded."""
    assert plays(made(gif(MOVING, repeats=1), WebP())) == 2
    assert plays(made(gif(MOVING, repeats=3, application=b"ANIMEXTS1.0"), WebP())) == 4
    assert plays(made(gif(MOVING, repeats=65_535), WebP())) == 65_535


def durations(data: bytes) -> list[int]:
    """Return the duration of each frame, in milliseconds."""
    image = Image.open(io.BytesIO(data))
    found = []
    for number in range(image.n_frames):  # type: ignore[attr-defined]
        image.seek(number)
        image.load()
        found.append(round(image.info["duration"]))
    return found


@pytest.mark.parametrize("output", [Gif(), WebP(), Png()])
@pytest.mark.parametrize("write", [gif, apng])
def test_durations_up_to_10_ms(write: Any, output: Output) -> None:
    """Durations of 0 and 10 ms become 100 ms, for which browsers show such frames."""
    delays = [0, 1, 2, 3]
    colors = [RED, GREEN, BLUE, RED]
    frames = [Stored(color, delay=delay) for color, delay in zip(colors, delays, strict=True)]
    assert durations(made(write(frames), output)) == [100, 100, 20, 30]


def test_webp_durations_up_to_10_ms() -> None:
    """Browsers show such frames of WebP for 100 ms as well."""
    first, *others = (Image.new("RGB", (16, 16), each) for each in ("red", "lime", "blue"))
    data = encoded(first, "WEBP", save_all=True, append_images=others, duration=[0, 10, 11])
    assert durations(made(data, Gif())) == [100, 100, 20]


@pytest.mark.parametrize("disposal", [0, 2, 3])
@pytest.mark.parametrize("output", [Gif(), WebP(lossless=True), Png(), Avif(quality=90)])
def test_renditions_look_like_the_original(output: Output, disposal: int) -> None:
    """The frames of a rendition are those that the original shows, in every format."""
    frames = [
        Stored(RED, PART, disposal),
        Stored(GREEN, (8, 2, 10, 10), disposal, hole=True),
        Stored(BLUE, CORNER, disposal),
    ]
    before = decode(open_source(gif(frames)), 1.0, animated=True)
    after = decode(open_source(made(gif(frames), output)), 1.0, animated=True)
    for one, two in zip(before.frames, after.frames, strict=True):
        for at in [(1, 1), INSIDE, (10, 3), (15, 9), OUTSIDE]:
            x, y = (frame.convert("RGBA").getpixel(at) for frame in (one, two))
            assert abs(x[3] - y[3]) < 16  # type: ignore[index]
            assert x[3] == 0 or max(abs(a - b) for a, b in zip(x, y, strict=True)) < 64  # type: ignore[index, arg-type]
