"""The container image: its settings are those of ``localstack-native``."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from localstack_native import settings

PROJECT = Path(__file__).parents[2]
DOCKERFILE = (PROJECT / "Dockerfile").read_text()


def test_the_image_repeats_no_setting() -> None:
    """Its environment has only what differs in a container, and its program applies the rest."""
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    assert set(re.findall(r"([A-Z_]+)=", final)) == {"EMULATOR_LAMBDA_PYTHON", "GATEWAY_LISTEN"}
    assert '/bin/localstack-native", "--exec", "docker-entrypoint.sh"]' in final


def test_the_settings_of_another_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """``--exec`` starts a program with the settings, of which the environment overrides each."""
    monkeypatch.setenv("GATEWAY_LISTEN", "0.0.0.0:4599")
    program = Path(sys.executable).with_name("localstack-native")
    done = subprocess.run([program, "--exec", "env"], capture_output=True, text=True, check=True)
    found = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    expected = dict(os.environ)
    settings.apply(expected)
    del expected["PYTEST_CURRENT_TEST"]
    assert expected.items() <= found.items()
    assert found["LOCALSTACK_HOST"] == "localhost:4599"


def test_the_build_needs_nothing_but_this_folder() -> None:
    """Every copied file is in the folder, and in no other one of a repository around it."""
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    paths = [path for line in copied for path in line.split()]
    assert paths
    for path in paths:
        assert path.startswith("$FOLDER"), path
        assert (PROJECT / path.removeprefix("$FOLDER").lstrip("/")).exists(), path
