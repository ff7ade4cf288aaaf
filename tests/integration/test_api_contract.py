"""The deployed API follows docs/reference/openapi.yaml, through CloudFront and API Gateway."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.profiles import one_in

from . import contract
from .site import Site

SEED = "20260501"

Sample = Callable[[str], bytes]


def upload(site: Site, data: bytes) -> str:
    """Upload an image; return its key when it is processed."""
    ticket = site.leave("flower.jpg")
    assert site.send(ticket, data).status_code == 204
    return str(site.ended(ticket["key"])["key"])


def test_the_api_follows_its_contract(
    site: Site, sample: Sample, tmp_path: Path, drained: Callable[[], None]
) -> None:
    """Every operation responds to valid and invalid requests as the document says."""
    keys = [upload(site, sample("flower.jpg")) for _ in range(2)]
    report = tmp_path / "report.json"
    done = subprocess.run(
        contract.command(
            f"{site.root}/api",
            *("--seed", SEED, "--max-examples", str(15 // one_in(5)), "--no-color"),
            *("--report", "json", "--report-json-path", str(report)),
        ),
        env=contract.environment(CONTRACT_RECIPES="3", CONTRACT_KEYS=" ".join(keys)),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    results = json.loads(report.read_text())
    assert results["operations"]["tested"] == results["operations"]["total"] >= 12
    # An operation that refused every request is not tested. No image here is held or in the
    # workflow, and no original has versions: tests/integration/workflow and test_undelete.py cover
    # those operations.
    for operation, phases in results["valid_rates"].items():
        if operation.endswith(("/restore", "/review", "/workflow")):
            continue
        assert sum(each["accepted"] for each in phases.values()), operation
    drained()
