"""`darkroom keys`: which keys are printed, and what a rotation changes."""

import base64
import hashlib
import json
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from darkroom.cli import app
from darkroom.cloud import Cloud
from darkroom.errors import CommandError
from darkroom.operations import signing_keys
from tests.unit.darkroom.operations.key_value_store import KeyValueStore

STORE = "arn:aws:cloudfront::000000000000:key-value-store/1"
FIRST = "A" * 43
SECOND = "B" * 43
HEX = "943b421c9eb07c830af81030552c86009268de4e532ba2ee2eab8247c6da0881"

Run = Callable[..., Result]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> KeyValueStore:
    """Return the store of the stack, with a current key."""
    made = KeyValueStore({"current": FIRST})
    outputs = {"VariantKeys": STORE, "RawBucket": "raw-1"}
    monkeypatch.setattr(Cloud, "find", lambda _: Cloud(outputs))
    monkeypatch.setattr(signing_keys, "key_value_client", lambda _: made)
    monkeypatch.setenv("COLUMNS", "160")
    return made


def run(*arguments: str, answer: str | None = None) -> Result:
    """Run the command; raises the ``CommandError`` that ends it."""
    done = CliRunner().invoke(app, ["keys", *arguments], input=answer)
    if isinstance(done.exception, CommandError):
        raise done.exception
    return done


def digits(key: str) -> str:
    """Return the first digits of a key's SHA-256."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def test_keys_are_secret(store: KeyValueStore) -> None:
    """``show`` prints keys only with ``--reveal``, also as JSON; digits tell them apart."""
    store.values["previous"] = SECOND
    for shown in (run("show"), run("show", "--json")):
        assert digits(FIRST) in shown.stdout
        assert digits(SECOND) in shown.stdout
        assert FIRST not in shown.stdout
        assert SECOND not in shown.stdout
    assert f"previous  {digits(SECOND)}  {SECOND}" in run("show", "--reveal").stdout
    entries = json.loads(run("show", "--reveal", "--json").stdout)["entries"]
    assert entries[0] == {"name": "current", "sha256": digits(FIRST), "value": FIRST}


def test_rotate(store: KeyValueStore) -> None:
    """The current key becomes the previous one in one update; the new one has 32 random bytes."""
    done = run("rotate", "--yes")
    assert done.exit_code == 0
    assert store.values["previous"] == FIRST
    new = store.values["current"]
    assert len(base64.urlsafe_b64decode(f"{new}=")) == 32
    assert new not in done.stdout
    assert "signed with the previous key stay valid until the next rotation" in done.stdout
    run("rotate", "--yes")
    assert store.values["previous"] == new
    assert store.values["current"] not in {new, FIRST}
    assert store.version == 3


def test_rotate_asks(store: KeyValueStore) -> None:
    """It asks for confirmation, and says that URLs become invalid only if there are such URLs."""
    done = run("rotate", answer="n\n")
    assert done.exit_code == 1
    assert "Create a new signing key?" in done.output
    assert "become invalid" not in done.output
    store.values["previous"] = SECOND
    assert "signed with the previous key become invalid" in run("rotate", answer="n\n").output
    assert store.values == {"current": FIRST, "previous": SECOND}


def test_the_first_key(store: KeyValueStore) -> None:
    """Without a key, ``show`` says what to do, and ``rotate`` creates one without previous."""
    store.values.clear()
    with pytest.raises(CommandError, match="`darkroom keys rotate` creates one"):
        run("show")
    run("rotate", "--yes")
    assert list(store.values) == ["current"]


def test_a_change_at_the_same_time(store: KeyValueStore) -> None:
    """A rotation at the same time as another one changes nothing, and says so."""
    store.is_changed_by_others = True
    with pytest.raises(CommandError, match="changed by someone else at the same time"):
        run("rotate", "--yes")
    assert store.values == {"current": FIRST}


def test_a_stack_without_variants(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the parameter that enables variants."""
    monkeypatch.setattr(Cloud, "find", lambda _: Cloud({}))
    with pytest.raises(CommandError, match="deploy with the parameter Variants=signed"):
        run("show")


def test_options_of_another_action(store: KeyValueStore) -> None:
    """An option that has no effect is refused, and nothing changes."""
    assert run("rotate", "--yes", "--reveal").exit_code == 2
    assert run("show", "--source", "s3://a/").exit_code == 2
    assert run("delete").exit_code == 2
    assert store.values == {"current": FIRST}


def test_imgproxy(store: KeyValueStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and salts of the environment are stored with the prefixes of sources, not printed."""
    monkeypatch.setenv("IMGPROXY_KEY", f"{HEX}, aa")
    monkeypatch.setenv("IMGPROXY_SALT", f"bb,{HEX}")
    done = run("imgproxy", "--source", "s3://old/photos/")
    assert store.values == {
        "current": FIRST,
        "imgproxy-key": f"{HEX},aa",
        "imgproxy-salt": f"bb,{HEX}",
        "imgproxy-sources": "local:/// s3://raw-1/ s3://old/photos/",
    }
    assert HEX not in done.stdout
    assert "s3://old/photos/" in done.stdout


@pytest.mark.parametrize(
    ("key", "salt", "sources", "message"),
    [
        ("", "aa", [], "IMGPROXY_KEY must be hexadecimal"),
        ("aa", "abc", [], "IMGPROXY_SALT must be hexadecimal"),
        ("aa,bb", "cc", [], "IMGPROXY_KEY has 2 keys, and IMGPROXY_SALT 1 salts"),
        ("aa", "bb", ["s3://old"], "'s3://old' is not a prefix"),
        ("aa", "bb", ["s3://a b/"], "'s3://a b/' is not a prefix"),
        ("aa" * 600, "bb", [], "imgproxy-key has 1200 bytes, and CloudFront stores 1024"),
    ],
)
def test_bad_imgproxy_settings(
    key: str,
    salt: str,
    sources: list[str],
    message: str,
    store: KeyValueStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Settings that imgproxy or CloudFront refuse are errors, and nothing is stored."""
    monkeypatch.setenv("IMGPROXY_KEY", key)
    monkeypatch.setenv("IMGPROXY_SALT", salt)
    with pytest.raises(CommandError, match=message):
        run("imgproxy", *[word for each in sources for word in ("--source", each)])
    assert store.values == {"current": FIRST}
