"""PNG as browsers show it: chunks to pass over, color, color keys and broken animations.

Where nothing else is said, the right values are those of Chromium 156.
"""

import time
import zlib

import pytest

from processor.images.decode import png as reader
from processor.images.decode.source import open_source
from processor.images.errors import ImageError
from processor.images.icc import P3, Parametric, rgb_profile
from processor.images.recipe import Png, Recipe, Rendition
from tests.fuzz.seeds import chunk
from tests.unit.processor.images.icc_files import gray_profile
from tests.unit.processor.images.png_files import (
    ORANGE,
    animation,
    broken,
    chrm,
    cicp,
    colored,
    frame,
    gama,
    iccp,
    key,
    pixels,
    png,
)
from tests.unit.processor.images.sample_images import decoded, render_file

PLAIN = Recipe([Rendition("plain", Png())], analysis=False)
LINEAR = rgb_profile(P3, Parametric(1.0))
"""Profile of linear light with the primaries of Display P3."""
LINEAR_ORANGE = (242, 148, 129, 255)

SRGB = chunk(b"sRGB", b"\0")
SHOWN = (*ORANGE, 255)
GREEN, BLUE = (0, 255, 0), (0, 0, 255)
FRAMES = (frame(0), pixels(1, GREEN), frame(2), pixels(3, BLUE))
DEEP = b"\x80\xff\0\xff\xfe\xff"
PALETTE = chunk(b"PLTE", bytes(ORANGE))


def shown(data: bytes) -> tuple[int, ...]:
    """Return the first pixel of a rendition."""
    (plain,) = render_file(data, PLAIN).renditions
    pixel = decoded(plain.data).convert("RGBA").getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return pixel if pixel[3] else (0, 0, 0, 0)


def text(kind: bytes, keyword: bytes, packed: bytes) -> bytes:
    """Return a compressed text."""
    return chunk(kind, keyword + (b"\0\0" if kind == b"zTXt" else b"\0\1\0\0\0") + packed)


@pytest.mark.parametrize("keyword", [b"Comment", b"XML:com.adobe.xmp", b"Raw profile type exif"])
@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1, 200 << 20])
@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt"])
def test_large_texts_are_passed_over(kind: bytes, size: int, keyword: bytes) -> None:
    """A text of any size doesn't matter for the image, and is not unpacked beyond 1 MB."""
    large = text(kind, keyword, zlib.compress(b" " * size, 9))
    started = time.process_time()
    assert shown(colored(large)) == SHOWN
    assert shown(png(bytes(ORANGE), after=(large,))) == SHOWN
    assert time.process_time() - started < 1


@pytest.mark.parametrize("kind", [b"tEXt", b"iTXt"])
def test_large_plain_texts_are_passed_over(kind: bytes) -> None:
    """The texts that drawing programs store their documents in need not be read."""
    assert shown(colored(chunk(kind, b"mxfile\0\0\0\0\0" + b"x" * 2_000_000))) == SHOWN


def test_many_small_bombs_are_not_unpacked() -> None:
    """Of texts with one keyword, and of profiles, no more than the first is unpacked."""
    bomb = zlib.compress(bytes(1 << 20), 9)
    texts = text(b"zTXt", b"XML:com.adobe.xmp", bomb) * 5_000
    profiles = chunk(b"iCCP", b"name\0\0" + bomb) * 5_000
    started = time.process_time()
    assert shown(colored(texts, profiles)) == SHOWN
    assert time.process_time() - started < 2


def test_an_unchanged_file_is_not_copied() -> None:
    """A file without anything to pass over is decoded as it is."""
    data = colored(iccp(LINEAR), chunk(b"tEXt", b"Software\0darkroom"))
    assert reader.decodable(data) is data
    assert open_source(data).decodable is data


@pytest.mark.parametrize(
    "part",
    [
        chunk(b"tEXt", b"Comment\0text"),
        chunk(b"zTXt", b"Comment\0\0text"),
        chunk(b"pHYs", bytes(9)),
        chunk(b"prVt", b"private"),
        gama(100_000),
        iccp(LINEAR),
        key(*ORANGE),
        cicp(12, 13),
        chunk(b"eXIf", b"II*\0"),
    ],
)
def test_a_wrong_checksum_of_an_ancillary_chunk(part: bytes) -> None:
    """An ancillary chunk with a wrong checksum is passed over."""
    assert shown(colored(broken(part))) == SHOWN


