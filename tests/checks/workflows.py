"""The workflows of GitHub Actions: they run make targets, with no more rights than these need."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from localstack_init.build import PROJECT

from .makefile import TARGETS

GITHUB = PROJECT / ".github"
COMMAND = re.compile(r"(?:source \.darkroom/emulator\.env && )?make (\"\$TARGET\"|[a-z-]+)(.*)")
EVIDENCE = "docker compose logs --no-color --timestamps > compose.log"
VARIABLE = re.compile(r"""[A-Z]+=(?:[\w.-]+|"\$[A-Z]+"|'[^']*')""")
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
MOST_MINUTES = 60
TAGGED = "github.event_name == 'push' && github.ref_type == 'tag'"
PUBLISHING = {
    ("contents", "read"), ("contents", "write"), ("packages", "write"), ("id-token", "write"),
    ("attestations", "write"),
}  # fmt: skip


def problems() -> Iterator[str]:
    """Yield what a workflow must not do, and what no workflow runs."""
    run: set[str] = set()
    for path in sorted(GITHUB.glob("workflows/*.yml")):
        workflow = yaml.safe_load(path.read_text())
        where = f".github/workflows/{path.name}"
        if workflow["permissions"] != {}:
            yield f"{where}: grants permissions to all jobs. Write permissions: {{}}."
        if not workflow["concurrency"].get("group"):
            yield f"{where}: runs of one branch pile up. Set concurrency.group."
        for name, job in workflow["jobs"].items():
            yield from _job(f"{where}: the job {name}", job)
            run.update(_targets(job))
    needed = {
        "check",
        "bench-smoke",
        "dist",
        "docs-site",
        "image",
        *(each for each in TARGETS if each.startswith("test-")),
    }
    needed -= {"test-all", "test-deployed"}  # jobs run their parts, side by side
    for target in sorted(needed - run):
        yield f".github/workflows: no job runs make {target}. Add it."
    for target in sorted(run - TARGETS):
        yield f".github/workflows: the Makefile has no target {target}. Correct the name."
    yield from _actions()


def _targets(job: dict[str, Any]) -> Iterator[str]:
    for step in job["steps"]:
        if command := COMMAND.fullmatch(step.get("run", "")):
            named = command[1]
            matrix = job.get("strategy", {}).get("matrix", {})
            yield from matrix["target"] if named.startswith('"') else [named]


def _job(where: str, job: dict[str, Any]) -> Iterator[str]:
    if not 0 < job["timeout-minutes"] <= MOST_MINUTES:
        yield f"{where} may run too long. Set timeout-minutes to at most {MOST_MINUTES}."
    if any("actions/deploy-pages@" in step.get("uses", "") for step in job["steps"]):
        yield from _pages(where, job)
    else:
        yield from _steps(where, job["steps"])
        yield from _rights(where, job)


def _pages(where: str, job: dict[str, Any]) -> Iterator[str]:
    """The job that publishes the site runs no code of the repository, and on main alone."""
    if len(job["steps"]) != 1 or job["permissions"] != {"pages": "write", "id-token": "write"}:
        yield f"{where} does more than publish. Move its other steps and rights to another job."
    if job.get("if") != "github.event_name == 'push' && github.ref == 'refs/heads/main'":
        yield f"{where} may publish another branch than main. Restrict its condition."


def _steps(where: str, steps: list[dict[str, Any]]) -> Iterator[str]:
    """Steps run make targets with plain variables: no event's text gets into a shell."""
    for step in steps:
        if "uses" in step or step == {"run": EVIDENCE, "if": "failure()"}:
            continue
        command = COMMAND.fullmatch(step["run"])
        if not command or VARIABLE.sub("", command[2]).strip():
            yield f"{where} runs {step['run']!r}. Make it a target with plain variables."
    checkouts = [step for step in steps if "actions/checkout@" in step.get("uses", "")]
    if not checkouts:
        yield f"{where} checks nothing out. Add actions/checkout."
    for step in checkouts:
        if step["with"]["persist-credentials"] is not False:
            yield f"{where} keeps the checkout's token. Set persist-credentials: false."


def _rights(where: str, job: dict[str, Any]) -> Iterator[str]:
    if job.get("environment") == "release":
        if not job["if"].startswith(TAGGED):
            yield f"{where} may publish without a tag. Begin its condition with: {TAGGED}"
        if not job["permissions"].items() <= PUBLISHING or "secrets." in str(job):
            yield f"{where} has rights that publishing does not need. Remove them."
        return
    takes_role = any("role-to-assume" in step.get("with", {}) for step in job["steps"])
    token = {"id-token": "write"} if takes_role else {}
    if job["permissions"] != {"contents": "read", **token}:
        yield f"{where} has rights that it does not need. Grant contents: read alone."
    if takes_role:
        condition = job["if"]
        if (
            not condition.startswith("vars.AWS_DEPLOY_ROLE != '' && ")
            or "github.ref == 'refs/heads/main'" not in condition
            or "pull_request" in condition
        ):
            yield f"{where} may assume a role outside of main. Restrict its condition."
    elif "secrets." in str(job) or "AWS_DEPLOY" in str(job):
        yield f"{where} reads the settings of a deployment. Assume the role in a job of its own."


def _actions() -> Iterator[str]:
    """An action is pinned by its commit, with the version beside it, or is in this repository."""
    for path in [*GITHUB.glob("workflows/*.yml"), *GITHUB.glob("actions/*/action.yml")]:
        lines = [line.strip("- ") for line in path.read_text().splitlines() if "uses:" in line]
        for line in lines:
            if not line.startswith("uses: ./.github/actions/") and not PINNED.match(line):
                where = path.relative_to(PROJECT)
                yield f"{where}: {line!r} is not pinned. Name a commit and its version."
