"""Fixtures of the tests that need no emulator."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from tests.unit.localstack_init.stacks import (
    cloudformation,
    said,
    stack,
)

__all__ = ["cloudformation", "said", "stack"]

TESTS = Path(__file__).parent.parent

# How long an example takes tells of the machine, not of the code.
settings.register_profile("darkroom", settings.default, deadline=None)
settings.load_profile("darkroom")


@pytest.fixture
def message() -> Callable[[str], str]:
    """Give the body of an SQS message by the name of its file in tests/events."""
    return lambda name: (TESTS / "events" / f"{name}.json").read_text()


@pytest.fixture
def batch(message: Callable[[str], str]) -> Callable[..., dict[str, object]]:
    """Give what Lambda hands to the handler for messages of these names."""

    def records(*names: str) -> dict[str, object]:
        return {
            "Records": [
                {
                    "messageId": f"message-{number}",
                    "body": message(name),
                    "attributes": {"ApproximateReceiveCount": "1"},
                }
                for number, name in enumerate(names)
            ]
        }

    return records


@pytest.fixture
def sample() -> Callable[[str], bytes]:
    """Give the bytes of a sample photograph."""
    return lambda name: (TESTS.parent / "samples" / name).read_bytes()


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name cases by what they hold, cut short."""
    return json.dumps(val)[:40] if isinstance(val, dict | list) else None
