"""AVIF encoding by SVT-AV1 or aom."""

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from PIL import Image

from processor.images.canvas import Canvas
from processor.images.decode.heif import REPEATED, boxes
from processor.images.encode.auto import is_graphic
from processor.images.encode.metadata import FileMetadata
from processor.images.encode.saving import (
    bare,
    profile_for,
    saved,
    without_unused_alpha,
)
from processor.images.encode.svt import SvtError, encode_svt
from processor.images.recipe import Avif

SVT_MAX_SPEED = 8
"""Speed up to which SVT-AV1 is 3 to 10 times faster than aom. Above, aom is better; its files of
graphics are a quarter smaller at any speed."""

TOTALS = {b"mvhd": 24, b"tkhd": 28}
"""Offsets of the duration of all plays."""

AOM_SPEED = 6
"""The default. Below, files are as small as they can be; from here on, aom tries fewer tools."""
FEWER_TOOLS = {
    "enable-filter-intra": "0",
    "enable-smooth-intra": "0",
    "enable-flip-idtx": "0",
    "min-partition-size": "8",
    "reduced-tx-type-set": "1",
}
"""Tools of aom that cost an eighth of its time and gain no SSIMULACRA2 at equal size."""

SAME_QUALITY: Sequence[tuple[int, int]] = (
    (0, 0), (20, 18), (35, 28), (50, 43), (65, 58), (80, 78), (90, 89), (100, 99),
)  # fmt: skip
"""Qualities of aom, and of SVT-AV1 with the same SSIMULACRA2 score (within 2, on photographs).
At 100, which is lossless, SVT-AV1 4.1 distorts the colors."""


def write_avif(
    canvas: Canvas,
    output: Avif,
    metadata: FileMetadata,
    encode_svt: Callable[[Image.Image, int, int, int, FileMetadata, bytes], bytes] = encode_svt,
) -> bytes:
    """Encode all frames as AVIF."""
    profile = profile_for(canvas)
    if len(canvas.frames) == 1:
        image = without_unused_alpha(canvas.image)
        if _suits_svt(image, output):
            try:
                # One speed step faster, SVT-AV1's files are about as large as aom's.
                speed = min(10, output.speed + 1)
                return encode_svt(
                    image,
                    svt_quality(output.quality),
                    speed,
                    _threads(),
                    metadata,
                    profile or b"",
                )
            except SvtError:
                pass  # not installed, or a side is not 4 to 16384 pixels: aom has no such limit
        return saved(image, "AVIF", **_aom(output, metadata, profile))
    data = saved(
        canvas.image,
        "AVIF",
        save_all=True,
        append_images=[bare(frame) for frame in canvas.frames[1:]],
        duration=list(canvas.durations),
        # Chromium 156 reads all tracks as such: colors of full range get too much contrast.
        range="limited",
        **_aom(output, metadata, profile),
    )
    return _played(data, canvas.loop, sum(canvas.durations))


def _played(data: bytes, plays: int, duration: int) -> bytes:
    """Return an animation with its number of plays, and with timestamps of 0.

    libavif writes animations that are played forever, with the time. Equal images get equal files.
    ``duration`` is that of one play, in milliseconds, which are the file's units. Source: ISO/IEC
    14496-12, 8.2.2, 8.3.2, 8.4.2 and 8.6.6 (boxes of version 1, with 8-byte times).
    """
    written = bytearray(data)
    for kind, start in _timed_boxes(data):
        if kind != b"elst":
            written[start + 4 : start + 20] = bytes(16)
        if plays and kind in TOTALS:
            at = start + TOTALS[kind]
            written[at : at + 8] = (plays * duration).to_bytes(8)
        elif plays == 1 and kind == b"elst":
            written[start + 3] &= ~REPEATED
    return bytes(written)


def _timed_boxes(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield type and start of the content of each box with times."""
    parts = [(0, len(data))]
    for part in parts:
        for kind, start, end in boxes(data, *part):
            if kind in (b"moov", b"trak", b"edts", b"mdia"):
                parts.append((start, end))
            elif kind in (b"mvhd", b"tkhd", b"mdhd", b"elst"):
                yield kind, start


def _suits_svt(image: Image.Image, output: Avif) -> bool:
    if output.encoder == "auto":
        return output.speed <= SVT_MAX_SPEED and not is_graphic(image)
    return output.encoder == "svt"


def _aom(output: Avif, metadata: FileMetadata, profile: bytes | None) -> dict[str, object]:
    return {
        "advanced": FEWER_TOOLS if output.speed >= AOM_SPEED else {},
        "codec": "aom",
        "quality": output.quality,
        "speed": output.speed,
        "max_threads": _threads(),
        "exif": metadata.exif,
        "xmp": metadata.xmp,
        "icc_profile": profile,
    }


def _threads() -> int:
    return os.process_cpu_count() or 1


def svt_quality(quality: int) -> int:
    """Return the quality of SVT-AV1 that looks like aom's ``quality``."""
    (low, svt_low), (high, svt_high) = next(
        pair for pair in pairwise(SAME_QUALITY) if quality <= pair[1][0]
    )
    return round(svt_low + (quality - low) * (svt_high - svt_low) / (high - low))
