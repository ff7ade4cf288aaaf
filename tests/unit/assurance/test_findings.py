"""Findings, and the list of accepted ones."""

from pathlib import Path

import pytest

from tests.assurance.findings import AcceptedError, Finding, judge, load_accepted, report

FOUND = Finding("template.yaml", "RULE", "Queue", "not good")


def test_judge() -> None:
    """A finding that is not accepted is a complaint, and so is an acceptance without a finding."""
    place = ("template.yaml", "RULE", "Queue")
    assert judge([FOUND, FOUND], {}) == ["template.yaml: RULE Queue: not good"]
    assert judge([FOUND], {place: "why"}) == []
    [stale] = judge([], {place: "why"})
    assert "no longer found" in stale


def test_a_report_counts_findings_by_rule() -> None:
    """A row has a rule's places in a template, and how many of them are accepted."""
    other = Finding("template.yaml", "RULE", "Table", "not good")
    accepted = {("template.yaml", "RULE", "Table"): "why"}
    _, _, row, last = report([FOUND, other, FOUND], accepted)
    assert row == "| template.yaml | RULE | not good | 2 | 1 | Queue, Table |"
    assert last == "| all | 1 rules | | 2 | 1 | |"


@pytest.mark.parametrize(
    "text",
    [
        "t: [{rule: R, where: [A]}]",
        "t: [{rule: R, where: [A], reason: ' '}]",
        "t: [{rule: R, reason: why}]",
        "t: [{rule: R, where: [A, A], reason: why}]",
    ],
)
def test_acceptances_need_a_reason(tmp_path: Path, text: str) -> None:
    """An entry without a rule, a place or a reason is refused, and so is a duplicate."""
    path = tmp_path / "accepted.yaml"
    path.write_text(text)
    with pytest.raises(AcceptedError):
        load_accepted(path)
