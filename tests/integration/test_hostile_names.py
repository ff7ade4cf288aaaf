"""Names that bucket writers chose, in the terminal of an operator."""

import json
import os
import subprocess
import unicodedata
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from darkroom.cli import COMMANDS
from darkroom.cloud import Cloud
from darkroom.terminal.escape import ESCAPED, on_one_line
from processor.catalog.entries import Entry
from processor.change import UNKNOWN_SEQUENCER, now
from processor.sqs.reprocess import message_of, new_request

from .conftest import DARKROOM, SAMPLES, Run
from .waiting import wait_for

NAMES = (
    "evil\x1b[31m\x1b]0;title\x07.jpg",
    "c1\x9b2J.jpg",
    "right\u202egpj.exe.jpg",
    "line\nbreak\r.jpg",
    "[/red]:smile:[link=x.jpg",
)

WITHOUT_NAMES = {
    "up", "down", "reset", "dev", "mode", "demo", "recipes", "contact_sheet", "status", "dashboard",
    "build", "deploy", "diff", "outputs", "destroy", "permissions", "keys", "url",
}  # fmt: skip
"""Commands that print no names of others, or encode them."""

ON_FILES = ("upload", "watch", "render")

ON_VERSIONS = ("trash", "restore")
"""Commands on versioned buckets: test_undelete.py."""

ON_DONE = ("set", "similar")
"""Commands that need images that are done."""

ON_EVENTS = ("events", "webhooks")
"""Commands on a stack with subscribers: test_variant_events.py and test_webhooks.py."""


@pytest.fixture
def prefix() -> str:
    """Return a prefix that is short: no table wraps the keys."""
    return f"{uuid.uuid4().hex[:6]}/"


@pytest.fixture
def keys(
    run: Run,
    cloud: Cloud,
    prefix: str,
    outcome: Callable[..., Entry],
    put: Callable[[str, bytes], None],
) -> Iterator[list[str]]:
    """Give the keys of processed images with these names, each with a dead letter."""
    keys = [prefix + name for name in NAMES]
    data = (SAMPLES / "coffee.png").read_bytes()
    for key in keys:
        put(key, data)
    for key in keys:
        assert outcome(key)["status"] == "done"
        body = message_of(cloud.outputs["RawBucket"], new_request(key, now(), UNKNOWN_SEQUENCER))
        cloud.sqs.send_message(QueueUrl=cloud.outputs["DeadLetterQueueUrl"], MessageBody=body)
    yield keys
    assert run("redrive", "--key", f"{prefix}*").returncode == 0


def check(done: "subprocess.CompletedProcess[str]", key: str) -> None:
    """Check that a command has printed a key, escaped, on one line."""
    printed = done.stdout + done.stderr
    assert "Traceback" not in done.stderr  # `logs` prints those of functions
    assert on_one_line(key) in printed
    raw = {each for each in printed if unicodedata.category(each) in ESCAPED} - {"\n", "\t"}
    assert not raw


def test_every_command(
    run: Run, cloud: Cloud, keys: list[str], prefix: str, quiet: Callable[[], None]
) -> None:
    """Each command prints each key on one line, without its control characters."""
    listed: dict[str, list[str]] = {
        "ls": ["-n", "1000"],
        "logs": [],
        "check": [prefix, "--all", "--grace=0"],
        "dead": ["-n", "1000"],
        "redrive": ["--key", f"{prefix}*", "--dry-run"],
        "reprocess": [prefix, "--dry-run"],
    }
    each: dict[str, list[str]] = {"show": [], "trace": [], "get": ["out"], "rm": ["--yes"]}
    words = {command.__name__ for commands in COMMANDS.values() for command in commands}
    elsewhere = {*ON_FILES, *ON_VERSIONS, *ON_DONE, *ON_EVENTS}
    assert words == {*listed, *each, *elsewhere, *WITHOUT_NAMES}

    for command, arguments in listed.items():
        if command == "check":
            quiet()
            for key in keys:  # a fault
                cloud.catalog.dynamodb.delete_item(
                    TableName=cloud.catalog.table, Key={"filename": {"S": key}}
                )
        done = run(command, *arguments)
        for key in keys:
            check(done, key)
        if command == "check":
            assert run("check", prefix, "--repair", "--grace=0").returncode == 0
    for command, arguments in each.items():
        for key in keys:
            check(run(command, key, *arguments), key)


def test_commands_on_images_that_are_done(run: Run, keys: list[str]) -> None:
    """`set` prints the key and the title, `similar` the keys of the others, on one line each."""
    title = "\u202e[/red]"
    for key in keys:
        done = run("set", key, "--title", title)
        assert done.returncode == 0, done.stderr
        check(done, key)
        check(done, title)

    def finds(key: str, others: set[str]) -> bool:
        found = json.loads(run("similar", key, "--json").stdout)["similar"]
        return others <= {each["key"] for each in found}

    for key in keys:
        others = {*keys} - {key}
        # The index follows the catalog with a delay.
        wait_for(partial(finds, key, others))
        done = run("similar", key)
        for other in others:
            check(done, other)


def test_json(run: Run, keys: list[str]) -> None:
    """JSON has the keys as they are, in ASCII."""
    for key in keys:
        printed = run("show", key, "--json").stdout
        assert printed.isascii()
        assert json.loads(printed)["filename"] == key
    lines = run("logs", "--json").stdout
    assert lines.isascii()
    assert {json.loads(line).get("key") for line in lines.splitlines()} >= set(keys)


@pytest.mark.parametrize("command", ON_FILES)
def test_commands_on_files(command: str, run: Run, prefix: str, tmp_path: Path) -> None:
    """Names of files are printed in the same way; `[/red]` is a folder's name."""
    names = [name for name in NAMES if "/" not in name]
    (tmp_path / "in").mkdir()
    for name in names:
        (tmp_path / "in" / name).write_text("no image")
    files: list[Any] = sorted((tmp_path / "in").iterdir())
    arguments: dict[str, list[Any]] = {
        "upload": [*files, "--prefix", prefix],
        "render": [*files, "--out", "out"],
        "watch": ["in", "--once", "--prefix", prefix],
    }
    done = run(command, *arguments[command])
    for name in names:
        check(done, name)


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_a_terminal_without_utf_8(
    environment: dict[str, str], cloud: Cloud, prefix: str, tmp_path: Path
) -> None:
    """Commands work; other characters are escaped, and the key is the file's name in UTF-8."""
    file = tmp_path / "é中.jpg"
    file.write_bytes((SAMPLES / "coffee.png").read_bytes())
    stack = cloud.outputs["ProcessFunction"].removesuffix("-process")
    done = subprocess.run(
        [DARKROOM, "upload", file, "--prefix", prefix],
        env={**os.environ, "DARKROOM_STACK": stack, "COLUMNS": "160", **environment},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert cloud.original(f"{prefix}é中.jpg")
    if "PYTHONIOENCODING" in environment:
        assert done.stdout.isascii()
        assert b"\\xe9\\u4e2d.jpg" in done.stdout


@pytest.mark.parametrize(
    "arguments", [("rm", "--yes", "\udcff"), ("check", "\udcff"), ("reprocess", "\udcff")]
)
def test_an_argument_that_is_not_utf_8(run: Run, arguments: tuple[str, ...]) -> None:
    """The error names it."""
    done = run(*arguments)
    assert done.returncode == 1
    message = "error: '\\udcff' is not UTF-8, which AWS requires. Use another name.\n"
    assert done.stderr.endswith(message)
    assert "Traceback" not in done.stderr
