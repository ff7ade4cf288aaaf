"""The recipe language."""

import json
from typing import Any, get_args

import pytest

from processor.images.recipe import (
    Auto,
    Avif,
    Gif,
    Jpeg,
    Output,
    Png,
    Recipe,
    Rendition,
    Resize,
    Watermark,
    WebP,
    decode_recipe,
    decode_recipes,
    load_recipes,
)

THUMB = {
    "name": "thumb",
    "resize": {"width": 300, "height": 300, "fit": "cover"},
    "output": {"format": "webp"},
}


def document(*renditions: object) -> bytes:
    """Return a recipe file with one recipe."""
    return json.dumps({"mine": {"renditions": renditions}}).encode()


def test_the_shipped_recipes_are_valid() -> None:
    """The shipped file is valid, and its default recipe has three renditions."""
    default = load_recipes()["default"]
    assert [each.name for each in default.renditions] == ["thumb", "preview", "web"]


def test_defaults() -> None:
    """Options have defaults that suit photographs, and no operation applies by default."""
    recipe = decode_recipe(b'{"renditions": [{"name": "web", "output": {"format": "jpeg"}}]}')
    (web,) = recipe.renditions
    assert web == Rendition("web", Jpeg(quality=82, progressive=True, subsampling="4:2:0"))
    assert (web.densities, web.color) == ((1,), "srgb")
    asked = set(Rendition.__struct_fields__) - {"name", "output", "densities", "color"}
    assert not any(getattr(web, field) for field in asked)
    assert (recipe.analysis, recipe.gps) == (True, False)
    assert (web.output.metadata, web.output.gps, web.output.max_bytes) == ("strip", False, None)


@pytest.mark.parametrize("kind", get_args(Output))
def test_every_format(kind: type[Output]) -> None:
    """A format is selected by name, and its options are optional."""
    word = kind.__name__.lower()
    output = {"format": word, "max_bytes": 10_000, "metadata": "keep-copyright"}
    (rendition,) = decode_recipes(document({"name": "a", "output": output}))["mine"].renditions
    assert rendition.output == kind(max_bytes=10_000, metadata="keep-copyright")
    assert kind in (Jpeg, Png, WebP, Avif, Gif, Auto)


def test_a_recipe_with_everything() -> None:
    """Every operation is decoded as it was written."""
    operations: dict[str, Any] = {
        "densities": [1, 2],
        "trim": {"tolerance": 5},
        "crop": {"left": 0.1, "top": 0.1, "width": 0.5, "height": 0.5, "unit": "fraction"},
        "rotate": {"angle": -12.5, "background": "#11223344"},
        "resize": {
            "width": 300, "aspect_ratio": "16:9", "fit": "cover", "gravity": "top-left",
            "focal_point": {"x": 0.2, "y": 0.7}, "background": "#ffffff", "enlarge": True,
            "kernel": "mitchell",
        },
        "color": "keep",
        "flip": True, "flop": True, "normalize": 0.01, "gamma": 1.2, "brightness": 1.1,
        "contrast": 0.9, "saturation": 0, "hue": 30, "grayscale": True, "sepia": 0.5,
        "tint": {"color": "#704214", "strength": 0.3}, "negate": True, "threshold": 128,
        "median": 3, "blur": 2.5, "sharpen": {"sigma": 1, "amount": 2, "threshold": 3},
        "pixelate": 8, "emboss": True, "edges": True,
        "watermark": {"image": "processed:logo.png", "tiled": True, "scale": 0.1},
        "corners": {"radius": 12}, "pad": {"top": 1, "right": 2, "bottom": 3, "left": 4},
        "background": "#ffffff",
    }  # fmt: skip
    written = {"name": "all", "output": {"format": "auto"}, **operations}
    (rendition,) = decode_recipes(document(written))["mine"].renditions
    left_out = set(Rendition.__struct_fields__) - set(written)
    assert left_out == {"circle"}  # which excludes corners
    for field, value in operations.items():
        found = getattr(rendition, field)
        if isinstance(value, dict):
            assert all(
                getattr(found, name) == each or isinstance(each, dict)
                for name, each in value.items()
            )
        else:
            assert found == (tuple(value) if isinstance(value, list) else value)


