"""PNG as Pillow can decode it: chunks to pass over, descriptions of color, and color keys.

Sections are those of PNG (third edition), https://www.w3.org/TR/png-3/.
"""

import io
import struct
import zlib

from PIL import Image, ImageChops

from processor.images.decode.apng_check import ANIMATION, count_frames, replacement
from processor.images.decode.color import cicp_profile, gamma_profile, is_known
from processor.images.decode.png_chunks import (
    GRAY,
    PALETTE,
    RGB,
    Chunk,
    chunks,
    completed,
    is_complete,
    layout,
)
from processor.images.decode.png_stream import load_fast
from processor.images.icc import Primaries

MAX_PROFILE = 16 << 20
"""Bytes of a profile, unpacked: as many as JPEG can hold."""
MAX_PILLOW = 1 << 20
"""Bytes of a text or profile, unpacked, above which Pillow refuses the file."""
MAX_TEXT = 1 << 16
"""Bytes of a text that Pillow may read, although nothing needs it: skipping it copies the file."""

MIN_LENGTHS = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"pHYs": 9}
"""Lengths of ancillary chunks; Pillow refuses files with shorter ones."""

INTENTS = (b"\0", b"\1", b"\2", b"\3")
"""Data of a valid sRGB chunk (11.3.2.5)."""

SINGLE = (b"iCCP", b"tRNS")
"""Chunks that count once: the first, although Pillow reads the last."""

TEXTS = (b"tEXt", b"zTXt", b"iTXt")
METADATA = (
    b"XML:com.adobe.xmp", b"Raw profile type exif", b"Raw profile type APP1",
    b"Raw profile type iptc", b"Raw profile type 8bim", b"Author", b"Copyright",
)  # fmt: skip
"""Keywords of texts that are read: XMP, EXIF and IPTC as ImageMagick writes them, and the owner."""