@pytest.mark.parametrize("part", [chunk(b"abCD", b"x"), chunk(b"PLTE", bytes(ORANGE))])
def test_a_wrong_checksum_of_a_critical_chunk(part: bytes) -> None:
    """A critical chunk with a wrong checksum is damage."""
    critical = broken(part[:4] + part[4:8].upper() + part[8:])
    with pytest.raises(ImageError) as refusal:
        shown(png(b"\0", 3, 8, critical))
    assert refusal.value.code == "corrupt"


@pytest.mark.parametrize(
    "part",
    [
        chunk(b"gAMA", b"\0\0"), chunk(b"cHRM", b"\0"), chunk(b"sRGB", b""), chunk(b"pHYs", b"\0"),
        chunk(b"tRNS", b"\0\1"), chunk(b"eXIf", b"\0"), chunk(b"cICP", b"\x0c"),
        chunk(b"iCCP", b""), chunk(b"iCCP", b"name\0"), chunk(b"iCCP", b"name\0\0broken"),
        iccp(LINEAR, 1),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1"), chunk(b"zTXt", b"Raw profile type exif"),
        chunk(b"tIME", b""), chunk(b"gAMA", bytes(8)),
    ],
)  # fmt: skip
def test_short_ancillary_chunks(part: bytes) -> None:
    """An ancillary chunk of a wrong length is passed over."""
    assert shown(colored(part)) == SHOWN


@pytest.mark.parametrize(
    ("chunks", "color"),
    [
        ((gama(100_000),), (229, 152, 133)),
        ((gama(50_000),), (206, 88, 67)),
        ((gama(45_455),), ORANGE),
        ((gama(0),), ORANGE),
        ((chrm(),), ORANGE),
        (
            (
                gama(45_455),
                chrm(),
            ),
            (218, 67, 47),
        ),
        (
            (
                gama(100_000),
                chrm(),
            ),
            (242, 148, 129),
        ),
        (
            (
                gama(100_000),
                chrm((0,) * 8),
            ),
            ORANGE,
        ),
        (
            (
                gama(100_000),
                gama(50_000),
            ),
            (229, 152, 133),
        ),
        (
            (
                SRGB,
                gama(100_000),
                chrm(),
            ),
            ORANGE,
        ),
        ((iccp(LINEAR),), (242, 148, 129)),
        (
            (
                SRGB,
                iccp(LINEAR),
            ),
            (242, 148, 129),
        ),
        (
            (
                iccp(LINEAR),
                gama(45_455),
            ),
            (242, 148, 129),
        ),
        (
            (
                iccp(b"rubbish" * 30),
                gama(100_000),
            ),
            (229, 152, 133),
        ),
        ((cicp(12, 13),), (216, 69, 50)),
        (
            (
                cicp(12, 13),
                iccp(LINEAR),
            ),
            (216, 69, 50),
        ),
        (
            (
                cicp(12, 13, 0, 0),
                iccp(LINEAR),
            ),
            (242, 148, 129),
        ),
        (
            (
                cicp(12, 2),
                gama(100_000),
            ),
            (229, 152, 133),
        ),
        (
            (
                cicp(1, 13),
                gama(100_000),
            ),
            ORANGE,
        ),
        ((chunk(b"sRGB", b"\x09"), gama(100_000)), (229, 152, 133)),
        ((cicp(1, 1),), (197, 70, 49)),
        ((cicp(1, 4),), (201, 79, 57)),
        ((cicp(1, 5),), (189, 56, 36)),
        ((cicp(1, 7),), (206, 97, 77)),
        ((cicp(1, 8),), (229, 152, 133)),
        ((cicp(4, 4),), (236, 71, 44)),
        ((cicp(5, 13),), (203, 80, 60)),
        ((cicp(6, 6),), (192, 75, 48)),
        ((cicp(8, 13),), (225, 68, 50)),
        ((cicp(9, 13),), (244, 37, 50)),
        ((cicp(10, 17),), (255, 0, 66)),
        ((cicp(11, 17),), (213, 50, 30)),
        ((cicp(22, 13),), (202, 84, 59)),
        ((cicp(9, 16),), (255, 0, 0)),
    ],
)
def test_color(chunks: tuple[bytes, ...], color: tuple[int, int, int]) -> None:
    """The first of cICP, iCCP, sRGB, and gAMA with cHRM or alone gives the color (PNG 3, 4.3)."""
    assert shown(colored(*chunks)) == pytest.approx((*color, 255), abs=3)


