"""Fixtures of the tests of localstack_init."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from localstack_init.stack import Stack

from .stacks import stubbed


@pytest.fixture
def cloudformation() -> Iterator[Stubber]:
    """Return a stubbed CloudFormation."""
    with stubbed("cloudformation") as stubber:
        yield stubber


@pytest.fixture
def said() -> list[str]:
    """Return the printed lines."""
    return []


@pytest.fixture
def stack(cloudformation: Stubber, said: list[str]) -> Stack:
    """Return the stack under test, which does not sleep between polls."""
    client: Any = cloudformation.client
    return Stack(client, "darkroom", said.append, sleep=lambda _: None)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with a pipeline of two modules."""
    source = tmp_path / "processor"
    (source / "inner").mkdir(parents=True)
    (source / "__init__.py").write_text("NAMES = {'a', 'b', 'c', 'd'}\n")
    (source / "inner" / "thing.py").write_text("def f(x):\n    return x in {'p', 'q', 'r'}\n")
    (source / "recipes.json").write_text('{"default": {}}')
    return tmp_path
