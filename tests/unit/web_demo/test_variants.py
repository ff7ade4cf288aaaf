"""The page's URLs of variants: their options, and the command that signs them."""

import shlex
from typing import Any
from urllib.parse import unquote

import pytest
from typer.testing import CliRunner

from darkroom.cli import app
from darkroom.clients.darkroom_url import options_text
from darkroom.cloud import Cloud
from darkroom.operations import signing_keys
from localstack_init.site import PAGE
from tests import node
from tests.unit.darkroom.operations.key_value_store import KeyValueStore
from tests.unit.processor.edge.test_variants import targets

IMPORT = f'import * as variants from "{PAGE}/js/lib/variants.js";'
SITE = "https://d1.cloudfront.net"
IMAGE = {"key": "a.jpg", "width": 700}


def call(expression: str, given: Any) -> Any:
    """Return the value of an expression on ``given``."""
    return node.run(f"return {expression};", given, imports=IMPORT)


def command(draft: dict[str, Any], key: str = "a.jpg") -> list[str]:
    """Return the words of the command as a shell splits it."""
    found = call("variants.signedCommand(given.key, given.draft)", {"key": key, "draft": draft})
    return shlex.split(found)


DRAFT = {
    "resize": {
        "width": 400,
        "aspect_ratio": "16:9",
        "fit": "cover",
        "focal_point": {"x": 0.3, "y": 0.7},
        "enlarge": True,
    },
    "background": "#FFffff",
    "output": {"format": "jpeg", "quality": 80},
}


@pytest.mark.parametrize(
    ("draft", "options", "without"),
    [
        ({"resize": {"width": 800}, "output": {"format": "webp"}}, "w_800,f_webp", []),
        (DRAFT, "w_400,ar_16x9,fit_cover,g_0.3x0.7,el_1,bg_ffffff,f_jpeg,q_80", []),
        ({"resize": {"focal_point": {"x": 1 / 3, "y": 1}}}, "g_0.333x1", []),
        ({"resize": {"long_edge": 9}, "grayscale": False, "background": None}, "le_9", []),
        ({"resize": {"width": 800}, "sepia": 0.5}, "w_800", ["sepia"]),
        ({"background": "#ffffff80"}, "f_auto", ["background"]),
        ({}, "f_auto", []),
    ],
)
def test_options(draft: dict[str, Any], options: str, without: list[str]) -> None:
    """A draft's operations are options of URLs, and those that are none are named."""
    assert call("variants.variantOptions(given)", draft) == {"options": options, "without": without}


def test_options_are_valid_at_the_edge() -> None:
    """The CloudFront function accepts them."""
    options = call("variants.variantOptions(given)", DRAFT)["options"]
    (target,) = targets(options)
    assert unquote(target) == "w_400,ar_16x9,fit_cover,g_.3x.7,el_1,bg_ffffff,q_80.jpeg"


def test_options_of_markup() -> None:
    """``srcset`` has the widths that the original reaches, with the draft's aspect ratio; the
    browser chooses the format.
    """
    assert call("variants.srcsetOptions(given)", IMAGE) == [
        {"width": 320, "options": "w_320"},
        {"width": 640, "options": "w_640"},
    ]
    draft = {
        "resize": {"width": 30, "height": 20, "fit": "cover"},
        "output": {"format": "avif", "quality": 9},
    }
    given = {"image": IMAGE, "draft": draft}
    found = call("variants.srcsetOptions(given.image, given.draft)", given)
    assert [each["options"] for each in found] == [
        f"w_{width},fit_cover,ar_30x20,q_9" for width in (320, 640)
    ]
    assert call("variants.srcsetOptions(given)", {"key": "a.jpg"}) == []


@pytest.mark.parametrize(
    ("width", "widths"),
    [(300, [300]), (320, [320]), (390, [320]), (600, [320, 600]), (9000, [2560, 3840])],
)
def test_the_original_is_the_largest(width: int, widths: list[int]) -> None:
    """An original between two widths is a candidate itself, unless it is hardly larger."""
    found = call("variants.srcsetOptions(given)", {"key": "a.jpg", "width": width})
    assert [each["width"] for each in found][-len(widths) :] == widths


def test_markup() -> None:
    """``src`` is the largest; without candidates there is no element."""
    candidates = [{"width": 320, "url": "/1"}, {"width": 640, "url": "/2"}]
    assert call("variants.srcsetImg(given)", candidates) == (
        '<img src="/2" srcset="/1 320w, /2 640w" sizes="100vw" alt="">'
    )
    assert call("variants.srcsetImg(given)", []) == ""
    sized = call("variants.srcsetImg(given, 'A b', 1.5)", candidates)
    assert sized.endswith(' width="640" height="427" alt="A b">')


def test_the_command_signs_the_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    """The printed command is one that `darkroom url` accepts, with the draft's options."""
    words = command(DRAFT)
    assert words[:2] == ["darkroom", "url"]
    store = KeyValueStore({"current": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"})
    monkeypatch.setattr(Cloud, "find", lambda _: Cloud({"VariantKeys": "arn", "SiteUrl": SITE}))
    monkeypatch.setattr(signing_keys, "key_value_client", lambda _: store)
    options = options_text(
        width=400, aspect_ratio="16:9", fit="cover", focal_point=(0.3, 0.7), enlarge=True,
        background="#ffffff", quality=80, format="jpeg",
    )  # fmt: skip
    assert CliRunner().invoke(app, words[1:]).stdout.strip().endswith(f"/{options}/a.jpg")


def test_operations_without_option() -> None:
    """Operations that URLs cannot have are no part of the command."""
    draft = {
        "resize": {"width": 400, "kernel": "nearest"},
        "tint": {"color": "#ff0000"},
        "background": "#ffffff80",
        "grayscale": False,
        "output": {"format": "webp", "max_bytes": 9},
    }
    assert command(draft) == ["darkroom", "url", "--width", "400", "--format", "webp", "a.jpg"]


@pytest.mark.parametrize("key", ["a b.jpg", "it's $(id) `x`.jpg", "-x.jpg", "é\n;rm.jpg"])
def test_keys_are_quoted(key: str) -> None:
    """A shell reads the key as it is, and the command does not take it for an option."""
    words = command({"output": {"format": "webp"}}, key)
    assert words[-1] == key
    assert ("--" in words) == key.startswith("-")
