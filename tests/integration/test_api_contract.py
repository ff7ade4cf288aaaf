"""The deployed API does what docs/openapi.yaml says, through CloudFront and API Gateway."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from . import contract
from .site import Site

SEED = "20260501"

Sample = Callable[[str], bytes]


@pytest.mark.timeout(240)
def test_the_api_keeps_its_contract(
    site: Site, sample: Sample, tmp_path: Path, drained: Callable[[], None]
) -> None:
    """Every operation, asked rightly and wrongly in many ways, answers as the document says."""
    leave = site.leave("flower.jpg")
    assert site.send(leave, sample("flower.jpg")).status_code == 204
    site.ended(leave["key"])
    report = tmp_path / "report.json"
    done = subprocess.run(
        contract.command(
            f"{site.root}/api",
            *("--seed", SEED, "--max-examples", "15", "--no-color"),
            *("--report", "json", "--report-json-path", str(report)),
        ),
        env=contract.environment(CONTRACT_RECIPES="3"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    told = json.loads(report.read_text())
    assert told["operations"]["tested"] == told["operations"]["total"] == 10
    # Nothing is shown by an operation that only ever refused. What the workflow works on is in the
    # way of none of these requests: tests/integration/workflow has it.
    for operation, phases in told["valid_rates"].items():
        if operation.endswith(("/review", "/workflow")):
            continue
        assert sum(each["accepted"] for each in phases.values()), operation
    drained()
