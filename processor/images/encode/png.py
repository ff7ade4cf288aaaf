"""PNG encoding. Sections are those of PNG (third edition), https://www.w3.org/TR/png-3/."""

import struct
from collections.abc import Iterator

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from zlib_ng import zlib_ng

from processor.images.canvas import Canvas
from processor.images.encode.metadata import FileMetadata
from processor.images.encode.palette import (
    Reduced,
    exact,
    reduced,
)
from processor.images.encode.png_filters import packed_bits
from processor.images.encode.png_rows import deflated
from processor.images.encode.saving import (
    bare,
    profile_for,
    saved,
    without_unused_alpha,
)
from processor.images.recipe import Png

XMP_TEXT = b"XML:com.adobe.xmp" + bytes(5)
"""Start of a text chunk with XMP: keyword, uncompressed, no language (section 11.3.3.4)."""

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOR_TYPES = {"L": 0, "RGB": 2, "P": 3, "RGBA": 6}
"""Section 11.2.1."""


def write_png(canvas: Canvas, output: Png, metadata: FileMetadata) -> bytes:
    """Encode all frames as PNG."""
    if len(canvas.frames) > 1:
        return _animated(canvas, output, metadata)
    image = without_unused_alpha(canvas.image)
    few = reduced(image, output.colors, dither=output.dither) if output.colors else exact(image)
    return _file(few or Reduced(image), metadata, profile_for(canvas))


def _file(indexed: Reduced, metadata: FileMetadata, profile: bytes | None) -> bytes:
    return SIGNATURE + b"".join(_chunk(*chunk) for chunk in _chunks(indexed, metadata, profile))


def _chunks(
    indexed: Reduced, metadata: FileMetadata, profile: bytes | None
) -> Iterator[tuple[bytes, bytes]]:
    image = indexed.image
    bits = packed_bits(image) if image.mode == "P" else 8
    header = struct.pack(">IIBBBBB", *image.size, bits, COLOR_TYPES[image.mode], 0, 0, 0)
    yield b"IHDR", header
    if profile and image.mode != "L":
        yield b"iCCP", b"ICC profile\0\0" + zlib_ng.compress(profile)
    if metadata.exif:
        yield b"eXIf", metadata.exif.removeprefix(b"Exif\0\0")
    if metadata.xmp:
        yield b"iTXt", XMP_TEXT + metadata.xmp
    if image.mode == "P":
        yield b"PLTE", bytes(image.getpalette() or ())
        if alphas := indexed.alphas.rstrip(b"\xff"):
            yield b"tRNS", alphas
    yield b"IDAT", deflated(image)
    yield b"IEND", b""


def _chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk with its length and checksum (section 5.3)."""
    check = zlib_ng.crc32(data, zlib_ng.crc32(kind))
    return b"".join((struct.pack(">I", len(data)), kind, data, struct.pack(">I", check)))


def _animated(canvas: Canvas, output: Png, metadata: FileMetadata) -> bytes:
    frames, transparency = canvas.frames, {}
    texts = PngInfo()
    if metadata.xmp:
        texts.add(b"iTXt", XMP_TEXT + metadata.xmp)
    if output.colors:
        few = reduced(_stacked(frames), output.colors, dither=output.dither)
        frames = _unstacked(few.image, len(frames))
        transparency = {"transparency": few.alphas} if few.alphas else {}
    return saved(
        frames[0],
        "PNG",
        save_all=True,
        append_images=[bare(frame) for frame in frames[1:]],
        duration=list(canvas.durations),
        loop=canvas.loop,
        exif=metadata.exif,
        pnginfo=texts,
        icc_profile=profile_for(canvas),
        **transparency,
    )


def _stacked(frames: tuple[Image.Image, ...]) -> Image.Image:
    """Return all frames as one image: an animated PNG has one palette (section 5.6)."""
    width, height = frames[0].size
    stack = Image.new(frames[0].mode, (width, height * len(frames)))
    for number, frame in enumerate(frames):
        stack.paste(frame, (0, number * height))
    return stack


def _unstacked(stack: Image.Image, count: int) -> tuple[Image.Image, ...]:
    height = stack.height // count
    tops = range(0, stack.height, height)
    return tuple(stack.crop((0, top, stack.width, top + height)) for top in tops)
