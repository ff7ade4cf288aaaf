"""Opened images: file, header and decoding memory, checked against the limits."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

# Image.open() imports all of Pillow's plugins when it meets an unknown file. These suffice.
from PIL import (  # noqa: F401
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from processor.images.decode import bmp, gif, heif, png, png_chunks, tiff, truncated, webp
from processor.images.decode.errors import decoder_errors
from processor.images.decode.formats import detect_format
from processor.images.decode.gain_map import has_gain_map
from processor.images.decode.jpeg import count_scans
from processor.images.decode.memory import DecodeMemory, measure
from processor.images.decode.orientation import read_orientation
from processor.images.errors import ImageError
from processor.images.limits import DEFAULT_LIMITS, Limits

# Our own limits, checked from the header, replace Pillow's warning.
Image.MAX_IMAGE_PIXELS = None

OWNERS = (
    "xmp", "XML:com.adobe.xmp", "photoshop", "Author", "Copyright",
    "Raw profile type iptc", "Raw profile type 8bim",
)  # fmt: skip
"""Keys of Pillow's dictionary of an opened image that may name the owner."""


@dataclass(frozen=True, slots=True)
class Header:
    """Properties of an image from its file's header. Sizes are in pixels, of the upright image."""

    format: str
    width: int
    height: int
    orientation: int
    """EXIF orientation, 1 to 8, that decoding doesn't apply."""
    has_alpha: bool
    frames: int
    """Frames of an animation; 1 for a still image."""
    exif: Image.Exif
    embedded: Mapping[str, Any] = field(default_factory=dict)
    """XMP, IPTC and texts, by the names in ``OWNERS`` (``describe/owner.py`` reads them)."""
    has_gain_map: bool = False
    """Whether the file is an HDR image with a gain map, whose base image is rendered."""

    @property
    def facts(self) -> dict[str, str | int]:
        """The fields of a catalog entry."""
        return {
            "format": self.format,
            "width": self.width,
            "height": self.height,
            "frames": self.frames,
            **({"gain_map": True} if self.has_gain_map else {}),
        }


@dataclass(frozen=True, slots=True)
class Source:
    """An image whose header is parsed and within the limits, and whose pixels are not decoded."""

    data: bytes
    """The encoded file."""
    decodable: bytes
    """The same without what only Pillow refuses; mostly ``data`` itself."""
    header: Header
    memory: DecodeMemory
    is_cut: bool = False
    """Whether the file ends before the image does; of some JPEGs, only decoding shows that."""
    _sha256: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def sha256(self) -> str:
        """Hash of the file, in hexadecimal; computed once."""
        if not self._sha256:
            self._sha256.append(hashlib.sha256(self.data).hexdigest())
        return self._sha256[0]

    @property
    def is_negative(self) -> bool:
        """Whether the decoded pixels are still to be inverted."""
        return self.header.format == "tiff" and tiff.as_positive(self.data) is not None

    def reopen(self) -> Image.Image:
        """Return a new Pillow image, whose pixels can be decoded once.

        It isn't kept open: libwebp, libavif and libheif hold a copy of the file, and libwebp a
        canvas.
        """
        handle = _opened(self.header.format.upper(), self.decodable)
        # Pillow would turn a TIFF by an orientation in its XMP.
        handle.info.pop("xmp", None)
        if self.header.format == "png":
            png.prepare_key(handle, self.decodable)
        return handle


