"""Findings of a consistency check in the terminal and as JSON."""

from typing import Any

from rich.console import Console

from darkroom.operations.consistency import (
    Comparison,
    Fault,
    Findings,
)
from darkroom.terminal.consistency import fault_report, findings_json


def shown(*parts: Any) -> str:
    """Return the text of what is printed."""
    console = Console(width=100)
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    return capture.get()


def test_report() -> None:
    """Faults are shown by kind with their number, the first keys, and the number of the others."""
    faults = [Fault("orphan", f"odd [bold]{number}", "x.webp") for number in range(7)]
    text = shown(*fault_report(faults, 2))
    assert "originals with stored objects that the entry does not name: 7" in text
    assert "odd [bold]1" in text
    assert "odd [bold]2" not in text
    assert "5 more" in text
    assert "odd [bold]6" in shown(*fault_report(faults, None))


def test_json() -> None:
    """Pending faults are apart from the others."""
    fault = Fault("stuck", "a", "x")
    data = findings_json(Findings(Comparison(), [fault], [fault], {}))
    assert data["faults"] == data["pending"] == {"stuck": [{"key": "a", "detail": "x"}]}
    assert data["entries"] == 0
