"""Fuzzing seeds of colors, owners, animations, odd layouts, and files that end early."""

import struct
import zlib

from PIL import TiffImagePlugin

from processor.images.icc import display_p3
from tests.fuzz.seeds import HEIGHT, WIDTH, Seeds, chunk, drawing, interlaced, metadata, saved
from tests.unit.processor.images import png_files as png
from tests.unit.processor.images.icc_files import cmyk_profile, gray_profile
from tests.unit.processor.images.stored_frames import BLUE, GREEN, RED, Stored, apng, gif

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"'
    b' xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:Credit="Agency">'
    b"<dc:creator><rdf:Seq><rdf:li>Ann</rdf:li></rdf:Seq></dc:creator>"
    b'<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">Me</rdf:li></rdf:Alt></dc:rights>'
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)
IPTC = (
    b"\x1c\1\x5a\0\3\x1b%G" + b"\x1c\2\x50\0\3Ann" + b"\x1c\2\x6e\0\6Agency" + b"\x1c\2\x74\0\2Me"
)
RESOURCE = b"8BIM\4\4\0\0" + struct.pack(">I", len(IPTC)) + IPTC + b"\0" * (len(IPTC) % 2)
RAW = b"\niptc\n  %d\n%s\n" % (len(RESOURCE), RESOURCE.hex().encode())

GAIN_MAPS = (
    (0xE1, b'http://ns.adobe.com/xap/1.0/\0<x hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"/>'),
    (0xE2, b"urn:iso:std:iso:ts:21496:-1\0\0\0\0\0"),
    (0xE2, b"MPF\0II*\0"),
)

TEXTS = (
    "(c) Ann",
    "Größe\nŻółć",
    "Привет, мир",
    "مرحبا بالعالم",
    "שלום (world) 123",
    "नमस्ते दुनिया",
    "สวัสดีชาวโลก",
    "\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea \U0001f44d\U0001f3fd \u2764\ufe0f",
    "a\u202eb\u2067c\u2069\u200d\u00ad",
    "e\u0301\u0301\u0301",
    "\u0e33\u093f\u094d",
)
"""Texts of watermarks, of each script that the fonts have."""


def features() -> Seeds:
    """Yield name and bytes of each image."""
    for makers in (_png_colors, _png_animations, _gif, _jpeg, _webp, _avif, _tiff, _bmp):
        yield from makers()
    for name, data in _plain():
        yield f"half-{name}", data[: len(data) * 2 // 3]
        yield f"end-{name}", data[:-3]


def _plain() -> Seeds:
    """Yield a still image, or an animation, of each format and of each order of its pixels."""
    for mode in ("L", "P", "RGB", "RGBA"):
        yield f"{mode}.png", saved(drawing(mode), "PNG")
    yield "interlaced.png", interlaced()
    yield "animated.png", apng([Stored(RED), Stored(GREEN), Stored(BLUE)])
    yield "still.gif", saved(drawing("P"), "GIF", interlace=0)
    yield "interlaced.gif", saved(drawing("P"), "GIF", interlace=1)
    yield "animated.gif", gif([Stored(RED), Stored(GREEN), Stored(BLUE)])
    for progressive in (False, True):
        yield f"{progressive:d}.jpg", saved(drawing(), "JPEG", progressive=progressive)
    for lossless in (False, True):
        yield f"{lossless:d}.webp", saved(drawing("RGBA"), "WEBP", lossless=lossless)
    yield "24.bmp", saved(drawing(), "BMP")
    yield "8.bmp", saved(drawing("P"), "BMP")
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        yield f"{compression}.tif", saved(drawing(), "TIFF", compression=compression)
    yield "still.avif", saved(drawing(), "AVIF")


def _png_colors() -> Seeds:
    colors = {
        "cicp": (png.cicp(12, 13),),
        "cicp-pq": (png.cicp(9, 16),),
        "cicp-hlg": (png.cicp(9, 18),),
        "gamma": (png.gama(100_000),),
        "gamma-chrm": (png.gama(45_455), png.chrm()),
        "srgb": (chunk(b"sRGB", b"\0"), png.gama(100_000)),
        "p3": (png.iccp(display_p3()),),
        "gray-profile": (png.iccp(gray_profile(1.8)),),
        "broken": (png.broken(chunk(b"tEXt", b"Author\0Ann")), png.broken(png.gama(1))),
        "long-text": (chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(1 << 20))),),
        "owner": (chunk(b"tEXt", b"Author\0Ann"), chunk(b"tEXt", b"Copyright\0Me")),
        "xmp": (chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP),),
        "xmp-packed": (chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(XMP)),),
        "iptc": (chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(RAW)),),
        "exif": (chunk(b"eXIf", metadata().tobytes()[6:]),),
    }
    for name, chunks in colors.items():
        yield f"{name}.png", png.colored(*chunks)
    yield "gray-rgb.png", png.png(b"\x80", 0, 8, png.iccp(display_p3()))
    yield "gray-alpha.png", png.png(b"\x80\x90", 4, 8, png.iccp(gray_profile(1.8)))
    keys = {
        (0, 1): (b"\x55", (1,)), (0, 2): (b"\x1b", (2,)), (0, 4): (b"\x1b", (11,)),
        (0, 8): (b"\x80", (0x80,)), (0, 16): (b"\x80\1", (0x8001,)),
        (2, 8): (bytes(png.ORANGE), png.ORANGE), (2, 16): (b"\x80\1\x80\2\x80\3", (1, 2, 3)),
    }  # fmt: skip
    for (kind, bits), (pixel, tones) in keys.items():
        yield f"key-{kind}-{bits}.png", png.png(pixel, kind, bits, png.key(*tones))


