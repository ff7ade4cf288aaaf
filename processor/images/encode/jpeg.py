"""JPEG encoding."""

import struct

from processor.images.canvas import Canvas
from processor.images.describe.owner import IPTC_RESOURCE
from processor.images.encode.metadata import FileMetadata
from processor.images.encode.saving import profile_for, saved, without_unused_alpha
from processor.images.recipe import Jpeg

APP13 = 0xFFED


def write_jpeg(canvas: Canvas, output: Jpeg, metadata: FileMetadata) -> bytes:
    """Encode the first frame as JPEG."""
    image = without_unused_alpha(canvas.image)
    options = {
        "quality": output.quality,
        "subsampling": output.subsampling,
        "exif": metadata.exif,
        "xmp": metadata.xmp,
        "extra": photoshop_segment(metadata.iptc),
        "icc_profile": profile_for(canvas),
    }
    try:
        return saved(
            image,
            "JPEG",
            progressive=output.progressive,
            optimize=output.optimize,
            **options,
        )
    except OSError:
        # libjpeg writes progressive and optimized files at once, and Pillow's buffer of one or two
        # bytes a pixel is too small for noise. Baseline files are written in parts.
        return saved(image, "JPEG", **options)


def photoshop_segment(iptc: bytes) -> bytes:
    """Return IPTC as a JPEG segment, APP13; b"" without IPTC.

    Source: Adobe Photoshop File Formats, "Image Resource Blocks".
    """
    if not iptc:
        return b""
    block = struct.pack(">4sHHL", b"8BIM", IPTC_RESOURCE, 0, len(iptc)) + iptc
    content = b"Photoshop 3.0\0" + block + bytes(len(block) % 2)
    return struct.pack(">HH", APP13, 2 + len(content)) + content