@pytest.mark.parametrize(
    ("tone", "pq", "hlg"),
    [
        (50, 17, 30),
        (100, 76, 75),
        (140, 163, 111),
        (160, 213, 135),
        (180, 242, 166),
        (220, 255, 224),
    ],
)
def test_hdr_is_mapped_to_the_tones_of_a_display(tone: int, pq: int, hlg: int) -> None:
    """PQ and HLG show white at half of the display's light, and highlights above."""
    for transfer, wanted in ((16, pq), (18, hlg)):
        found = shown(png(bytes([tone] * 3), 2, 8, cicp(9, transfer)))
        assert found == pytest.approx((wanted, wanted, wanted, 255), abs=2)


def test_large_profiles() -> None:
    """A profile is read as far as its header names its size, of up to 16 MB."""
    assert shown(colored(iccp(LINEAR + bytes(20 << 20)))) == pytest.approx(LINEAR_ORANGE, abs=2)
    real = (2 << 20).to_bytes(4) + LINEAR[4:] + bytes((2 << 20) - len(LINEAR))
    assert shown(colored(iccp(real))) == pytest.approx(LINEAR_ORANGE, abs=2)
    bomb = (17 << 20).to_bytes(4) + LINEAR[4:] + bytes(17 << 20)
    assert shown(colored(iccp(bomb))) == SHOWN


@pytest.mark.parametrize(
    ("pixel", "kind", "chunks", "color"),
    [
        (b"\x80", 0, (gama(100_000),), (188, 188, 188, 255)),
        (b"\x80", 0, (iccp(LINEAR),), (188, 188, 188, 255)),
        (b"\x80\xc8", 4, (iccp(LINEAR),), (188, 188, 188, 200)),
        (
            b"\x80",
            0,
            (
                iccp(LINEAR),
                key(1),
            ),
            (188, 188, 188, 255),
        ),
        (
            b"\0",
            3,
            (
                iccp(LINEAR),
                PALETTE,
            ),
            LINEAR_ORANGE,
        ),
    ],
)
def test_color_of_other_kinds(
    pixel: bytes, kind: int, chunks: tuple[bytes, ...], color: tuple[int, ...]
) -> None:
    """Gray images may have descriptions of RGB colors."""
    assert shown(png(pixel, kind, 8, *chunks)) == pytest.approx(color, abs=2)


@pytest.mark.parametrize(
    ("pixel", "kind", "bits", "transparent", "other", "tones"),
    [
        (b"\xff", 0, 1, [1], [0], (255, 255, 255)),
        (b"\x55", 0, 2, [1], [2], (85, 85, 85)),
        (b"\x55", 0, 2, [1], [5], (85, 85, 85)),
        (b"\x55", 0, 2, [0x101], [0x105], (85, 85, 85)),
        (b"\x77", 0, 4, [7], [8], (119, 119, 119)),
        (b"\x80", 0, 8, [0x80], [0x81], (128, 128, 128)),
        (b"\x80", 0, 8, [0x180], [0x81], (128, 128, 128)),
        (b"\x80\xff", 0, 16, [0x80FF], [0x80FE], (128, 128, 128)),
        (bytes(ORANGE), 2, 8, ORANGE, (200, 80, 61), ORANGE),
        (bytes(ORANGE), 2, 8, (200, 256 + 80, 60), (200, 81, 60), ORANGE),
        (DEEP, 2, 16, (0x80FF, 0xFF, 0xFEFF), (0x80FF, 0xFE, 0xFEFF), (128, 0, 254)),
        (DEEP, 2, 16, (0x80FF, 0xFF, 0xFEFF), (0x81FF, 0xFF, 0xFEFF), (128, 0, 254)),
    ],
)  # fmt: skip
def test_color_keys(
    pixel: bytes, kind: int, bits: int, transparent: list[int], other: list[int], tones: list[int]
) -> None:
    """A color key makes the pixels transparent that equal it in all their bits, and no others."""
    assert shown(png(pixel, kind, bits, key(*transparent))) == (0, 0, 0, 0)
    assert shown(png(pixel, kind, bits, key(*other))) == (*tones, 255)


