"""The contact sheet's inputs: one photograph, its variations, and drawings for some operations."""

import io
import math
from functools import cached_property
from random import Random

from PIL import ExifTags, Image, ImageDraw, ImageFilter, ImageFont

from processor.images import decode_recipe, open_source, render
from processor.images.icc import display_p3
from processor.images.text.fonts import FOLDER

PREPARE = b"""{ "analysis": false, "renditions": [ {
  "name": "photograph",
  "resize": { "long_edge": 1024 },
  "background": "#ffffff",
  "output": { "format": "png", "animation": "first-frame" }
} ] }"""
"""Large enough for every entry, and fast to render from."""

CAMERA = """
................
................
....kkkk........
...kkkkkk..rr...
.kkkkkkkkkkkkkk.
.kyykkwwwwkkkkk.
.kyykwbbbbwkkkk.
.kkkwbbccbbwkkk.
.kkkwbccbbbwkkk.
.kkkwbbbbbbwkkk.
.kkkwbbbbbbwkkk.
.kkkkwbbbbwkkkk.
.kkkkkwwwwkkkkk.
.kkkkkkkkkkkkkk.
................
................
"""
"""An icon of 16 x 16 pixels."""
PAINT = {
    ".": "#00000000",
    "k": "#292524",
    "w": "#e7e5e4",
    "b": "#1d4ed8",
    "c": "#bfdbfe",
    "r": "#dc2626",
    "y": "#facc15",
}

BARS = (34, 62, 48, 90, 71, 110)
FRAMES = 12


class Inputs:
    """Image files, by their names in ``gallery.json``."""

    def __init__(self, photograph: bytes) -> None:
        """Orient and shrink the photograph. Raises ``ImageError``."""
        self.photograph = render(open_source(photograph), decode_recipe(PREPARE)).renditions[0].data

    @cached_property
    def _photo(self) -> Image.Image:
        return Image.open(io.BytesIO(self.photograph)).convert("RGB")

    @property
    def _small(self) -> Image.Image:
        small = self._photo.copy()
        small.thumbnail((360, 360))
        return small

    @cached_property
    def wide(self) -> bytes:
        """The photograph in Display P3, more colorful than sRGB can be."""
        return _png(self._small, icc_profile=display_p3())

    @cached_property
    def bordered(self) -> bytes:
        """The photograph in a frame of paper with grain."""
        photo = self._small
        size = photo.width + 120, photo.height + 80
        grain = Random(1).randbytes(size[0] * size[1])  # noqa: S311  # reproducible
        paper = Image.frombytes("L", size, grain).point([236 + tone % 8 for tone in range(256)])
        whole = Image.merge("RGB", [paper] * 3)
        whole.paste(photo, (60, 40))
        return _png(whole)

    @cached_property
    def faded(self) -> bytes:
        """The photograph without black and white, in low contrast."""
        return _png(self._photo.point([90 + tone * 75 // 255 for tone in range(256)] * 3))

    @cached_property
    def noisy(self) -> bytes:
        """The photograph with noise: every tenth pixel is black or white."""
        photo = self._photo.copy()
        photo.thumbnail((180, 180))
        chance = Random(1)  # noqa: S311  # reproducible
        for _ in range(photo.width * photo.height // 10):
            place = chance.randrange(photo.width), chance.randrange(photo.height)
            photo.putpixel(place, chance.choice([(0, 0, 0), (255, 255, 255)]))
        return _png(photo)

    @cached_property
    def cutout(self) -> bytes:
        """The photograph in a soft oval on a transparent background."""
        photo = self._small
        across, down = photo.size
        oval = Image.new("L", photo.size)
        box = (across * 0.08, down * 0.08, across * 0.92, down * 0.92)
        ImageDraw.Draw(oval).ellipse(box, fill=255)
        photo.putalpha(oval.filter(ImageFilter.GaussianBlur(across / 40)))
        return _png(photo)

    @cached_property
    def tagged(self) -> bytes:
        """The photograph with the EXIF of a camera: names, settings and GPS position."""
        exif = Image.Exif()
        exif[ExifTags.Base.Artist] = "Judy Weggelaar"
        exif[ExifTags.Base.Copyright] = "Public domain"
        exif[ExifTags.Base.Model] = "Example 1"
        exif[ExifTags.IFD.Exif] = {ExifTags.Base.FNumber: 2.8}
        exif[ExifTags.IFD.GPSInfo] = {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: (52.0, 31.0, 12.0),
        }
        file = io.BytesIO()
        self._small.save(file, "JPEG", quality=95, exif=exif)
        return file.getvalue()

    @cached_property
    def icon(self) -> bytes:
        """A camera in 16 x 16 pixels."""
        rows = CAMERA.split()
        colors = b"".join(bytes.fromhex(PAINT[each][1:].ljust(8, "f")) for each in "".join(rows))
        return _png(Image.frombytes("RGBA", (16, 16), colors))

    @cached_property
    def graphic(self) -> bytes:
        """A bar chart."""
        chart = Image.new("RGB", (360, 270), "#ffffff")
        draw = ImageDraw.Draw(chart)
        font = ImageFont.truetype(FOLDER / "NotoSans-Regular.ttf", 22)
        draw.text((24, 14), "Images per second", fill="#111827", font=font)
        for number, height in enumerate(BARS):
            left = 30 + number * 52
            color = "#dc2626" if number == len(BARS) - 1 else "#94a3b8"
            draw.rectangle((left, 236 - height * 1.6, left + 36, 236), fill=color)
        draw.line((24, 237, 340, 237), fill="#111827", width=2)
        return _png(chart)

    @cached_property
    def animation(self) -> bytes:
        """A rotating dot on a transparent background."""
        frames = [_frame(turn / FRAMES) for turn in range(FRAMES)]
        file = io.BytesIO()
        frames[0].save(
            file, "WEBP", save_all=True, append_images=frames[1:], lossless=True, duration=80
        )
        return file.getvalue()


def _frame(turn: float) -> Image.Image:
    """Return a frame of the animation, drawn at four times its size for smooth edges."""
    large = Image.new("RGBA", (640, 480), "#1c191700")
    draw = ImageDraw.Draw(large)
    draw.ellipse((80, 0, 560, 480), fill="#1c1917")
    for tail, color in enumerate(("#7c2d12", "#c2410c", "#f97316")):
        angle = 2 * math.pi * (turn + tail / 12)
        x, y = 320 + 160 * math.cos(angle), 240 + 160 * math.sin(angle)
        radius = 28 + 10 * tail
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)
    return large.resize((160, 120), Image.Resampling.BOX)


def _png(image: Image.Image, icc_profile: bytes | None = None) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", icc_profile=icc_profile)
    return file.getvalue()
