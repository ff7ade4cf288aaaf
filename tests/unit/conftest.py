"""Fixtures of the unit tests."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from tests.profiles import examples

TESTS = Path(__file__).parent.parent

# An example's duration depends on the machine.
settings.register_profile("darkroom", settings.default, deadline=None, max_examples=examples(160))
settings.load_profile("darkroom")


@pytest.fixture
def message() -> Callable[[str], str]:
    """Return a function from the name of a file in tests/events to an SQS message's body."""
    return lambda name: (TESTS / "events" / f"{name}.json").read_text()


@pytest.fixture
def batch(message: Callable[[str], str]) -> Callable[..., dict[str, object]]:
    """Return a function from names of such files to Lambda's event of a batch."""

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
    """Return a function from the name of a sample photograph to its bytes."""
    return lambda name: (TESTS.parent / "samples" / name).read_bytes()


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name cases of lists and dictionaries by their content, shortened."""
    return json.dumps(val)[:40] if isinstance(val, dict | list) else None
