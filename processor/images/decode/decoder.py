"""Decoding of an opened image to a canvas, at the smallest size that its renditions need."""

import io
import math
from dataclasses import replace

from PIL import Image

from processor.images.canvas import Canvas
from processor.images.decode import apng, bmp, gif, heif, png, png_chunks, png_part
from processor.images.decode.animation import MAX_PLAYS, compose, first, shown
from processor.images.decode.errors import decoder_errors
from processor.images.decode.jpeg import DRAFT_MARGIN
from processor.images.decode.partial import loaded, with_rows
from processor.images.decode.png_stream import load_fast
from processor.images.decode.profile import profile_of
from processor.images.decode.source import Source
from processor.images.decode.truncated import decode_part
from processor.images.steps.channels import look_up
from processor.images.steps.standardize import standardize
from processor.images.steps.to_srgb import to_srgb

NEGATIVE = list(range(255, -1, -1))

LONGEST_EXACT, LONGEST = 65_000, 655_000
"""Milliseconds. PNG stores exact durations up to ``LONGEST_EXACT``; PNG and GIF store hundredths
of a second up to ``LONGEST``. The bounds are for whole animations: equal frames are written as
one."""


def decode(source: Source, scale: float, *, animated: bool = False) -> Canvas:
    """Decode an image at the smallest size that serves renditions of ``scale``.

    ``scale`` is the largest rendition's size divided by the original's. Only JPEG can be decoded
    smaller than it is. All frames of an animation are decoded if ``animated``, else the first.
    Raises ``ImageError``.
    """
    header = source.header
    with decoder_errors("decoded"):
        image = source.reopen()
        profile = profile_of(source, image)
        if animated and header.frames > 1:
            try:
                return _decode_frames(image, source, profile)
            except Exception as error:
                if isinstance(error, MemoryError) or not _has_default_image(source):
                    raise
                image = source.reopen()
        match header.format:
            case "gif":
                frame = next(gif.frames(source.data))
                canvas = Canvas((first(image.size, frame),), profile=profile)
                return replace(canvas, is_truncated=source.is_cut)
            case "jpeg":
                return _decode_jpeg(source, image, scale, profile)
            case "png":
                return _decode_png(source, image, profile)
            case "bmp":
                return _decode_bmp(source, image)
        size = image.size
        image.load()
        # HEIC decoders return the size that they find, whatever the header says.
        if image.size != size:
            raise ValueError(f"{size} pixels in the header, {image.size} in the image")
        if source.is_negative:
            positive = standardize(Canvas((image,))).image
            image = look_up(positive, NEGATIVE)
    return Canvas((image,), profile=profile, orientation=header.orientation)


def _has_default_image(source: Source) -> bool:
    """Whether an animation that can't be decoded shows its default image: PNG, if it is whole."""
    return source.header.format == "png" and png_chunks.is_complete(source.data)


def _decode_png(source: Source, image: Image.Image, profile: bytes | None) -> Canvas:
    if source.is_cut:
        image = png_part.decode_part(source.decodable)
    else:
        load_fast(image)
        image = png.apply_wide_key(image, source.decodable)
    return Canvas(
        (image,),
        profile=profile,
        orientation=source.header.orientation,
        is_truncated=source.is_cut,
    )


def _decode_bmp(source: Source, image: Image.Image) -> Canvas:
    if source.is_cut:
        rows = bmp.stored_rows(source.data)
        shown = with_rows(bmp.apply_alpha(loaded(image), source.data), *rows)
    else:
        image.load()
        shown = bmp.apply_alpha(image, source.data)
    return Canvas((shown,), is_truncated=source.is_cut)


def _decode_jpeg(source: Source, image: Image.Image, scale: float, profile: bytes | None) -> Canvas:
    is_truncated = source.is_cut
    _draft(image, scale)
    try:
        image.load()
    except OSError as error:
        if "truncated" not in str(error):
            raise
        is_truncated = True
        image, rows = decode_part(
            source.data,
            lambda data: _draft(Image.open(io.BytesIO(data), formats=("JPEG",)), scale),
        )
        if rows < image.height:
            if image.mode == "CMYK":  # which has no transparency
                colored = to_srgb(Canvas((image,), profile=profile))
                image, profile = colored.image, colored.profile
            image = with_rows(image, 0, rows)
    return Canvas(
        (image,),
        profile=profile,
        orientation=source.header.orientation,
        is_truncated=is_truncated,
    )


def _draft(image: Image.Image, scale: float) -> Image.Image:
    """Have a JPEG decoded no larger than ``scale`` needs."""
    draft = min(1.0, scale * DRAFT_MARGIN)
    image.draft(None, (math.ceil(image.width * draft), math.ceil(image.height * draft)))
    return image


def _decode_frames(handle: Image.Image, source: Source, profile: bytes | None) -> Canvas:
    header = source.header
    frames, durations = [], []
    match header.format:
        case "gif":
            loop, stored = gif.plays(source.data), list(gif.frames(source.data))
        case "png":
            loop = handle.info.get("loop", 0)
            stored = list(apng.frames(source.decodable, is_cut=source.is_cut))
        case "avif":
            loop, stored = heif.plays(source.data), []
        case _:
            loop, stored = handle.info.get("loop", 0), []
    if stored:
        frames = list(compose(handle.size, stored[: header.frames]))
        durations = [shown(frame.duration) for frame in stored[: header.frames]]
    else:
        for number in range(header.frames):
            handle.seek(number)
            handle.load()
            frames.append(handle.copy())
            durations.append(shown(handle.info.get("duration") or 0))
    if len(frames) < header.frames:
        raise EOFError(f"{len(frames)} frames of {header.frames}")
    if sum(durations) > LONGEST_EXACT:
        longest = LONGEST // len(durations)
        durations = [max(10, min(each, longest) // 10 * 10) for each in durations]
    return Canvas(
        tuple(frames),
        tuple(durations),
        min(loop, MAX_PLAYS),
        profile=profile,
        is_truncated=source.is_cut,
        orientation=header.orientation,
    )
