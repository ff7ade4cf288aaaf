"""Findings, and the list of accepted ones."""

from pathlib import Path

import pytest

from tests.assurance.findings import AcceptedError, Finding, judge, load_accepted

FOUND = Finding("template.yaml", "RULE", "Queue", "not good")


def test_judge() -> None:
    """A finding that is not accepted is a complaint, and so is an acceptance without a finding."""
    place = ("template.yaml", "RULE", "Queue")
    assert judge([FOUND, FOUND], {}) == ["template.yaml: RULE Queue: not good"]
    assert judge([FOUND], {place: "why"}) == []
    [stale] = judge([], {place: "why"})
    assert "no longer found" in stale


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
