"""From bytes to a decoded picture: recognized by content, checked by its header, then decoded."""

import io
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# Image.open would import every plugin that Pillow has on meeting an odd file: these are all.
from PIL import (  # noqa: F401
    AvifImagePlugin,
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from processor.images.canvas import Canvas
from processor.images.decode import (
    gif,
    heif,
    webp,
)
from processor.images.decode.jpeg import count_scans
from processor.images.errors import ImageError
from processor.images.limits import Limits

# Our own limits, checked from the header, stand in for Pillow's warning.
Image.MAX_IMAGE_PIXELS = None

DECODED_GAP = 1.4
"""How much larger than the largest rendition a JPEG is decoded. At 1.0 the decoder's own scaling
shows: 10 dB PSNR are lost before encoding."""

SIGNATURES = {
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "WEBP": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "GIF": re.compile(rb"GIF8[79]a"),
    "TIFF": re.compile(rb"II\*\0|MM\0\*"),
    "BMP": re.compile(rb"BM"),
}
"""How the files of each accepted format begin, beside those that ``heif`` knows."""

EXACT, LONGEST = 65_000, 655_000
"""Milliseconds of an animation up to which PNG can tell each of them, and up to which PNG and GIF
can tell hundredths of a second, even if all frames are equal: those are written as one."""

TURNED_BY_DECODER = ("TIFF", "HEIF")
"""Formats whose decoders apply the orientation themselves."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of its picture. Sizes are in pixels, as a person sees the picture."""

    format: str
    width: int
    height: int
    orientation: int
    """EXIF orientation, 1 to 8."""
    has_alpha: bool
    frames: int
    """Pictures of an animation; 1 if it is none."""
    exif: Image.Exif

    @property
    def facts(self) -> dict[str, str | int]:
        """What the catalog says of it."""
        return {
            "format": self.format,
            "width": self.width,
            "height": self.height,
            "frames": self.frames,
        }


@dataclass(frozen=True, slots=True)
class Source:
    """A picture that was opened and found acceptable; not decoded yet."""

    header: Header
    handle: Image.Image
    file_bytes: int
    scans: int = 1
    """Passes over the picture that a JPEG makes."""


def recognize(data: bytes) -> str:
    """The format's name for Pillow, by the file's first bytes and never by its name."""
    for format_name, signature in SIGNATURES.items():
        if signature.match(data):
            return format_name
    format_name = heif.recognize(data) or ""
    if format_name == "HEIF" and not heif.register():
        raise ImageError(
            "unsupported-format",
            "The file is a HEIC picture, and this installation lacks pi-heif, which reads them. "
            "Upload it as JPEG.",
        )
    if format_name:
        return format_name
    raise ImageError(
        "unsupported-format",
        "The file is not a picture that can be read. Accepted: JPEG, PNG, WebP, AVIF, HEIC, GIF, "
        "TIFF and BMP.",
    )


def inspect(data: bytes, limits: Limits) -> Source:
    """Read the header of ``data`` and hold it against ``limits``; decodes no pixel.

    Raises ``ImageError``.
    """
    limits.check_bytes(len(data))
    format_name = recognize(data)
    frames = _check_before_opening(format_name, data, limits)
    with _refusing("read"):
        handle = Image.open(io.BytesIO(data), formats=(format_name,))
    limits.check_size(*handle.size)
    scans = count_scans(data) if format_name == "JPEG" else 1
    limits.check_scans(scans)
    with _refusing("read"):
        frames = frames or _count_frames(format_name, handle)
        limits.check_frames(frames, *handle.size)
        has_alpha = handle.has_transparency_data
    exif, orientation = _exif(format_name, data, handle)
    if format_name in TURNED_BY_DECODER:
        orientation = 1
    width, height = handle.size if orientation < 5 else handle.size[::-1]
    header = Header(
        format=format_name.lower(),
        width=width,
        height=height,
        orientation=orientation,
        has_alpha=has_alpha,
        frames=frames,
        exif=exif,
    )
    return Source(header, handle, len(data), scans)


def _exif(format_name: str, data: bytes, handle: Image.Image) -> tuple[Image.Exif, int]:
    """The file's EXIF, and the orientation that it tells; broken EXIF is none.

    Pillow would decode a PNG to find what stands after its pixels.
    """
    if format_name == "PNG" and "exif" not in handle.info:
        place = data.rfind(b"eXIf")
        if place >= 4:
            length = int.from_bytes(data[place - 4 : place])
            handle.info["exif"] = b"Exif\0\0" + data[place + 4 : place + 4 + length]
    try:
        exif = Image.Image.getexif(handle)
        orientation = exif.get(ExifTags.Base.Orientation, 1)
        return exif, int(orientation) if orientation in range(1, 9) else 1
    except Exception:  # noqa: BLE001  # what hostile EXIF does to its parser is not foreseeable
        return Image.Exif(), 1


def _check_before_opening(format_name: str, data: bytes, limits: Limits) -> int | None:
    """Refuse what takes its memory before Pillow tells how much that is, and what crashes it.

    Answers how many frames there are, where Pillow would have to decode them to tell.
    """
    if format_name == "GIF":
        found = gif.measure(data, limits.max_frames)
        limits.check_size(found.width, found.height)
        limits.check_frames(found.frames, found.width, found.height)
        return max(1, found.frames)
    if format_name == "WEBP" and (size := webp.size(data)):
        limits.check_size(*size)
    elif format_name == "HEIF":
        with _refusing("read"):
            heif.check_items(data)
    return None


def _count_frames(format_name: str, handle: Image.Image) -> int:
    """Pictures of an animation. The pages of a TIFF and the pictures of a HEIC are none."""
    if format_name in ("PNG", "WEBP", "AVIF"):
        frames = getattr(handle, "n_frames", 1)
        return frames - 1 if handle.info.get("default_image") else frames
    return 1


def decode(source: Source, scale: float, *, animated: bool = False) -> Canvas:
    """Decode the picture at the smallest size that serves renditions of ``scale``.

    ``scale`` is the largest rendition's size divided by the original's. Only JPEG can be decoded
    smaller than it is; other formats come whole. Of an animation all frames are decoded if
    ``animated`` asks for them. Raises ``ImageError``.
    """
    header, image = source.header, source.handle
    profile = image.info.get("icc_profile")
    with _refusing("decoded"):
        if animated and header.frames > 1:
            return _decode_frames(source, profile)
        if header.format == "jpeg":
            gap = min(1.0, scale * DECODED_GAP)
            image.draft(None, (math.ceil(image.width * gap), math.ceil(image.height * gap)))
        size = image.size
        image.load()
        # Decoders of HEIC give the size that they find, whatever the header said.
        if image.size != size:
            raise ValueError(f"{size} pixels in the header, {image.size} in the picture")
    return Canvas((image,), profile=profile, orientation=header.orientation)


def _decode_frames(source: Source, profile: bytes | None) -> Canvas:
    header, handle = source.header, source.handle
    # An animated PNG may begin with a picture for programs that show no animations.
    first = 1 if handle.info.get("default_image") else 0
    size, frames, durations = handle.size, [], []
    for number in range(first, first + header.frames):
        handle.seek(number)
        handle.load()
        # A frame of a GIF that stands over the canvas makes that larger, from there on.
        frames.append(handle.copy() if handle.size == size else handle.crop((0, 0, *size)))
        durations.append(round(handle.info.get("duration") or 0))
    if sum(durations) > EXACT:
        longest = LONGEST // len(durations)
        durations = [max(10, min(each, longest) // 10 * 10) for each in durations]
    # A GIF that does not say how often it is played is played once.
    loop = handle.info.get("loop", 1 if header.format == "gif" else 0)
    return Canvas(
        tuple(frames), tuple(durations), loop, profile=profile, orientation=header.orientation
    )


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    """Turn whatever a decoder makes of broken bytes into one ``ImageError``.

    Decoders raise nearly every built-in exception on hostile input, so all are caught here; only
    a lack of memory is not the picture's fault.
    """
    try:
        yield
    except (ImageError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, EOFError) or "truncated" in str(error).lower():
            raise ImageError(
                "truncated",
                "The file ends before the picture does. Upload it again.",
                decoder=str(error),
            ) from error
        raise ImageError(
            "corrupt",
            f"The file is damaged: it cannot be {what}. Export it again and upload the new file.",
            decoder=f"{type(error).__name__}: {error}",
        ) from error
