"""docs/aws.md: its parameters, resources, outputs, targets, bill and workflow are the real ones."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from localstack_init.build import PROJECT
from localstack_init.deploy import TEMPLATE
from localstack_init.parameters import OWN
from localstack_init.template import read_template

from .makefile import TARGETS
from .markdown import broken_links, code_spans, rows, section

PATH = PROJECT / "docs" / "aws.md"


def problems() -> Iterator[str]:
    """Yield each statement of the page that is not true, and each gap."""
    page = PATH.read_text()
    template = read_template(TEMPLATE.read_text())
    yield from _parameters(page, template["Parameters"])
    yield from _resources(page, template["Resources"])
    yield from _outputs(page, template["Outputs"])
    yield from _targets(page)
    yield from broken_links(PATH)
    yield from _workflow(page)


def _parameters(page: str, parameters: dict[str, Any]) -> Iterator[str]:
    table = rows(section(page, "Parameters"))
    named = [name for row in table for name in code_spans(row[0])]
    yield from _unequal("Parameters", named, parameters)
    for row in table:
        for name in code_spans(row[0]):
            if name in OWN or name not in parameters:
                continue
            default = str(parameters[name]["Default"]) or "none"
            if row[1].strip("`") != default:
                yield f"docs/aws.md: {name} is given the default {row[1]}. Write {default}."


def _resources(page: str, resources: dict[str, Any]) -> Iterator[str]:
    named = [name for row in rows(section(page, "What is created")) for name in code_spans(row[1])]
    yield from _unequal("What is created", named, resources)


def _unequal(title: str, named: list[str], declared: dict[str, Any]) -> Iterator[str]:
    if sorted(named) != sorted(declared):
        twice = {each for each in named if named.count(each) > 1}
        wrong = sorted((set(named) ^ set(declared)) | twice)
        yield (
            f'docs/aws.md: the table "{title}" differs from the template in {", ".join(wrong)}. '
            "Name each of the template's once."
        )


def _outputs(page: str, outputs: dict[str, Any]) -> Iterator[str]:
    named = set(re.findall(r"<([A-Z]\w+)>", page)) - {"ENV"}
    for name in sorted(named - set(outputs)):
        yield f"docs/aws.md: the stack has no output <{name}>. Name one that it has."
    if not named:
        yield "docs/aws.md: no output is named in angle brackets. Correct the page or this check."


def _targets(page: str) -> Iterator[str]:
    blocks = re.findall(r"```.*?```", page, re.DOTALL)
    prose = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    named = set(re.findall(r"\bmake ([a-z][a-z-]+)", "\n".join([*blocks, *code_spans(prose)])))
    for target in sorted(named - TARGETS):
        yield f"docs/aws.md: the Makefile has no target {target}. Name one that it has."
    for target in sorted({"deploy", "diff", "destroy", "outputs", "bench-cost"} - named):
        yield f"docs/aws.md: make {target} is not mentioned. Describe it."


def _workflow(page: str) -> Iterator[str]:
    """The example workflow signs in by OIDC as deployer.yaml's role, and holds no secret."""
    (source,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    workflow = yaml.safe_load(source)
    (job,) = workflow["jobs"].values()
    deployer = read_template((TEMPLATE.parent / "deployer.yaml").read_text())
    subject = deployer["Parameters"]["Subject"]["Default"]
    (signing_in,) = [step for step in job["steps"] if "configure-aws-credentials" in str(step)]
    where = "docs/aws.md: the example workflow"
    if workflow["permissions"] != {"contents": "read", "id-token": "write"}:
        yield f"{where} needs the permissions contents: read and id-token: write, and no other."
    if f"environment:{job['environment']}" != subject:
        yield f"{where} runs in {job['environment']}; deployer.yaml trusts {subject} by default."
    if set(signing_in["with"]) != {"role-to-assume", "aws-region"} or "secrets." in source:
        yield f"{where} names more than a role and a region to sign in. Remove keys and secrets."
