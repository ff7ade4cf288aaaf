"""Dead letters as an operator reads them."""

from botocore.stub import Stubber
from rich.console import Console

from darkroom.operations.dead_letters import explain
from darkroom.terminal.dead_letters import (
    dead_letter_details,
    dead_letter_json,
    dead_letter_table,
)
from processor.sqs.reprocess import message_of, new_request
from tests.unit.darkroom.operations.stubs import message, stubbed_cloud


def test_table_details_and_json() -> None:
    """All three have the same facts, and a key is not markup."""
    cloud = stubbed_cloud()
    body = message_of(
        "raw", new_request("odd [bold]name[/].jpg", "2026-05-01T12:00:00.000Z", "1" * 32)
    )
    with Stubber(cloud.catalog.dynamodb) as dynamodb:
        dynamodb.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": {}})
        (letter,) = explain(cloud, [message(body)])
    console = Console(width=120)
    for table in (dead_letter_table([letter]), dead_letter_details(letter)):
        with console.capture() as capture:
            console.print(table)
        text = capture.get()
        for fact in ("odd [bold]name[/].jpg", "requested", "no-result", "4"):
            assert fact in text
    assert '"eventSource": "darkroom"' in text
    data = dead_letter_json(letter)
    assert (data["id"], data["code"], data["sent"]) == (
        "m", "no-result", "2026-05-01T12:00:00.000+00:00",
    )  # fmt: skip
