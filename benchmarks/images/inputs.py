"""The benchmark's input images, made from the sample photographs.

Each photograph is scaled up and gets what scaling up does not add: fine texture (its own, repeated
over the frame) and sensor noise. So files and decoders have the work of real photographs.
Everything is seeded: the same versions give the same files.
"""

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from pathlib import Path
from typing import Literal

import numpy as np
import pillow_heif
import pyvips
from PIL import ExifTags, Image, ImageCms, ImageFilter, ImageOps

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / ".darkroom" / "bench" / "inputs"

STRIP = 256
"""Rows that are processed at once: 100 megapixels as floats don't fit into memory."""


@dataclass(frozen=True)
class Input:
    """An image to make. ``width`` and ``height`` are those of the upright image."""

    name: str
    sample: str
    width: int
    height: int
    noise: float
    """Standard deviation of the sensor's noise in mid-gray, in levels of 255."""
    kind: Literal["jpg", "png", "webp", "heic", "gif"] = "jpg"
    """JPEGs have EXIF orientation 6, PNGs a soft alpha mask, GIFs ``FRAMES`` frames."""

    def path(self, *, profile: bool) -> Path:
        """Return the path of the variant with or without a Display P3 profile."""
        variant = "-p3" if profile else ""
        return FOLDER / f"{self.name}{variant}.{self.kind}"

    @cached_property
    def seed(self) -> int:
        """The random seed, which depends on the name only."""
        return int.from_bytes(hashlib.sha256(self.name.encode()).digest()[:4])


INPUTS = {
    made.name: made
    for made in (
        Input("2mp", "raccoon.jpg", 1632, 1224, noise=3),
        Input("4mp", "coffee.png", 2448, 1632, noise=1, kind="png"),
        Input("12mp", "raccoon.jpg", 4000, 3000, noise=4),
        Input("24mp", "coffee.png", 6000, 4000, noise=4),
        Input("animation", "raccoon.jpg", 480, 360, noise=0, kind="gif"),
        Input("3mp", "coffee.png", 2048, 1536, noise=2, kind="webp"),
        Input("phone", "raccoon.jpg", 4000, 3000, noise=4, kind="heic"),
        Input("100mp", "raccoon.jpg", 11520, 8640, noise=4),
    )
}
LOGO = FOLDER / "logo.png"
FRAMES = 100
"""Of the animation: a photograph under a moving window."""
TINY = FOLDER / "tiny.jpg"
"""Small enough to warm a process up without growing it."""


