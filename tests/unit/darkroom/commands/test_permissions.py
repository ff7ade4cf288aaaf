"""`darkroom permissions`."""

import json

from tests.unit.darkroom.commands.running import run


def test_permissions_are_listed() -> None:
    """The table has who may do what, and the flow that fails without it."""
    text = run("permissions").stdout
    assert "ProcessRole" in text
    assert "overwrite" in text


def test_permissions_as_json() -> None:
    """A permission that AWS alone needs has no flow, and a reason."""
    found = json.loads(run("permissions", "--json").stdout)
    (poll, _) = [each for each in found if each["action"] == "sqs:ReceiveMessage"]
    assert (poll["holder"], poll["resource"], poll["flow"]) == ("ProcessRole", "Queue", "upload")
    traces = [each for each in found if each["action"] == "xray:PutTraceSegments"]
    assert {each["flow"] for each in traces} == {None}
    assert all("X-Ray" in each["unproven"] for each in traces)
