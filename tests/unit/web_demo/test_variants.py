"""The page's URLs of variants: what an unsigned URL can show, and the command for the rest."""

import json
import re
import shlex
from typing import Any

import pytest
from typer.testing import CliRunner

from darkroom.cli import app
from darkroom.clients.darkroom_url import options_text
from darkroom.cloud import Cloud
from darkroom.operations import signing_keys
from localstack_init.build import PROJECT
from localstack_init.site import PAGE
from tests import node
from tests.unit.darkroom.operations.key_value_store import KeyValueStore

IMPORT = f'import * as variants from "{PAGE}/js/lib/variants.js";'
SITE = "https://d1.cloudfront.net"
IMAGE = {
    "key": "holiday/café 1.jpg",
    "width": 700,
    "preset_url": f"{SITE}/i/-/{{options}}/holiday/caf%C3%A9%201.jpg",
}


def call(expression: str, given: Any) -> Any:
    """Return the value of an expression on ``given``."""
    return node.run(f"return {expression};", given, imports=IMPORT)


def command(draft: dict[str, Any], key: str = "a.jpg") -> tuple[list[str], list[str]]:
    """Return the words of the command as a shell splits it, and the operations without option."""
    found = call("variants.signedCommand(given.key, given.draft)", {"key": key, "draft": draft})
    return shlex.split(found["command"]), found["without"]


def test_widths() -> None:
    """The page has the widths to which CloudFront raises those of unsigned URLs."""
    code = (PROJECT / "processor" / "edge" / "variants.js").read_text()
    (widths,) = re.findall(r"^const WIDTHS = (\[.+\]);$", code, re.MULTILINE)
    assert call("variants.WIDTHS", None) == json.loads(widths)


@pytest.mark.parametrize(
    ("draft", "options"),
    [
        ({"resize": {"width": 800}, "output": {"format": "webp"}}, "w_800"),
        ({"resize": {"width": 801}, "output": {"format": "png"}}, "w_1080"),
        ({"resize": {"width": 801}, "output": {"format": "webp", "quality": 9}}, None),
        ({"resize": {"width": 9999}}, "w_3840"),
        ({"resize": {"width": 800}, "grayscale": False, "background": None}, "w_800"),
        ({"resize": {"width": 800, "height": 1}}, None),
        ({"resize": {"width": 800}, "sepia": 0.5}, None),
        ({"resize": {"width": 0}}, None),
        ({"output": {"format": "webp"}}, None),
    ],
)
def test_options_of_unsigned_urls(draft: dict[str, Any], options: str | None) -> None:
    """A draft that resizes to a width alone has an unsigned URL, with the next larger width."""
    assert call("variants.presetOptions(given)", draft) == options


def test_path_of_unsigned_url() -> None:
    """The path has the image's key as the API encodes it; without unsigned URLs there is none."""
    path = "i/-/w_320/holiday/caf%C3%A9%201.jpg"
    assert call('variants.presetPath(given, "w_320")', IMAGE) == path
    assert call('variants.presetPath(given, "w_320")', {"key": "a.jpg"}) is None


def test_markup() -> None:
    """``srcset`` has the widths that the original reaches, and ``src`` the largest of them."""
    found = call("variants.presetImg(given, ({path}) => `/${path}`)", IMAGE)
    rest = "holiday/caf%C3%A9%201.jpg"
    srcset = ", ".join(f"/i/-/w_{each}/{rest} {each}w" for each in (160, 320, 480, 640))
    assert found == f'<img src="/i/-/w_640/{rest}" srcset="{srcset}" sizes="100vw" alt="">'
    for image in (IMAGE | {"width": 159}, {"key": "a.jpg", "width": 700}):
        assert call("variants.presetImg(given, ({path}) => path)", image) is None


def test_the_command_signs_the_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    """The printed command is one that `darkroom url` accepts, with the draft's options."""
    draft = {
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
    words, without = command(draft)
    assert (words[:2], without) == (["darkroom", "url"], [])
    store = KeyValueStore({"current": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"})
    monkeypatch.setattr(Cloud, "find", lambda _: Cloud({"VariantKeys": "arn", "SiteUrl": SITE}))
    monkeypatch.setattr(signing_keys, "key_value_client", lambda _: store)
    options = options_text(
        width=400, aspect_ratio="16:9", fit="cover", focal_point=(0.3, 0.7), enlarge=True,
        background="#ffffff", quality=80, format="jpeg",
    )  # fmt: skip
    assert CliRunner().invoke(app, words[1:]).stdout.strip().endswith(f"/{options}/a.jpg")


def test_operations_without_option() -> None:
    """Operations that URLs cannot have are named, and are no part of the command."""
    draft = {
        "resize": {"width": 400, "kernel": "nearest"},
        "tint": {"color": "#ff0000"},
        "background": "#ffffff80",
        "grayscale": False,
        "output": {"format": "webp", "max_bytes": 9},
    }
    words, without = command(draft)
    assert words == ["darkroom", "url", "--width", "400", "--format", "webp", "a.jpg"]
    assert without == ["resize: kernel", "tint", "background", "output: max bytes"]


@pytest.mark.parametrize("key", ["a b.jpg", "it's $(id) `x`.jpg", "-x.jpg", "é\n;rm.jpg"])
def test_keys_are_quoted(key: str) -> None:
    """A shell reads the key as it is, and the command does not take it for an option."""
    words, _ = command({"output": {"format": "webp"}}, key)
    assert words[-1] == key
    assert ("--" in words) == key.startswith("-")
