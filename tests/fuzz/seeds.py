"""Fuzzing seeds: small images of every format and feature."""

import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

Seeds = Iterator[tuple[str, bytes]]

TEXT = 255
"""First byte of an input that is the text of a watermark."""

WIDTH, HEIGHT = 24, 17
TIFF_COMPRESSIONS = (
    "raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "group3", "group4", "zstd", "lzma",
)  # fmt: skip


def seeds() -> Seeds:
    """Yield name and bytes of each image."""
    for makers in (_jpeg, _png, _webp, _avif, _gif, _tiff, _bmp):
        yield from makers()


def drawing(mode: str = "RGB", shift: int = 0) -> Image.Image:
    """Return an image with edges, gradients and, in modes with alpha, holes."""
    image = Image.linear_gradient("L").resize((WIDTH, HEIGHT)).convert("RGBA")
    draw = ImageDraw.Draw(image)
    draw.rectangle((2 + shift, 2, 9 + shift, 9), fill=(200, 30, 60, 255))
    draw.ellipse((8, 6 + shift, 20, 14 + shift), fill=(20, 90, 220, 120))
    draw.line((0, 16, 23, shift), fill=(0, 0, 0, 0))
    if mode in ("RGBA", "LA"):
        return image.convert(mode)
    if mode == "I;16":
        return image.convert("L").convert("I").point(lambda tone: tone * 257).convert("I;16")
    return image.convert("RGB").convert(mode)


def saved(image: Image.Image, format_name: str, **options: object) -> bytes:
    """Return the bytes of an image file."""
    file = io.BytesIO()
    image.save(file, format_name, **options)
    return file.getvalue()


def metadata() -> Image.Exif:
    """Return EXIF with orientation, camera, location and thumbnail pointers."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8298] = 6, "Camera", "Somebody"
    exif.get_ifd(0x8769).update({0x829A: 0.01, 0x9003: "2024:05:31 10:20:30", 0x927C: b"note"})
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 1.5), 3: "E", 4: (13.0, 2.0, 3.0)})
    return exif


def profile(space: str = "sRGB") -> bytes:
    """Return an ICC profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()  # type: ignore[arg-type]


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def interlaced() -> bytes:
    """Return an Adam7 PNG, which Pillow reads but doesn't write (PNG, third edition, section 8)."""
    gray = drawing("L")
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2))
    rows = b""
    for left, top, across, down in (*passes, (0, 1, 1, 2)):
        for y in range(top, HEIGHT, down):
            places = [(x, y) for x in range(left, WIDTH, across)]
            rows += b"\0" + bytes(int(gray.getpixel(place)) for place in places)  # type: ignore[arg-type]
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 1)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def sixteen_bit(color_type: int, channels: int) -> bytes:
    """Return a PNG of 16 bits a channel, which Pillow reads but mostly doesn't write."""
    row = b"\0" + bytes(range(WIDTH * channels * 2))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, color_type, 0, 0, 0)
    data = zlib.compress(row * HEIGHT)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", data), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def run_lengths(bits: int) -> bytes:
    """Return a BMP of 12 x 8 pixels of 4 or 8 bits with runs, literal pixels and a jump."""
    colors = b"".join(bytes((n, n, n, 0)) for n in range(1 << bits))
    literal = (1, 2, 3, 4) if bits == 8 else (0x12, 0x34)
    body = bytes((8, 0x12, 0, 4, *literal, 0, 0)) * 7 + bytes((0, 2, 4, 0, 8, 1, 0, 1))
    start = 14 + 40 + len(colors)
    head = struct.pack("<2sIHHI", b"BM", start + len(body), 0, 0, start)
    info = struct.pack(
        "<IiiHHIIiiII", 40, 12, 8, 1, bits, 1 if bits == 8 else 2, len(body), 0, 0, 1 << bits, 0
    )
    return head + info + colors + body


def _jpeg() -> Seeds:
    for mode in ("L", "RGB", "CMYK"):
        yield f"{mode}.jpg", saved(drawing(mode), "JPEG")
        yield f"{mode}-progressive.jpg", saved(drawing(mode), "JPEG", progressive=True)
    plain = {"subsampling": "4:4:4", "quality": 30, "restart_marker_rows": 1}
    yield "restarts.jpg", saved(drawing(), "JPEG", **plain)
    yield "exif.jpg", saved(drawing(), "JPEG", exif=metadata(), comment=b"comment")
    yield "icc.jpg", saved(drawing(), "JPEG", icc_profile=profile())
    mpo = {"save_all": True, "append_images": [drawing(shift=2)]}
    yield "two.mpo", saved(drawing(), "MPO", **mpo)


def _png() -> Seeds:
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        yield f"{mode.replace(';', '-')}.png", saved(drawing(mode), "PNG")
    yield "2-bit.png", saved(drawing().quantize(4), "PNG", bits=2)
    yield "key.png", saved(drawing(), "PNG", transparency=(200, 30, 60))
    yield "key-gray.png", saved(drawing("L"), "PNG", transparency=9)
    yield "key-palette.png", saved(drawing("P"), "PNG", transparency=bytes(range(200)))
    yield "exif.png", saved(drawing(), "PNG", exif=metadata(), icc_profile=profile())
    text = PngImagePlugin.PngInfo()
    text.add_text("Title", "text", zip=True)
    text.add_itxt("XML:com.adobe.xmp", "<x/>", zip=True)
    text.add_text("Author", "somebody")
    yield "text.png", saved(drawing("L"), "PNG", pnginfo=text, dpi=(72, 72))
    for default in (False, True):
        options = _animation(default_image=default, blend=1, disposal=2)
        yield f"animated-{default:d}.png", saved(drawing("RGBA"), "PNG", **options)
    yield "interlaced.png", interlaced()
    for name, color_type, channels in (("rgb", 2, 3), ("la", 4, 2), ("rgba", 6, 4)):
        yield f"16-bit-{name}.png", sixteen_bit(color_type, channels)


