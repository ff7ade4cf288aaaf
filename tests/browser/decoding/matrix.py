"""Small image files of every combination of format, depth, alpha, color and orientation.

The images have four quarters, and so show turns. The names are the keys of ``differences.toml``.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from itertools import product

from PIL import ExifTags, Image

from processor.images.icc import BT709, P3, SRGB, Parametric, Primaries, display_p3, rgb_profile
from tests.fuzz.seeds import chunk
from tests.unit.processor.images.icc_files import cmyk_profile, gray_profile
from tests.unit.processor.images.png_files import chrm, cicp, gama, iccp

File = tuple[str, bytes]

SIZE = (24, 16)
QUARTERS = ((200, 80, 60), (60, 180, 90), (70, 90, 200), (230, 220, 120))
GRAYS = (30, 100, 170, 240)
ALPHAS = (255, 200, 120, 0)

ADOBE = Primaries((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), (0.3127, 0.329))
PROFILES = {
    "none": None,
    "sRGB": rgb_profile(BT709, SRGB),
    "P3": display_p3(),
    "linear": rgb_profile(P3, Parametric(1.0)),
    "Adobe": rgb_profile(ADOBE, Parametric(563 / 256)),
    "gray": gray_profile(1.8),
    "CMYK": cmyk_profile(8),
    "broken": b"broken" * 40,
}

DESCRIPTIONS = {
    "gamma 1": (gama(100_000),),
    "gamma 2.2": (gama(45_455),),
    "cHRM": (chrm(),),
    "cHRM and gamma": (gama(45_455), chrm()),
    "sRGB and gamma": (chunk(b"sRGB", b"\0"), gama(100_000)),
    "cICP P3": (cicp(12, 13),),
    "cICP 709": (cicp(1, 1),),
    "cICP PQ": (cicp(9, 16),),
    "cICP HLG": (cicp(9, 18),),
    "cICP and profile": (cicp(12, 13), iccp(rgb_profile(P3, Parametric(1.0)))),
    "profile and gamma": (iccp(display_p3()), gama(100_000)),
}
"""Chunks of PNG that describe colors without a profile, or beside it."""

PNG_KINDS = {
    "gray": (0, (1, 2, 4, 8, 16)),
    "RGB": (2, (8, 16)),
    "palette": (3, (1, 2, 4, 8)),
    "gray with alpha": (4, (8, 16)),
    "RGBA": (6, (8, 16)),
}
"""Color type and bit depths (PNG 3, 11.2.1)."""


def files() -> Iterator[File]:
    """Yield all files with their names."""
    yield from pngs()
    yield from others()
    yield from code_points()
    yield from oriented()


def picture(mode: str) -> Image.Image:
    """Return the quarters in a mode of Pillow."""
    image = Image.new("RGBA", SIZE)
    for number, (color, alpha) in enumerate(zip(QUARTERS, ALPHAS, strict=True)):
        left, top = number % 2 * SIZE[0] // 2, number // 2 * SIZE[1] // 2
        image.paste((*color, alpha), (left, top, left + SIZE[0] // 2, top + SIZE[1] // 2))
    if mode == "LA":
        return Image.merge("LA", (image.convert("RGB").convert("L"), image.getchannel("A")))
    return image if mode == "RGBA" else image.convert("RGB").convert(mode)


def saved(image: Image.Image, format_name: str, **options: object) -> bytes:
    """Return the bytes of a file."""
    file = io.BytesIO()
    image.save(file, format_name, **options)
    return file.getvalue()


def pngs() -> Iterator[File]:
    """Yield PNG of all color types and depths, with keys, profiles and other descriptions."""
    for kind, (number, depths) in PNG_KINDS.items():
        for bits, keyed in product(depths, (False, True)):
            if keyed and number >= 4:
                continue
            alpha = " keyed" if keyed else ""
            name = f"PNG {kind} {bits}{alpha}"
            for profile, data in PROFILES.items():
                yield (
                    f"{name} {profile}",
                    png(number, bits, (iccp(data),) if data else (), keyed=keyed),
                )
            if bits >= 8 and not keyed:
                for described, chunks in DESCRIPTIONS.items():
                    yield f"{name} {described}", png(number, bits, chunks, keyed=keyed)


def png(kind: int, bits: int, chunks: tuple[bytes, ...], *, keyed: bool) -> bytes:
    """Return the quarters as PNG, written row by row."""
    most = (1 << bits) - 1
    width, height = SIZE
    rows = b""
    for y in range(height):
        samples: list[int] = []
        for x in range(width):
            samples += _sample(kind, most, 2 * (2 * y >= height) + (2 * x >= width))
        number = 0
        for sample in samples:
            number = number << bits | sample
        rows += b"\0" + (number << -len(samples) * bits % 8).to_bytes(-(-len(samples) * bits // 8))
    palette = [bytes(each for color in QUARTERS[: most + 1] for each in color)] * (kind == 3)
    key = {
        0: struct.pack(">H", _sample(0, most, 1)[0]),
        2: struct.pack(">3H", *_sample(2, most, 1)),
        3: bytes(ALPHAS[: most + 1]),
    }
    parts = (
        chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)),
        *chunks,
        *(chunk(b"PLTE", colors) for colors in palette),
        *((chunk(b"tRNS", key[kind]),) if keyed else ()),
        chunk(b"IDAT", zlib.compress(rows)),
        chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _sample(kind: int, most: int, quarter: int) -> list[int]:
    """Return the channels of a quarter; those of 16 bits differ in the low bits as well."""
    if kind == 3:
        return [min(quarter, most)]
    channels = QUARTERS[quarter] if kind & 2 else (GRAYS[quarter],)
    alpha = (ALPHAS[quarter],) if kind & 4 else ()
    return [tone * most // 255 for tone in (*channels, *alpha)]


def others() -> Iterator[File]:
    """Yield the other formats, in their modes and with each profile."""
    modes = {
        "JPEG": ("L", "RGB", "CMYK"),
        "WEBP": ("L", "RGB", "RGBA"),
        "AVIF": ("L", "LA", "RGB", "RGBA"),
    }
    options: dict[str, dict[str, object]] = {
        "JPEG": {"quality": 100, "subsampling": "4:4:4"},
        "WEBP": {"lossless": True, "exact": True},
        "AVIF": {"quality": 100, "subsampling": "4:4:4", "speed": 10},
    }
    for format_name, each in modes.items():
        for mode, (profile, data) in product(each, PROFILES.items()):
            name = f"{format_name} {mode} {profile}"
            if (format_name, mode) == ("AVIF", "L"):
                yield name, saved(picture(mode), "AVIF", icc_profile=data, quality=100)
                continue
            yield name, saved(picture(mode), format_name, icc_profile=data, **options[format_name])
    cyan, magenta, yellow, _ = picture("CMYK").split()
    black = Image.merge("CMYK", (cyan, magenta, yellow, picture("L")))
    for profile in ("none", "CMYK"):
        name = f"JPEG CMYK with black {profile}"
        yield name, saved(black, "JPEG", icc_profile=PROFILES[profile], **options["JPEG"])
    for mode in ("1", "L", "P", "RGB"):
        yield f"BMP {mode}", saved(picture(mode), "BMP")
    for mode in ("1", "L", "P", "RGBA"):
        yield f"GIF {mode}", saved(picture(mode), "GIF")
    for subsampling, progressive in product(("4:2:0", "4:2:2", "4:4:4"), (False, True)):
        data = saved(
            picture("RGB"), "JPEG", quality=90, subsampling=subsampling, progressive=progressive
        )
        yield f"JPEG {subsampling}{' progressive' * progressive}", data
    yield "WEBP lossy", saved(picture("RGB"), "WEBP", quality=90)
    yield "WEBP lossy with alpha", saved(picture("RGBA"), "WEBP", quality=90)


def code_points() -> Iterator[File]:
    """Yield AVIF with ``nclx`` of primaries and transfer characteristics (ITU-T H.273)."""
    data = saved(picture("RGB"), "AVIF", quality=100, subsampling="4:4:4", speed=10)
    place = data.index(b"colrnclx") + 8
    for primaries, transfer in product((1, 2, 9, 12), (1, 2, 4, 8, 13, 16, 18)):
        points = bytes([0, primaries, 0, transfer])
        yield f"AVIF nclx {primaries} {transfer}", data[:place] + points + data[place + 4 :]


def oriented() -> Iterator[File]:
    """Yield each format with each EXIF orientation."""
    for format_name, orientation in product(("JPEG", "PNG", "WEBP", "AVIF"), range(9)):
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        options = {"lossless": True} if format_name == "WEBP" else {"quality": 100}
        data = saved(picture("RGB"), format_name, exif=exif, **options)
        yield f"{format_name} orientation {orientation}", data