@pytest.mark.parametrize(
    ("rendition", "complaint"),
    [
        ({**THUMB, "shrink": True}, r"unknown field `shrink`.*allowed fields.*`resize`"),
        ({**THUMB, "name": "../thumb"}, r"regex.*name.*Lowercase letters"),
        ({**THUMB, "name": "Thumb"}, r"regex.*name.*Lowercase letters"),
        ({**THUMB, "name": ""}, r"regex.*name"),
        ({**THUMB, "name": "a@2x"}, r"regex.*name"),
        ({**THUMB, "name": "x" * 65}, r"regex.*name.*at most 64"),
        ({**THUMB, "output": {"format": "tiff"}}, r"tiff.*format"),
        ({**THUMB, "output": {"format": "jpeg", "quality": 101}}, r"<= 100.*quality.*1 to 100"),
        ({**THUMB, "output": {"format": "jpeg", "lossless": True}}, r"unknown field `lossless`"),
        ({**THUMB, "output": {"format": "webp", "max_bytes": 255}}, r">= 256.*max_bytes"),
        ({**THUMB, "resize": {"width": 300, "height": 0}}, r">= 1.*height"),
        ({**THUMB, "resize": {"width": 16_385}}, r"<= 16384.*width"),
        ({**THUMB, "resize": {"width": "300"}}, r"`int \| null`, got `str`.*width"),
        ({**THUMB, "resize": {"width": 3, "aspect_ratio": "16/9"}}, r"regex.*aspect_ratio.*16:9"),
        ({**THUMB, "resize": {"width": 3, "aspect_ratio": "0:9"}}, r"regex.*aspect_ratio"),
        ({**THUMB, "resize": {"width": 3, "gravity": "north"}}, r"north.*gravity.*'top'"),
        ({**THUMB, "resize": {"width": 3, "focal_point": {"x": 1.1, "y": 0}}}, r"<= 1.*x`"),
        ({**THUMB, "resize": {}}, r"resize needs width, height, long_edge or aspect_ratio"),
        (
            {**THUMB, "resize": {"long_edge": 3, "width": 3}},
            r"long_edge can't be combined",
        ),
        (
            {**THUMB, "resize": {"width": 3, "height": 3, "aspect_ratio": "1:1"}},
            r"aspect_ratio follows from width and height",
        ),
        (
            {**THUMB, "resize": {"aspect_ratio": "1:1"}},
            r"aspect_ratio alone needs fit 'cover', 'contain' or 'fill'",
        ),
        (
            {**THUMB, "resize": {"width": 3, "gravity": "entropy"}},
            r"gravity 'entropy' needs fit 'cover'",
        ),
        (
            {**THUMB, "resize": {"width": 3, "focal_point": {"x": 0, "y": 0}}},
            r"focal_point needs fit 'cover'",
        ),
        ({**THUMB, "crop": {"left": 0, "top": 0, "width": 0, "height": 1}}, r"> 0.*width"),
        ({**THUMB, "crop": {"left": -1, "top": 0, "width": 1, "height": 1}}, r">= 0.*left"),
        ({**THUMB, "crop": {"left": 0, "top": 0, "width": 1}}, r"required field `height`"),
        ({**THUMB, "rotate": {"angle": 361}}, r"<= 360.*angle"),
        ({**THUMB, "densities": []}, r"length >= 1.*densities"),
        ({**THUMB, "densities": [0.5]}, r">= 1.*densities"),
        ({**THUMB, "densities": [5]}, r"<= 4.*densities"),
        ({**THUMB, "densities": [2, 1, 2]}, r"densities repeat a value"),
        (
            {**THUMB, "circle": True, "corners": {"radius": 3}},
            r"circle and corners can't",
        ),
        ({**THUMB, "pad": {"top": 4097}}, r"<= 4096.*top"),
        ({**THUMB, "background": "#ffffff80"}, r"regex.*background.*#rrggbb"),
        ({**THUMB, "watermark": {"text": ""}}, r"length >= 1.*text"),
        ({**THUMB, "watermark": {"text": "x" * 201}}, r"length <= 200.*text"),
        ({**THUMB, "watermark": {"text": "x", "color": "red"}}, r"regex.*color"),
        ({**THUMB, "watermark": {"text": "x", "position": "middle"}}, r"middle.*position"),
        (
            {**THUMB, "watermark": {"text": "a 日本"}},
            r"no bundled font has 日 \(U\+65E5",
        ),
        ({**THUMB, "watermark": {"text": "a\x07"}}, r"no bundled font has \(U\+0007"),
        ({**THUMB, "watermark": {"text": " \u200b\n"}}, r"no visible letters"),
        ({**THUMB, "watermark": {"text": "a", "font": "../a.ttf"}}, r"font"),
        ({**THUMB, "watermark": {"text": "a", "font": "raw:a.ttf"}}, r"font"),
        ({**THUMB, "watermark": {"text": "a", "font": "a.woff2"}}, r"font"),
        ({**THUMB, "watermark": {"text": "a", "max_width": 0}}, r"max_width"),
        ({**THUMB, "watermark": {"image": "a.png", "max_width": 0.5}}, r"need a text"),
        ({**THUMB, "watermark": {"image": "a.png", "font": "a.ttf"}}, r"need a text"),
        ({**THUMB, "watermark": {}}, r"a watermark needs either text or an image"),
        ({**THUMB, "watermark": {"text": "x", "image": "y"}}, r"either text or an image"),
        ({"name": "thumb"}, r"required field `output`"),
        ({"output": {"format": "png"}}, r"required field `name`"),
    ],
)
def test_refuses(rendition: object, complaint: str) -> None:
    """Unknown fields, wrong types and values out of range are refused with their place."""
    with pytest.raises(ValueError, match=complaint) as refusal:
        decode_recipes(document(rendition))
    assert str(refusal.value).startswith("Not a valid recipe: ")


