"""Code updates of functions by `darkroom dev`."""

from collections.abc import Iterator

import pytest
from botocore.stub import Stubber

from darkroom.dev.function_update import update_functions
from darkroom.errors import CommandError
from tests.unit.darkroom.operations.stubs import client

LAMBDA = client("lambda")


@pytest.fixture
def stub() -> Iterator[Stubber]:
    """Yield the stub of Lambda; every response has to be used."""
    with Stubber(LAMBDA) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def add(stub: Stubber, name: str, *states: tuple[str, str]) -> None:
    """Stub an update of a function, and its states with their reasons."""
    named = {"FunctionName": name}
    stub.add_response("update_function_code", {}, {**named, "ZipFile": b"zip"})
    for status, reason in states:
        state = {"LastUpdateStatus": status, "LastUpdateStatusReason": reason}
        stub.add_response("get_function_configuration", state, named)


def test_one_function_after_another(stub: Stubber) -> None:
    """The next function is updated when the one before is."""
    add(stub, "one", ("InProgress", ""), ("Successful", ""))
    add(stub, "two", ("Successful", ""))
    update_functions(["one", "two"], b"zip", LAMBDA)


def test_a_failed_update(stub: Stubber) -> None:
    """The error has Lambda's reason, and no other function is updated."""
    add(stub, "one", ("InProgress", ""), ("Failed", "The file is not a ZIP file."))
    with pytest.raises(CommandError, match="one was not updated: The file is not a ZIP file"):
        update_functions(["one", "two"], b"zip", LAMBDA)
