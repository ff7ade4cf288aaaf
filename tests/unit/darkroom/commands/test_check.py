"""`darkroom check`: the check after a repair."""

import time

import pytest
from typer.testing import CliRunner

from darkroom.cli import app
from darkroom.cloud import Cloud
from darkroom.operations import consistency, index_check, repair
from darkroom.operations.consistency import Comparison, Fault, Findings, Kind
from tests.unit.darkroom.operations.stubs import stubbed_cloud

IDLE = {"waiting": 0, "in flight": 0, "dead": 0}


@pytest.mark.parametrize(
    ("checks", "code"),
    [
        ([["unindexed"], ["unindexed"], []], 0),
        ([["unindexed"], ["unindexed", "missing"]], 1),
    ],
)
def test_a_repair_waits_for_the_index(
    checks: list[list[Kind]], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check is repeated while the index alone differs."""
    left = ([Fault(kind, "a", "") for kind in kinds] for kinds in checks)
    monkeypatch.setattr(Cloud, "find", lambda _: stubbed_cloud())
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr(index_check, "rebuild", lambda *_: None)
    monkeypatch.setattr(repair, "drain", lambda _: None)
    monkeypatch.setattr(
        consistency, "check", lambda *_: Findings(Comparison(), next(left), [], IDLE)
    )
    result = CliRunner().invoke(app, ["check", "--repair", "--grace", "0"])
    assert result.exit_code == code, result
    assert not list(left)
