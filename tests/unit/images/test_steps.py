"""Each step of the engine, by itself."""

import pytest
from PIL import Image, ImageChops, ImageCms

from processor.images.canvas import Canvas, Job
from processor.images.geometry import plan
from processor.images.recipe import Jpeg, Output, Png, Position, Rendition, Resize, Watermark
from processor.images.steps import resize as resize_step
from processor.images.steps.flatten import flatten
from processor.images.steps.normalise import normalise
from processor.images.steps.orient import orient
from processor.images.steps.resize import resize
from processor.images.steps.to_srgb import to_srgb
from processor.images.steps.watermark import place, watermark

from .pictures import STORED, difference, quarters


def job(
    box: Resize | None = None,
    mark: Watermark | None = None,
    output: Output | None = None,
    original: tuple[int, int] = (120, 80),
) -> Job:
    """A rendition of an original of this size."""
    rendition = Rendition(name="test", output=output or Png(), resize=box, watermark=mark)
    return Job(rendition, plan(*original, box))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orient(orientation: int) -> None:
    """Every EXIF orientation comes out upright."""
    image = quarters()
    for turn in STORED[orientation]:
        image = image.transpose(turn)
    upright = orient(Canvas(image, orientation=orientation))
    assert upright.orientation == 1
    assert difference(upright.image, quarters()) == 0


@pytest.mark.parametrize(
    ("mode", "normal"),
    [
        ("1", "L"), ("L", "L"), ("P", "RGB"), ("RGB", "RGB"), ("RGBA", "RGBA"), ("LA", "RGBA"),
        ("PA", "RGBA"), ("CMYK", "CMYK"), ("YCbCr", "RGB"), ("I", "L"), ("I;16", "L"), ("F", "L"),
    ],
)  # fmt: skip
def test_normalise(mode: str, normal: str) -> None:
    """Every kind of pixel that a decoder gives becomes one that the steps know."""
    image = Image.new(mode, (4, 4))
    assert normalise(Canvas(image)).image.mode == normal


def test_normalise_keeps_sixteen_bit_tones() -> None:
    """16 bit grey is scaled to 8 bit, not cut off."""
    image = Image.new("I;16", (1, 1), 0x8000)
    assert normalise(Canvas(image)).image.getpixel((0, 0)) == 0x80


@pytest.mark.parametrize(("brightest", "shown"), [(200, 200), (0xC800, 200)])
def test_normalise_finds_the_range_of_32_bit_pictures(brightest: int, shown: int) -> None:
    """32 bit grey holds 8 bit or 16 bit tones, and says nowhere which."""
    image = Image.new("I", (1, 1), brightest)
    assert normalise(Canvas(image)).image.getpixel((0, 0)) == shown


def test_normalise_turns_a_colour_key_into_alpha() -> None:
    """A palette picture with a transparent colour gets an alpha channel."""
    image = quarters(mode="P")
    image.info["transparency"] = image.getpixel((0, 0))
    normal = normalise(Canvas(image)).image
    assert normal.mode == "RGBA"
    assert normal.getpixel((0, 0))[3] == 0  # type: ignore[index]
    assert normal.getpixel((119, 79))[3] == 255  # type: ignore[index]


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK"])
@pytest.mark.parametrize("fast", [True, False])
def test_resize(mode: str, fast: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    """A picture is scaled, with the fast resizer and, where there is none, with Pillow alike."""
    if not fast:
        monkeypatch.setattr(resize_step, "Resizer", None)
    scaled = resize(Canvas(quarters(mode=mode)), job(Resize(width=60, height=60))).image
    assert scaled.size == (60, 40)
    assert difference(scaled.convert("RGB"), quarters(60, 40, mode).convert("RGB")) < 8


def test_cover_shows_the_middle() -> None:
    """Cover crops evenly on both sides."""
    scaled = resize(Canvas(quarters()), job(Resize(width=40, height=40, fit="cover"))).image
    assert difference(scaled, quarters(40, 40)) < 8


def test_resize_of_the_same_size_does_nothing() -> None:
    """Nothing is resampled where nothing has to be."""
    canvas = Canvas(quarters())
    assert resize(canvas, job(Resize(width=500, height=500))) is canvas


def test_transparent_pixels_do_not_bleed() -> None:
    """The colour under transparent pixels doesn't show at the edges after scaling."""
    image = Image.new("RGBA", (120, 80), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 60, 80))
    scaled = resize(Canvas(image), job(Resize(width=30, height=30))).image
    red, alpha = scaled.getchannel("R"), scaled.getchannel("A")
    seen = [r for r, a in zip(red.tobytes(), alpha.tobytes(), strict=True) if a > 16]
    assert max(seen) < 8