def open_source(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Source:
    """Parse the header of ``data`` and check it against ``limits``; decodes no pixels.

    Raises ``ImageError``.
    """
    limits.check_bytes(len(data))
    format_name = detect_format(data)
    frames = _check_before_opening(format_name, data, limits)
    with decoder_errors("read"):
        readable = png.decodable(data) if format_name == "PNG" else data
        handle = _opened(format_name, readable)
    limits.check_size(*handle.size)
    scans = count_scans(data) if format_name == "JPEG" else 1
    limits.check_scans(scans)
    with decoder_errors("read"):
        frames = frames or _count_frames(format_name, handle)
        limits.check_frames(frames, *handle.size)
        has_alpha = handle.has_transparency_data
        memory = measure(format_name.lower(), handle, len(data), frames=frames, scans=scans)
        if readable is not data:
            memory = replace(memory, base=memory.base + len(readable))
        is_cut = _is_cut(format_name, data)
        has_mask = format_name == "BMP" and bool(bmp.alpha_mask(data))
        if is_cut or has_mask:
            memory = memory.with_part(handle.width * handle.height)
        orientation = read_orientation(format_name, readable, handle)
    width, height = handle.size if orientation < 5 else handle.size[::-1]
    header = Header(
        format=format_name.lower(),
        width=width,
        height=height,
        orientation=orientation,
        has_alpha=has_alpha or has_mask,
        frames=frames,
        exif=_exif(format_name, readable, handle),
        embedded={key: handle.info[key] for key in OWNERS if key in handle.info},
        has_gain_map=has_gain_map(format_name, data, handle),
    )
    return Source(data, readable, header, memory, is_cut)


def _is_cut(format_name: str, data: bytes) -> bool:
    match format_name:
        case "PNG":
            return not png_chunks.is_complete(data)
        case "GIF":
            return not gif.is_complete(data)
        case "BMP":
            return not bmp.is_complete(data)
        case "JPEG":
            return not truncated.is_complete(data)
        case _:
            return False


def _opened(format_name: str, data: bytes) -> Image.Image:
    """Return a Pillow image. Raises ``ImageError`` for a valid file that Pillow can't read."""
    if format_name == "TIFF":
        _check_supported(format_name, tiff.misread(data))
        data = tiff.as_positive(data) or data
    elif format_name == "BMP":
        data = bmp.readable(data)
    try:
        return Image.open(io.BytesIO(data), formats=(format_name,))
    except Exception:
        if format_name in ("TIFF", "BMP"):
            reason = (tiff if format_name == "TIFF" else bmp).unsupported(data)
            _check_supported(format_name, reason)
        raise


def _check_supported(format_name: str, unsupported: str | None) -> None:
    if unsupported:
        raise ImageError(
            "unsupported-format",
            f"The {format_name} stores {unsupported}, which the decoder cannot read. "
            "Export the image as PNG and upload that.",
            stores=unsupported,
        )


def _check_before_opening(format_name: str, data: bytes, limits: Limits) -> int | None:
    """Refuse files for which Pillow allocates memory, or crashes, before it returns their size.

    Returns the number of frames for GIF, whose frames Pillow would have to decode to count them.
    """
    if format_name == "GIF":
        found = gif.measure(data, limits.max_frames)
        limits.check_size(found.width, found.height)
        limits.check_frames(found.frames, found.width, found.height)
        return max(1, found.frames)
    if format_name == "WEBP" and (size := webp.size(data)):
        limits.check_size(*size)
    elif format_name == "HEIF":
        with decoder_errors("read"):
            heif.check_items(data)
    return None


def _count_frames(format_name: str, handle: Image.Image) -> int:
    """Return the frames of an animation. A TIFF's pages and a HEIC's images are none."""
    if format_name in ("PNG", "WEBP", "AVIF"):
        frames = getattr(handle, "n_frames", 1)
        return frames - 1 if handle.info.get("default_image") else frames
    return 1


def _exif(format_name: str, data: bytes, handle: Image.Image) -> Image.Exif:
    """Return the EXIF; for broken EXIF, an empty one."""
    if format_name == "PNG" and "exif" not in handle.info:
        # Pillow would decode the pixels to reach a chunk that follows them.
        for chunk in png_chunks.chunks(data):
            if chunk.kind == b"eXIf":
                handle.info["exif"] = b"Exif\0\0" + chunk.data(data)
    try:
        return Image.Image.getexif(handle)
    except Exception:  # noqa: BLE001 - Pillow raises all kinds of errors over broken EXIF
        return Image.Exif()
