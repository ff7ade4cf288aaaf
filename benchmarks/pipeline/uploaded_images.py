"""Uploaded images, generated once from the sample photographs.

Scaled and with a little noise, they have about the bytes of a camera's files. The generation is
seeded: one release of Pillow generates the same files.
"""

import hashlib
import io
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import cycle
from pathlib import Path
from random import Random

from PIL import Image, ImageOps

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / ".darkroom" / "bench" / "pipeline" / "uploads"
SAMPLES = [
    PROJECT / "samples" / name
    for name in ("coffee.png", "earth.jpg", "flower.jpg", "mountains.jpg", "raccoon.jpg")
]
"""A fixed set, for figures that compare with older ones."""

QUALITY = 88


@dataclass(frozen=True)
class UploadedImage:
    """A file to upload."""

    path: Path
    code: str | None = None
    """Expected error code; None if it can be rendered."""

    @cached_property
    def data(self) -> bytes:
        """The file's bytes."""
        return self.path.read_bytes()

    @cached_property
    def etag(self) -> str:
        """S3's ETag of an upload in one part."""
        return hashlib.md5(self.data, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of image: the long sides in pixels, and the percentage of uploads."""

    name: str
    share: int
    sides: Sequence[int]
    suffix: str = "jpg"
    noise: float = 0.04
    """Random part of each pixel; upscaled images, which are smooth, need more."""


UPLOADS = (
    Kind("web", 46, (800, 880, 960, 1024, 1100, 1200, 1280, 1400)),
    Kind("phone", 34, (2000, 2400, 2800, 3264, 3264, 3600, 4000, 4000), noise=0.13),
    Kind("camera", 3, (6000, 6000), noise=0.13),
    Kind("drawing", 9, (640, 800, 1000, 1200), "png"),
    Kind("saved", 8, (700, 1000, 1400, 1800), "webp"),
)
"""A realistic mix: web images, photographs of phones (3 to 12 megapixels) and cameras (24), and
other formats."""

SMALL = (
    Kind("small", 80, (320, 360, 400, 440, 480, 520, 560, 600)),
    Kind("small-drawing", 10, (240, 320), "png"),
    Kind("small-saved", 10, (320, 480), "webp"),
)
"""Small images, for large numbers of them."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Good and bad images, chosen by their shares."""

    kinds: Sequence[tuple[int, Sequence[UploadedImage]]]
    bad: Sequence[UploadedImage]

    def good(self, random: Random) -> UploadedImage:
        """Return a random image that can be rendered."""
        shares = [share for share, _ in self.kinds]
        (inputs,) = random.choices([inputs for _, inputs in self.kinds], shares)
        return random.choice(inputs)

    def another(self, random: Random, than: UploadedImage) -> UploadedImage:
        """Return another random image that can be rendered."""
        while (other := self.good(random)) is than:
            pass
        return other


def make(kinds: Sequence[Kind]) -> Mix:
    """Generate the images that do not exist yet."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    samples = cycle(SAMPLES)
    generated = []
    for kind in kinds:
        inputs = []
        for number, side in enumerate(kind.sides):
            path = FOLDER / f"{kind.name}-{number}-{side}.{kind.suffix}"
            sample = next(samples)
            _write(path, partial(_photograph, sample, side, kind.noise))
            inputs.append(UploadedImage(path))
        generated.append((kind.share, inputs))
    return Mix(generated, [_bad(code, data) for code, data in _BAD.items()])


def _write(path: Path, save: Callable[[Path], object]) -> None:
    """Write a file under a temporary name, and rename it when it is complete."""
    if not path.exists():
        print(f"Generating {path.name}", flush=True)
        partial_file = path.with_suffix(f".part{path.suffix}")
        save(partial_file)
        partial_file.rename(path)


def _photograph(sample: Path, side: int, part: float, path: Path) -> None:
    with Image.open(sample) as opened:
        image = ImageOps.contain(
            ImageOps.exif_transpose(opened).convert("RGB"), (side, side), Image.Resampling.BICUBIC
        )
    random = Random(path.name)  # noqa: S311 (no secret)
    noise = Image.frombytes("RGB", image.size, random.randbytes(3 * image.width * image.height))
    image = Image.blend(image, noise, part)
    if path.suffix == ".png":
        # PNG is for few colors and flat areas.
        image.quantize(64).save(path)
    else:
        image.save(path, quality=QUALITY)


def _bad(code: str, data: Callable[[], bytes]) -> UploadedImage:
    path = FOLDER / f"bad-{code}.webp"
    _write(path, lambda at: at.write_bytes(data()))
    return UploadedImage(path, code)


def _half() -> bytes:
    """Return a WebP that ends too early: of most other formats, what there is would be rendered."""
    data = io.BytesIO()
    with Image.open(SAMPLES[0]) as image:
        image.convert("RGB").save(data, "WEBP")
    return data.getvalue()[: data.tell() // 2]


def _bomb() -> bytes:
    """Return a small PNG with 900 million pixels in its header."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    out = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    out.seek(0, io.SEEK_END)
    for name, content in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(64))), (b"IEND", b"")):
        crc = zlib.crc32(name + content)
        out.write(struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc))
    return out.getvalue()


_BAD: dict[str, Callable[[], bytes]] = {
    "unsupported-format": lambda: b"This is not an image, despite its name.\n",
    "corrupt": _half,
    "too-many-pixels": _bomb,
}
"""Bad files by their expected error code."""
