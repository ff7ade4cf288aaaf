"""AVIF encoding by SVT-AV1 or aom."""

import os
from collections.abc import Callable, Sequence
from itertools import pairwise

from PIL import Image

from processor.images.canvas import Canvas
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
        **_aom(output, metadata, profile),
    )
    return _without_timestamps(data)


def _without_timestamps(data: bytes) -> bytes:
    """Return an animation with its timestamps set to 0: equal images get equal files.

    Source: ISO/IEC 14496-12, 8.2.2, 8.3.2 and 8.4.2 (boxes of version 1, with 8-byte times).
    """
    cleared = bytearray(data)
    for box in (b"mvhd\1", b"tkhd\1", b"mdhd\1"):
        place = data.find(box)
        while place >= 0:
            cleared[place + 8 : place + 24] = bytes(16)
            place = data.find(box, place + 1)
    return bytes(cleared)


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