def test_the_first_color_key_counts() -> None:
    """Further tRNS chunks, and one before the palette, are passed over."""
    assert shown(colored(key(*ORANGE), key(1, 1, 1))) == (0, 0, 0, 0)
    assert shown(png(b"\0", 3, 8, chunk(b"tRNS", b"\x80"), PALETTE)) == SHOWN


def test_an_animation() -> None:
    """A valid animation is rendered as one."""
    data = animation(2, after=FRAMES)
    (plain,) = render_file(data, PLAIN).renditions
    image = decoded(plain.data)
    assert (getattr(image, "n_frames", 1), image.convert("RGB").getpixel((0, 0))) == (2, GREEN)


@pytest.mark.parametrize("announced", [1, 3, 2**31 - 1])
def test_an_animation_with_another_number_of_frames(announced: int) -> None:
    """An animation has the frames that are there, whatever its header announces."""
    first, *others = (frame(0), frame(1), pixels(2, BLUE))
    data = animation(announced, first, after=tuple(others))
    assert open_source(data).header.frames == 2
    (plain,) = render_file(data, PLAIN).renditions
    assert getattr(decoded(plain.data), "n_frames", 1) == 2


@pytest.mark.parametrize(
    ("announced", "before", "after"),
    [
        (0, (), FRAMES),
        (2, (), (frame(1), pixels(2, GREEN), frame(3), pixels(4, BLUE))),
        (2, (), (frame(0), pixels(7, GREEN), frame(8), pixels(9, BLUE))),
        (2, (), (frame(0), pixels(1, GREEN), frame(5), pixels(6, BLUE))),
        (2, (), (frame(0, left=2), pixels(1, GREEN), frame(2), pixels(3, BLUE))),
        (2, (), (frame(0), pixels(1, GREEN), frame(2, top=3), pixels(3, BLUE))),
        (2, (), (frame(0, width=0), pixels(1, GREEN), frame(2), pixels(3, BLUE))),
        (2, (frame(0, width=2),), (frame(1), pixels(2, BLUE))),
        (2, (), ()),
        (2, (), (frame(0), frame(1), pixels(2, BLUE))),
        (2, (), (frame(0), pixels(1, GREEN), frame(2))),
        (2, (), (pixels(0, GREEN),)),
        (2, (), (broken(frame(0)), *FRAMES[1:])),
        (2, (), (chunk(b"fcTL", bytes(20)), *FRAMES[1:])),
        (2, (), (frame(0), pixels(1, GREEN), frame(2), pixels(3, None))),
        (2, (), (frame(0), pixels(1, None), frame(2), pixels(3, BLUE))),
    ],
)
def test_a_broken_animation_shows_its_default_image(
    announced: int, before: tuple[bytes, ...], after: tuple[bytes, ...]
) -> None:
    """A decoder that finds an error reverts to the static image (PNG 3, animation)."""
    data = animation(announced, *before, after=after)
    assert shown(data) == SHOWN
    (plain,) = render_file(data, PLAIN).renditions
    assert getattr(decoded(plain.data), "n_frames", 1) == 1


def test_deep_gray_keeps_its_high_bits() -> None:
    """16 bits are cut to 8, as browsers do."""
    for tones in (b"\x80\xff", b"\x7f\xff", b"\x7f\x80"):
        assert shown(png(tones, 0, 16)) == (*[tones[0]] * 3, 255)


def test_gray_profiles_of_gray_images_only() -> None:
    """A gray profile applies to gray with and without alpha, and not to RGB."""
    profile = gray_profile(1.0)
    assert shown(png(b"\x80", 0, 8, iccp(profile))) == pytest.approx((188, 188, 188, 255), abs=1)
    alpha = shown(png(b"\x80\xc8", 4, 8, iccp(profile)))
    assert alpha == pytest.approx((188, 188, 188, 200), abs=1)
    keyed = shown(png(b"\x80", 0, 8, iccp(profile), key(1)))
    assert keyed == pytest.approx((188, 188, 188, 255), abs=1)
    assert shown(colored(iccp(profile))) == SHOWN
