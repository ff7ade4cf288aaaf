"""The pages on deployment: their outputs, make targets and example workflow are the real ones."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from localstack_init.build import PROJECT
from localstack_init.definitions import TEMPLATE
from localstack_init.template import read_template

from .makefile import TARGETS
from .markdown import code_spans

DOCS = PROJECT / "docs"
PAGES = (
    "tutorial/first-deployment.md",
    "tutorial/two-pipelines.md",
    "how-to/custom-domain.md",
    "how-to/deploy-from-github-actions.md",
    "how-to/respond-to-alarms.md",
    "how-to/run-in-production.md",
    "how-to/tear-down.md",
    "how-to/update-and-roll-back.md",
    "explanation/cost.md",
)
DESCRIBED = {"deploy", "destroy", "diff", "outputs"}
"""Targets that the first tutorial must mention."""


def problems() -> Iterator[str]:
    """Yield each statement of the pages that is not true, and each gap."""
    template = read_template(TEMPLATE.read_text())
    for name in PAGES:
        page = (DOCS / name).read_text()
        yield from _outputs(name, page, template["Outputs"])
        yield from _targets(name, page)
        yield from _names(name, page, template)
    yield from _first_deployment(DOCS / PAGES[0])
    yield from _workflow(DOCS / "how-to" / "deploy-from-github-actions.md")


def _outputs(name: str, page: str, outputs: dict[str, Any]) -> Iterator[str]:
    named = set(re.findall(r"<([A-Z]\w+)>", page)) - {"ENV"}
    for output in sorted(named - set(outputs)):
        yield f"docs/{name}: the stack has no output <{output}>. Name one that it has."


def _targets(name: str, page: str) -> Iterator[str]:
    for target in sorted(_named_targets(page) - TARGETS):
        yield f"docs/{name}: the Makefile has no target {target}. Name one that it has."


def _named_targets(page: str) -> set[str]:
    blocks = re.findall(r"```.*?```", page, re.DOTALL)
    prose = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    return set(re.findall(r"\bmake ([a-z][a-z-]+)", "\n".join([*blocks, *code_spans(prose)])))


def _names(name: str, page: str, template: dict[str, Any]) -> Iterator[str]:
    """Code spans like `BatchSize` or `BatchSize=1` are the template's, or deployer.yaml's."""
    deployer = read_template((TEMPLATE.parent / "deployer.yaml").read_text())
    known = {
        each
        for source in (template, deployer)
        for section in ("Parameters", "Resources", "Outputs")
        for each in source[section]
    }
    sids = set(re.findall(r"Sid: (\w+)", TEMPLATE.read_text()))
    prose = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    for span in code_spans(prose):
        word = re.fullmatch(r"([A-Z][a-z]+[A-Z]\w*)(=\S*)?", span)
        if word and word[1] not in known | sids | ELSEWHERE:
            yield f"docs/{name}: the template has no {word[1]}. Name what it has."


ELSEWHERE = {
    "AccessDenied",
    "AmazonDynamoDBFullAccess",
    "AmazonS3FullAccess",
    "CNAMEAlreadyExists",
    "CloudWatchLogsFullAccess",
    "ImageMetadata",
    "KeyError",
    "QueueImages",
    "ThrottlingException",
}
"""Names of AWS, of Python and of the examples."""


def _first_deployment(path: Path) -> Iterator[str]:
    page = path.read_text()
    for target in sorted(DESCRIBED - _named_targets(page)):
        yield f"docs/{PAGES[0]}: make {target} is not mentioned. Describe it."


def _workflow(path: Path) -> Iterator[str]:
    """The example workflow signs in by OIDC as deployer.yaml's role, and holds no secret."""
    (source,) = re.findall(r"```yaml\n(.*?)```", path.read_text(), re.DOTALL)
    workflow = yaml.safe_load(source)
    (job,) = workflow["jobs"].values()
    deployer = read_template((TEMPLATE.parent / "deployer.yaml").read_text())
    subject = deployer["Parameters"]["Subject"]["Default"]
    (signing_in,) = [step for step in job["steps"] if "configure-aws-credentials" in str(step)]
    where = f"docs/how-to/{path.name}: the example workflow"
    if workflow["permissions"] != {"contents": "read", "id-token": "write"}:
        yield f"{where} needs the permissions contents: read and id-token: write, and no other."
    if f"environment:{job['environment']}" != subject:
        yield f"{where} runs in {job['environment']}; deployer.yaml trusts {subject} by default."
    if set(signing_in["with"]) != {"role-to-assume", "aws-region"} or "secrets." in source:
        yield f"{where} names more than a role and a region to sign in. Remove keys and secrets."
