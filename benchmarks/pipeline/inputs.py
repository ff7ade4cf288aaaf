"""The pictures that are uploaded, made from the sample photographs, once.

Scaled to size and given a little noise, so that the files have about the bytes that cameras make of
as many pixels. Everything is seeded: the same Pillow makes the same files.
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
FOLDER = PROJECT / ".darkroom" / "bench" / "pipeline" / "pictures"
SAMPLES = [
    PROJECT / "samples" / name
    for name in ("coffee.png", "earth.jpg", "flower.jpg", "mountains.jpg", "raccoon.jpg")
]
"""Not all that there are: with others, figures would not compare with older ones."""

QUALITY = 88


@dataclass(frozen=True)
class Picture:
    """A file to upload."""

    path: Path
    code: str | None = None
    """With which it has to fail; None if renditions have to come of it."""

    @cached_property
    def data(self) -> bytes:
        """The file's bytes."""
        return self.path.read_bytes()

    @cached_property
    def etag(self) -> str:
        """As S3 gives it to what is uploaded in one part."""
        return hashlib.md5(self.data, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Kind:
    """Pictures alike: the long side of each in pixels, and how many of a hundred uploads are so."""

    name: str
    share: int
    sides: Sequence[int]
    suffix: str = "jpg"
    noise: float = 0.04
    """Part of each pixel that is random: more where scaling up leaves the frame smooth."""


UPLOADS = (
    Kind("web", 46, (800, 880, 960, 1024, 1100, 1200, 1280, 1400)),
    Kind("phone", 34, (2000, 2400, 2800, 3264, 3264, 3600, 4000, 4000), noise=0.13),
    Kind("camera", 3, (6000, 6000), noise=0.13),
    Kind("drawing", 9, (640, 800, 1000, 1200), "png"),
    Kind("saved", 8, (700, 1000, 1400, 1800), "webp"),
)
"""What people upload: pictures from the web, photographs from phones (3 to 12 megapixels) and
cameras (24), and other formats."""

SMALL = (
    Kind("small", 80, (320, 360, 400, 440, 480, 520, 560, 600)),
    Kind("small-drawing", 10, (240, 320), "png"),
    Kind("small-saved", 10, (320, 480), "webp"),
)
"""Pictures that cost little, where their number is what matters."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Good and bad pictures to take from, as often as there are of them in the world."""

    kinds: Sequence[tuple[int, Sequence[Picture]]]
    bad: Sequence[Picture]

    def good(self, random: Random) -> Picture:
        """Some picture that renditions have to come of."""
        shares = [share for share, _ in self.kinds]
        (pictures,) = random.choices([pictures for _, pictures in self.kinds], shares)
        return random.choice(pictures)

    def another(self, random: Random, than: Picture) -> Picture:
        """Some other good picture."""
        while (other := self.good(random)) is than:
            pass
        return other


def make(kinds: Sequence[Kind]) -> Mix:
    """Make those of the pictures that are not there yet."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    samples = cycle(SAMPLES)
    made = []
    for kind in kinds:
        pictures = []
        for number, side in enumerate(kind.sides):
            path = FOLDER / f"{kind.name}-{number}-{side}.{kind.suffix}"
            sample = next(samples)
            _write(path, partial(_photograph, sample, side, kind.noise))
            pictures.append(Picture(path))
        made.append((kind.share, pictures))
    return Mix(made, [_bad(code, data) for code, data in _BAD.items()])


def _write(path: Path, save: Callable[[Path], object]) -> None:
    """Write under a passing name, so that half a file is never taken for a whole one."""
    if not path.exists():
        print(f"Making {path.name}", flush=True)
        passing = path.with_suffix(f".part{path.suffix}")
        save(passing)
        passing.rename(path)


def _photograph(sample: Path, side: int, part: float, path: Path) -> None:
    with Image.open(sample) as opened:
        image = ImageOps.contain(
            ImageOps.exif_transpose(opened).convert("RGB"), (side, side), Image.Resampling.BICUBIC
        )
    random = Random(path.name)  # noqa: S311 (no secret)
    noise = Image.frombytes("RGB", image.size, random.randbytes(3 * image.width * image.height))
    image = Image.blend(image, noise, part)
    if path.suffix == ".png":
        # What is saved as PNG has few colors and flat areas.
        image.quantize(64).save(path)
    else:
        image.save(path, quality=QUALITY)


def _bad(code: str, data: Callable[[], bytes]) -> Picture:
    path = FOLDER / f"bad-{code}.jpg"
    _write(path, lambda at: at.write_bytes(data()))
    return Picture(path, code)


def _half() -> bytes:
    data = SAMPLES[-1].read_bytes()
    return data[: len(data) // 2]


def _bomb() -> bytes:
    """A PNG of a few bytes whose header names 900 million pixels."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    out = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    out.seek(0, io.SEEK_END)
    for name, content in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(64))), (b"IEND", b"")):
        crc = zlib.crc32(name + content)
        out.write(struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc))
    return out.getvalue()


_BAD: dict[str, Callable[[], bytes]] = {
    "unsupported-format": lambda: b"This is no picture, whatever its name says.\n",
    "truncated": _half,
    "too-many-pixels": _bomb,
}
"""Bad files by the code that they have to fail with."""