def profile(name: str) -> bytes:
    """An ICC profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()  # type: ignore[arg-type]


def test_to_srgb_keeps_srgb() -> None:
    """A picture in sRGB is left as it is."""
    converted = to_srgb(Canvas(quarters(), profile("sRGB")), job())
    assert converted.profile is None
    assert difference(converted.image, quarters()) < 1


def test_to_srgb_converts_wide_colours(wide_gamut: bytes) -> None:
    """A colour of a wide profile looks the same in sRGB, and so has other numbers."""
    image = Image.new("RGB", (4, 4), (200, 100, 100))
    red, green, _ = to_srgb(Canvas(image, wide_gamut), job()).image.getpixel((0, 0))  # type: ignore[misc]
    assert red > 205
    assert green < 100


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK"])
@pytest.mark.parametrize("bad", [None, b"", b"garbage" * 50, profile("LAB")])
def test_to_srgb_passes_over_profiles_of_no_use(mode: str, bad: bytes | None) -> None:
    """A missing, broken or wrong profile is no reason to refuse a picture."""
    converted = to_srgb(Canvas(quarters(mode=mode), bad), job()).image
    assert converted.mode in ("L", "RGB", "RGBA")


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_watermark_changes_its_corner_alone(mode: str) -> None:
    """The text is drawn in its corner, and the canvas that it was given stays clean."""
    clean = Image.new(mode, (400, 300), "#777777")
    marked = watermark(Canvas(clean), job(mark=Watermark(text="Darkroom"))).image
    assert difference(clean, Image.new(mode, (400, 300), "#777777")) == 0
    corner = (200, 200, 400, 300)
    assert difference(marked.crop(corner), clean.crop(corner)) > 3
    assert difference(marked.crop((0, 0, 200, 300)), clean.crop((0, 0, 200, 300))) == 0


@pytest.mark.parametrize("background", ["white", "black", "#808080"])
def test_watermark_shows_on_any_background(background: str) -> None:
    """Light letters with a dark edge can be read on light and dark pictures."""
    clean = Image.new("RGB", (400, 300), background)
    marked = watermark(Canvas(clean), job(mark=Watermark(text="Darkroom", size=0.1))).image
    changed = ImageChops.difference(marked, clean).convert("L").histogram()
    assert sum(changed[60:]) > 300


@pytest.mark.parametrize(
    ("position", "corner"),
    [
        ("top-left", (5, 5)), ("top", (40, 5)), ("top-right", (75, 5)),
        ("left", (5, 40)), ("centre", (40, 40)), ("right", (75, 40)),
        ("bottom-left", (5, 75)), ("bottom", (40, 75)), ("bottom-right", (75, 75)),
    ],
)  # fmt: skip
def test_place(position: Position, corner: tuple[int, int]) -> None:
    """Each of the nine positions keeps the margin."""
    assert place(position, (100, 100), (20, 20), 5) == corner


def test_a_watermark_wider_than_its_picture_is_cut() -> None:
    """A long text on a small picture is no error."""
    marked = watermark(Canvas(quarters(16, 16)), job(mark=Watermark(text="Darkroom" * 9))).image
    assert marked.size == (16, 16)


def test_flatten_puts_transparency_on_the_background() -> None:
    """JPEG has no transparency: what was transparent shows the background."""
    clear = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    flat = flatten(Canvas(clear), job(output=Jpeg(background="#00ff00"))).image
    assert flat.getpixel((0, 0)) == (0, 255, 0)


def test_flatten_leaves_transparency_where_it_can_be_kept() -> None:
    """PNG and WebP keep the alpha channel."""
    canvas = Canvas(Image.new("RGBA", (4, 4)))
    assert flatten(canvas, job(output=Png())) is canvas