COLOR = (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM")


def decodable(file: bytes) -> bytes:
    """Return the file as Pillow can decode it; it is the same unless it has to change.

    As browsers do, this passes over ancillary chunks with a wrong checksum or length, texts that
    nothing needs, profiles that are too large for Pillow, and animations with errors. Nothing is
    unpacked but profiles and metadata, and of them no more than is allowed. A file that ends early
    gets an end.
    """
    is_cut = not is_complete(file)
    if is_cut:
        file = completed(file)
    kept, place = io.BytesIO(), 0
    frames = count_frames(file, is_cut=is_cut)
    seen: set[bytes] = set()
    for chunk in chunks(file):
        kind = chunk.kind
        changed = None
        if kind in ANIMATION:
            changed = replacement(file, chunk, frames, is_first=kind not in seen)
        elif kind[0] & 0x20 and not _is_harmless(file, chunk, seen):
            changed = b""
        seen.add(kind)
        if changed is not None:
            kept.write(memoryview(file)[place : chunk.start])
            kept.write(changed)
            place = chunk.end
    if not place:
        return file
    kept.write(memoryview(file)[place:])
    return kept.getvalue()


def _is_harmless(file: bytes, chunk: Chunk, seen: set[bytes]) -> bool:
    """Whether Pillow can read an ancillary chunk."""
    if not chunk.is_intact(file) or (chunk.kind in SINGLE and chunk.kind in seen):
        return False
    if chunk.kind in TEXTS:
        return _is_readable_text(file, chunk, seen)
    if chunk.kind == b"iCCP":
        name, _, packed = chunk.data(file).partition(b"\0")
        return bool(name) and packed[:1] == b"\0" and _unpacked(packed[1:], MAX_PILLOW) is not None
    if chunk.kind == b"tRNS":
        return _is_transparency(file, chunk, seen)
    return chunk.length >= MIN_LENGTHS.get(chunk.kind, 0)


def _is_readable_text(file: bytes, chunk: Chunk, seen: set[bytes]) -> bool:
    """Whether a text is metadata that Pillow can unpack, or too short to matter (11.3.3).

    Of several texts with one keyword, no more than one is unpacked.
    """
    keyword, _, rest = chunk.data(file, 100).partition(b"\0")
    packed_from = chunk.start + 8 + len(keyword) + 2
    is_packed = chunk.kind == b"zTXt"
    if chunk.kind == b"iTXt" and rest[:1] != b"\0":
        # After the flag and the method come language and translated keyword, each with a zero.
        is_packed = True
        packed_from += 1
        for _ in range(2):
            packed_from = file.find(b"\0", packed_from, chunk.end - 4) + 1 or chunk.end
    if not is_packed:
        return chunk.length <= (MAX_PILLOW if keyword in METADATA else MAX_TEXT)
    if keyword not in METADATA or keyword in seen:
        return False
    seen.add(keyword)
    return _unpacked(file[packed_from : chunk.end - 4], MAX_PILLOW) is not None


def _is_transparency(file: bytes, chunk: Chunk, seen: set[bytes]) -> bool:
    """Whether a tRNS chunk has the right length and place (11.3.1.1)."""
    header = layout(file)
    if header.color_type == PALETTE and b"PLTE" not in seen:
        return False
    if header.color_type == GRAY and header.bits < 8:
        # Of 16 bits, the low 8 count. Pixels have less, and may equal none.
        return chunk.length >= 2 and chunk.data(file, 2)[1] < 1 << header.bits
    return chunk.length >= {GRAY: 2, RGB: 6}.get(header.color_type, 1)


def _unpacked(packed: bytes, most: int) -> bytes | None:
    """Return unpacked data; None if it is broken or has more than ``most`` bytes."""
    stream = zlib.decompressobj()
    try:
        data = stream.decompress(packed, most)
    except zlib.error:
        return None
    return None if stream.unconsumed_tail else data


def color_profile(file: bytes) -> bytes | None:
    """Return the ICC profile, or one made from cICP or gAMA and cHRM; None for sRGB.

    The first of cICP, iCCP, sRGB, and gAMA with or without cHRM counts (4.3).
    """
    found: dict[bytes, Chunk] = {}
    for chunk in chunks(file):
        if chunk.kind == b"IDAT":
            break
        if chunk.kind in COLOR and chunk.is_intact(file):
            found.setdefault(chunk.kind, chunk)
    read = {kind: chunk.data(file) for kind, chunk in found.items()}
    points = read.get(b"cICP", b"")
    # The specification also has narrow ranges (11.3.2.6), which browsers ignore.
    if points[2:] == b"\0\1" and is_known(points[0], points[1]):
        return cicp_profile(points[0], points[1])
    if b"iCCP" in read and (profile := _unpacked_profile(read[b"iCCP"], MAX_PROFILE)):
        return profile
    gamma = read.get(b"gAMA", b"")
    is_srgb = b"sRGB" in read and read[b"sRGB"] in INTENTS
    if is_srgb or len(gamma) != 4 or not any(gamma):
        return None
    return gamma_profile(int.from_bytes(gamma) / 100_000, _primaries(read.get(b"cHRM", b"")))


def _unpacked_profile(data: bytes, most: int) -> bytes | None:
    """Return the profile in an iCCP chunk's data (11.3.2.3), of no more than ``most`` bytes.

    Unpacks no more bytes than the profile's header names.
    """
    name_end = data.find(b"\0", 0, 80)
    if name_end < 1 or data[name_end + 1 : name_end + 2] != b"\0":
        return None
    packed = data[name_end + 2 :]
    stream = zlib.decompressobj()
    try:
        header = stream.decompress(packed, 128)
        size = int.from_bytes(header[:4])
        if header[36:40] != b"acsp" or not 128 < size <= most:
            return None
        profile = header + stream.decompress(stream.unconsumed_tail, size - 128)
    except zlib.error:
        return None
    return profile if len(profile) == size else None


def _primaries(data: bytes) -> Primaries | None:
    if len(data) != 32:
        return None
    white_x, white_y, *colors = (number / 100_000 for number in struct.unpack(">8I", data))
    red, green, blue = zip(colors[::2], colors[1::2], strict=True)
    return Primaries(red, green, blue, (white_x, white_y))


def prepare_key(handle: Image.Image, file: bytes) -> None:
    """Give an opened image the color key (tRNS, 11.3.1.1) in the tones that Pillow decodes to."""
    key, bits = handle.info.get("transparency"), layout(file).bits
    if isinstance(key, int) and handle.mode == "L":
        tone = key & 0xFF
        handle.info["transparency"] = tone * 255 // ((1 << bits) - 1) if bits < 8 else tone
    elif isinstance(key, tuple) and bits == 8:
        handle.info["transparency"] = tuple(tone & 0xFF for tone in key)


def apply_wide_key(image: Image.Image, file: bytes, size: int = 0) -> Image.Image:
    """Return a decoded image of 16 bits with its color key as alpha, and others unchanged.

    A key has all 16 bits, and Pillow keeps the high 8 of RGB: the file is decoded once more for the
    low ones. ``size`` is as in ``load_fast``.
    """
    key, bits = image.info.get("transparency"), layout(file).bits
    if bits != 16 or key is None:
        return image
    if isinstance(key, int):
        wide = image.convert("I")
        tones = wide.point([tone >> 8 for tone in range(1 << 16)], "L")
        alpha = wide.point([255 * (tone != key) for tone in range(1 << 16)], "L")
        return Image.merge("LA", (tones, alpha))
    low = Image.open(io.BytesIO(file), formats=("PNG",))
    low.tile = [tile._replace(args="RGB;16L") for tile in low.tile]
    load_fast(low, size)
    equal = Image.new("L", image.size, 255)
    for high_band, low_band, tone in zip(image.split(), low.split(), key, strict=True):
        for band, byte in ((high_band, tone >> 8), (low_band, tone & 0xFF)):
            equal = ImageChops.darker(equal, band.point([255 * (n == byte) for n in range(256)]))
    del image.info["transparency"]
    keyed = image.convert("RGBA")
    keyed.putalpha(ImageChops.invert(equal))
    return keyed
