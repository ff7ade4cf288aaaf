"""Scan count of a JPEG before it is decoded."""

import struct
from collections.abc import Callable

import pytest

from processor.images.decode.decoder import decode
from processor.images.decode.jpeg import count_scans
from processor.images.decode.source import open_source
from processor.images.errors import ImageError
from tests.unit.processor.images.sample_images import encoded, quarters


@pytest.mark.parametrize(("progressive", "scans"), [(False, 1), (True, 10)])
def test_counts_scans(progressive: bool, scans: int) -> None:  # noqa: FBT001
    """A baseline image has one scan, a progressive one the usual ten."""
    assert count_scans(encoded(quarters(), "JPEG", progressive=progressive)) == scans


def test_what_is_appended_does_not_count() -> None:
    """Appended data is ignored: phones append videos, in which any bytes may occur."""
    data = encoded(quarters(), "JPEG") + b"\xff\xda" * 5000
    assert count_scans(data) == 1
    open_source(data)


@pytest.mark.parametrize("name", ["earth.jpg", "flower.jpg", "mountains.jpg", "raccoon.jpg"])
def test_real_photographs_pass(name: str, sample: Callable[[str], bytes]) -> None:
    """EXIF, profiles and thumbnails before the image are skipped."""
    assert 1 <= count_scans(sample(name)) <= 12


@pytest.mark.parametrize("data", [b"\xff\xd8", b"\xff\xd8\xff\xe0\xff", b"\xff\xd8\xff\xda\0\0"])
def test_broken_files_end(data: bytes) -> None:
    """Counting ends in a file that is truncated within a segment."""
    assert count_scans(data) in (0, 1)


def test_refuses_endless_progressive_images() -> None:
    """Thousands of repeated scans are refused: they cost minutes and few bytes."""
    data = encoded(quarters(800, 800), "JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    bomb = data[:-2] + data[start:-2] * 3000 + data[-2:]
    assert len(bomb) < 10_000_000
    with pytest.raises(ImageError) as refusal:
        open_source(bomb)
    assert refusal.value.code == "too-many-scans"


def test_profiles_in_several_segments(wide_gamut: bytes) -> None:
    """A profile counts if all of its segments are there, once and in any order."""
    profile = struct.pack(">I", 90_000) + wide_gamut[4:].ljust(89_996, b"\0")
    data = encoded(quarters(), "JPEG", icc_profile=profile)
    first, second = b"ICC_PROFILE\0\1\2", b"ICC_PROFILE\0\2\2"

    def used(*changes: tuple[bytes, bytes]) -> bytes | None:
        changed = data
        for before, after in changes:
            assert before in changed
            changed = changed.replace(before, after)
        return decode(open_source(changed), 1.0).profile

    assert used() == profile
    half = profile[:65_519]
    swapped = used((first, b"ICC_PROFILE\0\3\2"), (second, first), (b"ICC_PROFILE\0\3\2", second))
    assert swapped == profile[len(half) :] + half
    for wrong in (b"\2\3", b"\1\2", b"\3\2", b"\0\2"):
        assert used((second, b"ICC_PROFILE\0" + wrong)) is None
