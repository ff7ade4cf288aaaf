"""The workflows of GitHub Actions: what they run exists, and they may do no more."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parents[3]
GITHUB = PROJECT / ".github"
FILES = sorted([*GITHUB.glob("workflows/*.yml"), *GITHUB.glob("actions/*/action.yml")])
WORKFLOWS = {path.name: yaml.safe_load(path.read_text()) for path in GITHUB.glob("workflows/*.yml")}
JOBS = [
    pytest.param(job, id=f"{file}-{name}")
    for file, workflow in WORKFLOWS.items()
    for name, job in workflow["jobs"].items()
]
TARGETS = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
COMMAND = re.compile(r"(?:source \.darkroom/emulator\.env && )?make (\"\$TARGET\"|[a-z-]+)(.*)")
EVIDENCE = "docker compose logs --no-color --timestamps > compose.log"
VARIABLE = re.compile(r"""[A-Z]+=(?:[\w.-]+|"\$[A-Z]+"|'[^']*')""")
PINNED = re.compile(r"- uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def named_targets() -> Iterator[str]:
    """Give each make target that a workflow runs."""
    for workflow in WORKFLOWS.values():
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                if command := COMMAND.fullmatch(step.get("run", "")):
                    named = command[1]
                    matrix = job.get("strategy", {}).get("matrix", {})
                    yield from matrix["target"] if named.startswith('"') else [named]


@pytest.mark.parametrize("target", sorted(set(named_targets())))
def test_targets_exist(target: str) -> None:
    """Each make target that a workflow runs is in the Makefile."""
    assert target in TARGETS


def test_all_that_a_pull_request_needs_is_run() -> None:
    """The checks and all kinds of tests are run."""
    kinds = {target for target in TARGETS if target.startswith("test-")}
    assert {"check", "bench-smoke", *kinds} <= set(named_targets())


@pytest.mark.parametrize("job", JOBS)
def test_steps_are_make_targets(job: dict[str, Any]) -> None:
    """What a step runs is a make target with plain variables; no event can fill them."""
    for step in job["steps"]:
        if "uses" in step or step == {"run": EVIDENCE, "if": "failure()"}:
            continue
        command = COMMAND.fullmatch(step["run"])
        assert command, step
        assert not VARIABLE.sub("", command[2]).strip(), step


@pytest.mark.parametrize("job", JOBS)
def test_jobs_end(job: dict[str, Any]) -> None:
    """Each job has a time after which it is stopped."""
    assert 0 < job["timeout-minutes"] <= 60


@pytest.mark.parametrize("job", JOBS)
def test_jobs_may_do_little(job: dict[str, Any]) -> None:
    """A job may read the repository; only where a role of AWS is taken on, have a token made."""
    takes_role = any("role-to-assume" in step.get("with", {}) for step in job["steps"])
    token = {"id-token": "write"} if takes_role else {}
    assert job["permissions"] == {"contents": "read", **token}


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS)
def test_workflows_may_do_nothing_by_themselves(workflow: dict[str, Any]) -> None:
    """What a job may do, it says itself; runs of one branch do not pile up."""
    assert workflow["permissions"] == {}
    assert workflow["concurrency"]["group"]


@pytest.mark.parametrize("job", JOBS)
def test_aws_is_for_a_configured_role(job: dict[str, Any]) -> None:
    """A job that takes on a role is skipped where none is configured, and in pull requests."""
    if job["permissions"].get("id-token") == "write":
        condition = job["if"]
        assert condition.startswith("vars.AWS_DEPLOY_ROLE != '' && ")
        assert "github.ref == 'refs/heads/main'" in condition
        assert "pull_request" not in condition
    else:
        assert "secrets." not in str(job)
        assert "AWS_DEPLOY" not in str(job)


@pytest.mark.parametrize("path", FILES, ids=[f"{path.parent.name}-{path.name}" for path in FILES])
def test_actions_are_pinned(path: Path) -> None:
    """Each action is pinned by its commit, with the version beside it, or is in this repository."""
    lines = [line.strip() for line in path.read_text().splitlines() if "uses:" in line]
    assert lines
    for line in lines:
        plain = line if line.startswith("- ") else f"- {line}"
        assert plain.startswith("- uses: ./.github/actions/") or PINNED.match(plain), line


@pytest.mark.parametrize("job", JOBS)
def test_checkouts_keep_no_credentials(job: dict[str, Any]) -> None:
    """The token that checked out the repository is not left for what the repository runs."""
    checkouts = [step for step in job["steps"] if "actions/checkout@" in step.get("uses", "")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)
