"""The table of a deployment's changes."""

import pytest
from rich.console import Console

from darkroom.terminal.changes import change_table
from localstack_init.change_set import Change, Difference


def shown(parameters: list[Difference], changes: list[Change]) -> list[str]:
    """Return the table's lines with single spaces."""
    console = Console(width=200)
    with console.capture() as capture:
        console.print(change_table(parameters, changes))
    return [" ".join(line.split()) for line in capture.get().splitlines()]


@pytest.mark.parametrize(
    ("difference", "line"),
    [
        (Difference("MemorySize", "512", "1024"), "MemorySize: 512 → 1024"),
        (Difference("Aliases", None, ["[a]"]), 'Aliases: none → ["[a]"]'),
        (Difference("Aliases", None, None), "Aliases"),
        (Difference("Comment", "", "new"), "Comment: none → new"),
        (
            Difference("Csp", "x" * 100 + "-a" + "y" * 100, "x" * 100 + "-b" + "y" * 100),
            f"Csp: …{'x' * 19}-a{'y' * 39}… → …{'x' * 19}-b{'y' * 39}…",
        ),
    ],
)
def test_a_changed_property(difference: Difference, line: str) -> None:
    """Both values are shown if they are known; of long ones, the part where they differ."""
    change = Change("Modify", "Api", "AWS::ApiGateway::RestApi", differences=(difference,))
    assert shown([], [change]) == [f"~ Api ApiGateway::RestApi {line}"]


def test_a_table_of_changes() -> None:
    """Parameters come first; the mark is that of the resource's action."""
    kind = "AWS::SQS::Queue"
    changes = [
        Change("Add", "New", kind),
        Change("Remove", "Old", kind),
        Change("Modify", "Same", kind),
        Change("Modify", "Another", kind, "True"),
        Change("Modify", "Perhaps", kind, "Conditional"),
    ]
    assert shown([Difference("BatchSize", "10", "5")], changes) == [
        "~ BatchSize parameter 10 → 5",
        "+ New SQS::Queue",
        "- Old SQS::Queue",
        "~ Same SQS::Queue",
        "± Another SQS::Queue",
        "±? Perhaps SQS::Queue",
    ]