@pytest.mark.parametrize("count", [0, 51])
def test_how_many_renditions(count: int) -> None:
    """A recipe has 1 to 50 renditions."""
    renditions = [{**THUMB, "name": f"r{number}"} for number in range(count)]
    with pytest.raises(ValueError, match=r"length [<>]= (1|50).*renditions"):
        decode_recipes(document(*renditions))


def test_refuses_two_renditions_of_one_name() -> None:
    """The second rendition would overwrite the first."""
    with pytest.raises(ValueError, match="two renditions are named 'thumb'"):
        decode_recipes(document(THUMB, THUMB))


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"mine": {"renditions": []}}', b"\xff"])
def test_refuses_broken_files(broken: bytes) -> None:
    """A file that is no recipe file is refused."""
    with pytest.raises(ValueError, match="Not a valid recipe"):
        decode_recipes(broken)


def test_one_recipe_or_many() -> None:
    """A document is one recipe, or maps names to several."""
    recipe = {"renditions": [THUMB], "analysis": False, "gps": True}
    alone = decode_recipe(json.dumps(recipe).encode())
    named = decode_recipes(json.dumps({"a": recipe, "b": recipe}).encode())
    assert named == {"a": alone, "b": alone}
    assert (alone.analysis, alone.gps) == (False, True)
    with pytest.raises(ValueError, match="Not a valid recipe"):
        decode_recipe(json.dumps({"a": recipe}).encode())


@pytest.mark.parametrize(
    ("ratio", "expected"), [("16:9", 16 / 9), ("1:1", 1), ("9999:1", 9999), (None, None)]
)
def test_ratio(ratio: str | None, expected: float | None) -> None:
    """An aspect ratio is width to height."""
    assert Resize(width=3, aspect_ratio=ratio).ratio == expected


def test_recipes_cannot_be_changed() -> None:
    """Recipes are immutable: all images share them."""
    recipe = Recipe([Rendition("a", Png(), watermark=Watermark(text="x"))])
    with pytest.raises(AttributeError):
        recipe.renditions[0].flip = True  # type: ignore[misc]
    with pytest.raises(AttributeError):
        recipe.analysis = False  # type: ignore[misc]