def _webp() -> Seeds:
    for lossless in (False, True):
        for mode in ("RGB", "RGBA"):
            name = f"{mode}-{lossless:d}.webp"
            yield name, saved(drawing(mode), "WEBP", lossless=lossless)
        options = _animation(lossless=lossless)
        yield f"animated-{lossless:d}.webp", saved(drawing("RGBA"), "WEBP", **options)
    yield "exif.webp", saved(drawing(), "WEBP", exif=metadata(), icc_profile=profile(), xmp=b"<x/>")


def _avif() -> Seeds:
    for mode in ("L", "RGB", "RGBA"):
        yield f"{mode}.avif", saved(drawing(mode), "AVIF", subsampling="4:4:4")
    yield "small.avif", saved(drawing(), "AVIF", subsampling="4:2:0", quality=20)
    yield "animated.avif", saved(drawing(), "AVIF", **_animation())
    yield "exif.avif", saved(drawing(), "AVIF", exif=metadata(), icc_profile=profile())


def _gif() -> Seeds:
    for interlace in (0, 1):
        yield f"still-{interlace}.gif", saved(drawing("P"), "GIF", interlace=interlace)
    yield "key.gif", saved(drawing("RGBA"), "GIF", comment=b"comment")
    for disposal in (0, 1, 2, 3):
        options = _animation(disposal=disposal)
        yield f"animated-{disposal}.gif", saved(drawing("RGBA"), "GIF", **options)


def _tiff() -> Seeds:
    for compression in TIFF_COMPRESSIONS:
        mode = "1" if compression.startswith("group") else "RGB"
        yield f"{compression}.tif", saved(drawing(mode), "TIFF", compression=compression)
    for mode in ("1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "I", "F"):
        yield f"{mode.replace(';', '-')}.tif", saved(drawing(mode), "TIFF")
    pages = {"save_all": True, "append_images": [drawing("L")]}
    yield "pages.tif", saved(drawing(), "TIFF", **pages)
    predicted = {"compression": "tiff_lzw", "tiffinfo": {317: 2}}
    yield "predictor.tif", saved(drawing(), "TIFF", **predicted)
    yield "exif.tif", saved(drawing(), "TIFF", exif=metadata(), icc_profile=profile())
    yield "big-endian.tif", _big_endian()
    yield "tiled.tif", _tiled()


def _bmp() -> Seeds:
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        yield f"{mode}.bmp", saved(drawing(mode), "BMP")
    for bits in (4, 8):
        yield f"run-lengths-{bits}.bmp", run_lengths(bits)
    rgb = saved(drawing(), "BMP")
    yield "top-down.bmp", rgb[:22] + struct.pack("<i", -HEIGHT) + rgb[26:]


def _animation(**options: object) -> dict[str, object]:
    frames = [drawing("RGBA", shift) for shift in (2, 4)]
    return {"save_all": True, "append_images": frames, "duration": [40, 70, 100], **options}


def _big_endian() -> bytes:
    """Return a big-endian gray TIFF in two strips."""
    gray = drawing("L").tobytes()
    half = WIDTH * 9
    strips = 8 + len(gray) + len(gray) % 2
    directory = strips + 16
    tags = (
        (256, 3, 1, WIDTH << 16), (257, 3, 1, HEIGHT << 16), (258, 3, 1, 8 << 16),
        (259, 3, 1, 1 << 16), (262, 3, 1, 1 << 16), (273, 4, 2, strips), (277, 3, 1, 1 << 16),
        (278, 3, 1, 9 << 16), (279, 4, 2, strips + 8),
    )  # fmt: skip
    return (
        b"MM\0*" + struct.pack(">I", directory) + gray + b"\0" * (len(gray) % 2)
        + struct.pack(">IIII", 8, 8 + half, half, len(gray) - half)
        + struct.pack(">H", len(tags)) + b"".join(struct.pack(">HHII", *tag) for tag in tags)
        + b"\0\0\0\0"
    )  # fmt: skip


def _tiled() -> bytes:
    """Return a gray TIFF of two tiles of 16 x 32 pixels, the second beyond the edge."""
    tiles = bytes(range(256)) * 4
    directory = 8 + len(tiles) + 16
    tags = (
        (256, 3, 1, WIDTH), (257, 3, 1, HEIGHT), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
        (277, 3, 1, 1), (322, 3, 1, 16), (323, 3, 1, 32), (324, 4, 2, 8 + len(tiles)),
        (325, 4, 2, 16 + len(tiles)),
    )  # fmt: skip
    return (
        b"II*\0" + struct.pack("<I", directory) + tiles
        + struct.pack("<IIII", 8, 8 + 512, 512, 512)
        + struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
        + b"\0\0\0\0"
    )  # fmt: skip


def heic() -> Seeds:
    """Yield the same for HEIC; needs pillow-heif, which writes it."""
    import pillow_heif  # noqa: PLC0415

    pillow_heif.register_heif_opener()
    for mode in ("L", "RGB", "RGBA"):
        yield f"{mode}.heic", saved(drawing(mode).resize((32, 24)), "HEIF", quality=40)
    kept = {"exif": metadata().tobytes(), "icc_profile": profile()}
    yield "exif.heic", saved(drawing().resize((32, 24)), "HEIF", **kept)