def _png_animations() -> Seeds:
    frames = [
        Stored(RED, disposal=1), Stored(GREEN, (3, 2, 9, 7), disposal=2, hole=True, blend=1),
        Stored(BLUE, (0, 0, 5, 5), delay=0),
    ]  # fmt: skip
    yield "frames.png", apng(frames, plays=2)
    yield "frames-rgb.png", apng(frames, color_type=2)
    yield "frames-default.png", apng(frames, is_default_a_frame=False)
    broken = (png.frame(0), png.frame(1)), (png.pixels(2, None),)
    yield "broken.png", png.animation(2, broken[0][0], after=(broken[0][1], *broken[1]))
    yield (
        "outside.png",
        png.animation(2, png.frame(0), after=(png.frame(1, 2, 2), png.pixels(2, png.ORANGE))),
    )


def _gif() -> Seeds:
    for disposal in (1, 2, 3, 4):
        frames = [
            Stored(RED, (4, 4, 9, 9), disposal, delay=0),
            Stored(GREEN, (0, 0, 30, 20), disposal, delay=1, hole=True),
            Stored(BLUE, (30, 30, 4, 4), disposal),
        ]
        yield f"frames-{disposal}.gif", gif(frames, repeats=disposal)
    yield "once.gif", gif([Stored(RED), Stored(GREEN)], repeats=None)
    yield "animexts.gif", gif([Stored(RED), Stored(BLUE)], repeats=3, application=b"ANIMEXTS1.0")