def make_inputs(names: Iterable[str] = INPUTS) -> None:
    """Make the inputs that don't exist yet."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for made, profile in product((INPUTS[name] for name in names), (True, False)):
        path = made.path(profile=profile)
        if not path.exists():
            print(f"Making {path.relative_to(PROJECT)}", flush=True)
            _save(_photograph(made, profile=profile), made, path, profile=profile)
    if not LOGO.exists():
        _logo().save(LOGO)
    if not TINY.exists():
        _sample("raccoon.jpg").resize((64, 48)).save(TINY)


@cache
def display_p3() -> bytes:
    """Return the ICC profile that phones embed, in the compact form of libvips."""
    profile = pyvips.Operation.call("profile_load", "p3")
    assert isinstance(profile, bytes)  # noqa: S101  # pyvips has no types
    return profile


def _sample(name: str) -> Image.Image:
    """Return a sample photograph, upright."""
    with Image.open(PROJECT / "samples" / name) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def _photograph(made: Input, *, profile: bool) -> Image.Image:
    """Return the upright image, scaled up with texture and noise, in Display P3 or sRGB."""
    sample = _sample(made.sample)
    if profile:
        wide = ImageCms.ImageCmsProfile(io.BytesIO(display_p3()))
        convert = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), wide, "RGB", "RGB")
        ImageCms.applyTransform(sample, convert, inPlace=True)
    texture = _texture(sample)
    image = sample.resize((made.width, made.height), Image.Resampling.LANCZOS)
    random = np.random.default_rng(made.seed)
    for top in range(0, made.height, STRIP):
        box = (0, top, made.width, min(top + STRIP, made.height))
        pixels = np.asarray(image.crop(box), np.float32)
        rows = np.arange(box[1], box[3]) % texture.shape[0]
        columns = np.arange(made.width) % texture.shape[1]
        # A sensor counts photons: the brighter, the more noise, by the square root.
        deviation = made.noise * np.sqrt((pixels + 16) / 144)
        noise = random.standard_normal(pixels.shape, np.float32) * deviation
        pixels = pixels + texture[rows[:, None], columns] + noise
        image.paste(Image.fromarray(pixels.round().clip(0, 255).astype(np.uint8)), box)
    if made.kind == "png":
        image.putalpha(_mask(image))
    return image


def _texture(sample: Image.Image) -> np.ndarray:
    """Return the fine structure of a photograph, mirrored to repeat without seams."""
    smooth = sample.filter(ImageFilter.GaussianBlur(3))
    fine = (np.asarray(sample, np.float32) - np.asarray(smooth, np.float32)) * 0.6
    right = np.concatenate((fine, fine[:, ::-1]), axis=1)
    return np.concatenate((right, right[::-1]), axis=0)


def _mask(image: Image.Image) -> Image.Image:
    """Return an alpha channel as of a cutout: a feathered oval whose edge follows the image."""
    gray = np.asarray(image.convert("L").filter(ImageFilter.GaussianBlur(4)), np.float32) / 255
    height, width = gray.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    distance = np.hypot(x, y) + 0.3 * (gray - 0.5)
    opacity = ((0.95 - distance) / 0.25).clip(0, 1)
    smooth = opacity**2 * (3 - 2 * opacity)
    return Image.fromarray((smooth * 255).round().astype(np.uint8))


def _logo() -> Image.Image:
    """Return a ring around a disc with soft edges, in one color."""
    y, x = np.mgrid[-1:1:256j, -1:1:512j]
    radius = np.hypot(x * 2, y)
    ring = 1 - (np.abs(radius - 0.8) * 16 - 1).clip(0, 1)
    disc = (0.5 - radius).clip(0, 0.06) / 0.06
    pixels = np.zeros((256, 512, 4), np.uint8)
    pixels[..., :3] = (245, 180, 40)
    pixels[..., 3] = (np.maximum(ring, disc) * 235).round()
    return Image.fromarray(pixels)


def _frames(image: Image.Image) -> list[Image.Image]:
    """Return views of an image through a window that moves on a circle."""
    size = image.width * 2 // 3, image.height * 2 // 3
    turns = np.linspace(0, 2 * np.pi, FRAMES, endpoint=False)
    corners = [
        (round(image.width / 6 * (1 + np.cos(turn))), round(image.height / 6 * (1 + np.sin(turn))))
        for turn in turns
    ]
    views = [image.crop((x, y, x + size[0], y + size[1])) for x, y in corners]
    return [view.quantize(dither=Image.Dither.NONE) for view in views]


def _save(image: Image.Image, made: Input, path: Path, *, profile: bool) -> None:
    """Write the file under a temporary name first: a partial file is never used."""
    passing = path.with_suffix(f".part{path.suffix}")
    icc = display_p3() if profile else None
    if made.kind == "png":
        image.save(passing, compress_level=6, icc_profile=icc)
    elif made.kind == "webp":
        image.save(passing, quality=90, icc_profile=icc)
    elif made.kind == "heic":
        pillow_heif.from_pillow(image).save(passing, quality=80, icc_profile=icc)
    elif made.kind == "gif":
        frames = _frames(image)
        frames[0].save(passing, save_all=True, append_images=frames[1:], duration=40, loop=0)
    else:
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = 6
        exif[ExifTags.Base.Make] = "Darkroom"
        exif[ExifTags.Base.Model] = "Benchmark camera"
        exif[ExifTags.Base.DateTime] = "2024:06:01 12:00:00"
        exif.get_ifd(ExifTags.IFD.Exif).update(
            {ExifTags.Base.FNumber: 1.8, ExifTags.Base.ISOSpeedRatings: 200}
        )
        lying = image.transpose(Image.Transpose.ROTATE_90)
        lying.save(passing, quality=92, subsampling="4:2:0", exif=exif.tobytes(), icc_profile=icc)
    passing.rename(path)


if __name__ == "__main__":
    make_inputs()
