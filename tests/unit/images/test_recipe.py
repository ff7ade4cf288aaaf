"""The recipe language."""

import json

import pytest

from processor.images.recipe import Jpeg, decode_recipes, load_recipes

THUMB = {
    "name": "thumb",
    "resize": {"width": 300, "height": 300, "fit": "cover"},
    "output": {"format": "webp"},
}


def document(*renditions: object) -> bytes:
    """A recipe file with one recipe."""
    return json.dumps({"mine": {"renditions": renditions}}).encode()


def test_the_shipped_recipes_are_valid() -> None:
    """The file that ships with the pipeline holds the default recipe's three renditions."""
    default = load_recipes()["default"]
    assert [each.name for each in default.renditions] == ["thumb", "preview", "web"]


def test_defaults() -> None:
    """What a recipe leaves out has a value that suits photographs."""
    recipes = decode_recipes(document({"name": "web", "output": {"format": "jpeg"}}))
    (web,) = recipes["mine"].renditions
    assert web.output == Jpeg(quality=82, progressive=True, background="#ffffff")
    assert web.resize is None


@pytest.mark.parametrize(
    ("rendition", "complaint"),
    [
        ({**THUMB, "crop": True}, r"unknown field `crop`"),
        ({**THUMB, "name": "../thumb"}, r"regex.*name"),
        ({**THUMB, "output": {"format": "tiff"}}, r"tiff.*format"),
        ({**THUMB, "output": {"format": "jpeg", "quality": 101}}, r"<= 100.*quality"),
        ({**THUMB, "resize": {"width": 300, "height": 0}}, r">= 1.*height"),
        ({**THUMB, "resize": {"width": "300", "height": 300}}, r"`int`, got `str`.*width"),
        ({**THUMB, "resize": {"width": 300}}, r"required field `height`"),
        ({**THUMB, "watermark": {"text": ""}}, r"length >= 1.*text"),
        ({**THUMB, "watermark": {"text": "x", "colour": "red"}}, r"regex.*colour"),
        ({**THUMB, "watermark": {"text": "x", "position": "middle"}}, r"middle.*position"),
        ({"name": "thumb"}, r"required field `output`"),
    ],
)
def test_refuses(rendition: object, complaint: str) -> None:
    """Unknown fields, wrong types and values out of range are refused with their place."""
    with pytest.raises(ValueError, match=complaint):
        decode_recipes(document(rendition))


def test_refuses_two_renditions_of_one_name() -> None:
    """The second rendition would overwrite the first."""
    with pytest.raises(ValueError, match="two renditions are named 'thumb'"):
        decode_recipes(document(THUMB, THUMB))


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"mine": {"renditions": []}}'])
def test_refuses_broken_files(broken: bytes) -> None:
    """A file that is no recipe file is refused as such."""
    with pytest.raises(ValueError, match="Not a valid recipe file"):
        decode_recipes(broken)