def _jpeg() -> Seeds:
    plain = saved(drawing(), "JPEG")
    segments = {
        "xmp": (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
        "iptc": (0xED, b"Photoshop 3.0\0" + RESOURCE),
        **{f"gain-map-{n}": segment for n, segment in enumerate(GAIN_MAPS)},
    }
    for name, (marker, content) in segments.items():
        segment = struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content
        yield f"{name}.jpg", plain[:2] + segment + plain[2:] + plain
    yield "p3.jpg", saved(drawing(), "JPEG", icc_profile=display_p3())
    yield "gray.jpg", saved(drawing("L"), "JPEG", icc_profile=gray_profile(1.8))
    yield "inks.jpg", saved(drawing("CMYK"), "JPEG", icc_profile=cmyk_profile(8))


def _webp() -> Seeds:
    kept = {"xmp": XMP, "icc_profile": display_p3()}
    yield "owner.webp", saved(drawing("RGBA"), "WEBP", **kept)


def _avif() -> Seeds:
    data = saved(drawing(), "AVIF", quality=60)
    place = data.index(b"colrnclx") + 8
    for primaries, transfer in ((12, 13), (9, 16), (9, 18), (1, 8)):
        points = bytes([0, primaries, 0, transfer])
        yield f"nclx-{primaries}-{transfer}.avif", data[:place] + points + data[place + 4 :]
    yield "no-nclx.avif", data.replace(b"colrnclx", b"freenclx")
    yield "turned.avif", saved(drawing(), "AVIF", exif=metadata(), xmp=XMP)


def _tiff() -> Seeds:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[700], tags[33432], tags[315] = XMP, "Me", "Ann"
    tags.tagtype[33723], tags[33723] = 7, IPTC
    tags.tagtype[34377], tags[34377] = 7, RESOURCE
    tags[33550], tags[34735], tags[42112] = (1.0, 1.0, 0.0), (1, 1, 0, 0), "<GDALMetadata/>"
    yield "owner.tif", saved(drawing(), "TIFF", tiffinfo=tags)
    yield "p3.tif", saved(drawing("RGBA"), "TIFF", icc_profile=display_p3())
    for name, mode in (("negative-16", "I;16"), ("negative-8", "RGB"), ("negative-float", "F")):
        data = saved(drawing(mode), "TIFF")
        yield f"{name}.tif", _with_tag(data, 262, 0)
    yield "unit.tif", saved(drawing("F").point(lambda tone: tone / 255 + 0), "TIFF")
    yield "planes.tif", _with_tag(saved(drawing(), "TIFF"), 284, 2)
    yield "sampled.tif", _with_tag(saved(drawing(), "TIFF"), 262, 6)


def _with_tag(data: bytes, tag: int, value: int) -> bytes:
    """Return a little-endian TIFF with another value of a SHORT."""
    at = data.index(struct.pack("<HHI", tag, 3, 1))
    return data[: at + 8] + struct.pack("<H", value) + data[at + 10 :]


def _bmp() -> Seeds:
    for bits, masks in ((16, (0xF800, 0x7E0, 0x1F, 0)), (32, (0xFF0000, 0xFF00, 0xFF, 0xFF << 24))):
        yield f"fields-{bits}.bmp", _bit_fields(bits, masks)
    yield "odd-fields.bmp", _bit_fields(32, (0x3FF00000, 0xFFC00, 0x3FF, 0))
    for compression, inside in ((4, saved(drawing(), "JPEG")), (5, saved(drawing(), "PNG"))):
        header = struct.pack(
            "<IiiHHIIiiII", 40, WIDTH, HEIGHT, 1, 0, compression, len(inside), 0, 0, 0, 0
        )
        start = struct.pack("<2sIHHI", b"BM", 54 + len(inside), 0, 0, 54)
        yield f"embedded-{compression}.bmp", start + header + inside


def _bit_fields(bits: int, masks: tuple[int, ...]) -> bytes:
    """Return a BMP with a header of 124 bytes, of pixels with these masks."""
    row = (WIDTH * bits + 31) // 32 * 4
    pixels = bytes(range(256)) * (row * HEIGHT // 256 + 1)
    header = struct.pack(
        "<IiiHHIIiiII4I4s36x12x4I", 124, WIDTH, HEIGHT, 1, bits, 3, row * HEIGHT, 0, 0, 0, 0,
        *masks, b"BGRs", 4, 0, 0, 0,
    )  # fmt: skip
    start = struct.pack("<2sIHHI", b"BM", 14 + len(header) + row * HEIGHT, 0, 0, 14 + len(header))
    return start + header + pixels[: row * HEIGHT]


def owned_heic() -> Seeds:
    """Yield HEIC with wide colors and an owner; needs pillow-heif, which writes it."""
    kept = {"quality": 40, "icc_profile": display_p3(), "xmp": XMP}
    yield "owner.heic", saved(drawing().resize((32, 24)), "HEIF", **kept)
