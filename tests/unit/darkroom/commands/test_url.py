"""`darkroom url`: signed URLs, and errors for bad options."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner, Result

from darkroom.cli import app
from darkroom.clients.darkroom_url import VariantUrls
from darkroom.cloud import Cloud
from darkroom.errors import CommandError
from darkroom.operations import signing_keys
from tests.unit.darkroom.operations.key_value_store import KeyValueStore

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
SITE = "https://images.example.com"


@pytest.fixture(autouse=True)
def _store(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deploy a stack with a known key."""
    monkeypatch.setattr(Cloud, "find", lambda _: Cloud({"VariantKeys": "arn", "SiteUrl": SITE}))
    monkeypatch.setattr(signing_keys, "key_value_client", lambda _: KeyValueStore({"current": KEY}))


def run(*arguments: str) -> Result:
    """Run the command; raises the ``CommandError`` that ends it."""
    done = CliRunner().invoke(app, ["url", *arguments])
    if isinstance(done.exception, CommandError):
        raise done.exception
    return done


def test_url() -> None:
    """The URL has all options, and is signed with the current key."""
    found = run("holiday/beach.jpg", "--width", "640").stdout
    assert found == f"{SITE}/i/0fI-HB0s4aNTjg5lN2kLiu/w_640/holiday/beach.jpg\n"
    found = run(
        "ü b.jpg", "--width", "400", "--height", "300", "--fit", "cover", "--gravity", ".3,0.75",
        "--dpr", "1.5", "--enlarge", "--background", "#FFFFFF", "--quality", "80",
        "--format", "webp", "--version", "2",
    ).stdout  # fmt: skip
    text = "w_400,h_300,fit_cover,g_0.3x0.75,dpr_1.5,el_1,bg_ffffff,q_80,f_webp,v_2"
    assert re.fullmatch(re.escape(SITE) + f"/i/[\\w-]{{22}}/{text}/%C3%BC%20b.jpg\n", found)
    assert "/thumb,dpr_2/" in run("a.jpg", "--rendition", "thumb", "--dpr", "2").stdout
    assert "/f_auto/a.jpg" in run("a.jpg").stdout


def test_unsigned() -> None:
    """A URL without signature needs no key, and has fewer options."""
    assert run("a.jpg", "--width", "640", "--unsigned").stdout == f"{SITE}/i/-/w_640/a.jpg\n"
    with pytest.raises(CommandError, match="height needs a signed URL"):
        run("a.jpg", "--width", "640", "--height", "1", "--unsigned")


def test_expires() -> None:
    """A URL expires after a duration or at a time; JSON has the time."""
    before = datetime.now(UTC)
    found = json.loads(run("a.jpg", "--width", "1", "--expires", "90m", "--json").stdout)
    expires = datetime.fromisoformat(found["expires"])
    assert before + timedelta(minutes=90) <= expires <= datetime.now(UTC) + timedelta(minutes=90)
    assert found["key"] == "a.jpg"
    assert f"w_1,exp_{int(expires.timestamp())}/a.jpg" in found["url"]
    later = run("a.jpg", "--width", "1", "--expires", "2127-01-01T00:00:00Z").stdout
    signed = VariantUrls(SITE, KEY).url("a.jpg", width=1, expires=datetime(2127, 1, 1, tzinfo=UTC))
    assert later == f"{signed}\n"
    assert json.loads(run("a.jpg", "--width", "1", "--json").stdout)["expires"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a", "--width", "0"], "There is no such variant: width is 0: it must be 1 to 16384."),
        (["a", "--fit", "cover"], "fit needs width, height, long_edge or aspect_ratio"),
        (["a", "--width", "1", "--gravity", "up"], "gravity is 'up': it must be one of center"),
        (["a", "--width", "1", "--gravity", ".3,7"], "focal_point is 7.0: it must be 0 to 1"),
        (["a", "--width", "1", "--gravity", "1.2.3,7"], "'1.2.3,7' is not a point"),
        (
            ["a/../b", "--width", "1"],
            "The image has no URL: the image's key 'a/../b' has a segment",
        ),
        (
            ["a", "--expires", "soon"],
            "--expires 'soon' is not a time. Use a time from now, such as",
        ),
        (["a", "--expires", "2020-01-01"], "--expires '2020-01-01' is in the past"),
    ],
)
def test_bad_options(arguments: list[str], message: str) -> None:
    """The error says which option is wrong, and what it must be."""
    with pytest.raises(CommandError, match=re.escape(message)):
        run(*arguments)


def test_unknown_options() -> None:
    """Unknown options and choices are refused with exit code 2."""
    assert run("a", "--widht", "1").exit_code == 2
    assert run("a", "--width", "1", "--format", "jpg").exit_code == 2
