"""docs/aws.md says what the template, the Makefile and the price list say."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.decode.cfn_yaml import load
from prices import load as load_inputs

from localstack_init.deploy import TEMPLATE

PROJECT = Path(__file__).parents[3]
PAGE = (PROJECT / "docs" / "aws.md").read_text()
DOCUMENT: dict[str, Any] = load(str(TEMPLATE))
FOLLOWS_THE_SCRIPT = {"ArtifactBucket", "CodeKey", "LayerKey"}


def section(title: str) -> str:
    """The text below a heading."""
    return re.split(r"^## ", PAGE.partition(f"\n## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[
        0
    ]


def rows(title: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def codes(text: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", text)


def test_every_parameter_is_described() -> None:
    """The table has the template's parameters, each of them once, and no other."""
    named = [name for row in rows("Parameters") for name in codes(row[0])]
    assert sorted(named) == sorted(DOCUMENT["Parameters"])


@pytest.mark.parametrize("row", rows("Parameters"), ids=lambda row: row[0])
def test_defaults_are_the_templates(row: list[str]) -> None:
    """A parameter's default is the template's; none is an empty text."""
    for name in codes(row[0]):
        if name not in FOLLOWS_THE_SCRIPT:
            default = str(DOCUMENT["Parameters"][name]["Default"])
            assert row[1].strip("`") == (default or "none")


def test_every_resource_is_named() -> None:
    """The table of what is created has the template's resources, each of them once."""
    named = [name for row in rows("What is created") for name in codes(row[1])]
    assert sorted(named) == sorted(DOCUMENT["Resources"])


def test_outputs_are_there() -> None:
    """What stands in angle brackets is an output of the stack, or yours to fill in."""
    named = set(re.findall(r"<([A-Z]\w+)>", PAGE)) - {"ENV"}
    assert named <= set(DOCUMENT["Outputs"])
    assert named


def test_targets_are_in_the_makefile() -> None:
    """Every target of make that the page names is in the Makefile."""
    blocks = re.findall(r"```.*?```", PAGE, re.DOTALL)
    prose = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
    named = set(re.findall(r"\bmake ([a-z][a-z-]+)", "\n".join([*blocks, *codes(prose)])))
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    assert named <= targets
    assert {"deploy", "diff", "destroy", "outputs", "bench-cost"} <= named


def test_links_lead_somewhere() -> None:
    """Files and headings that the page links to are there."""
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in PAGE.splitlines()
        if line.startswith("#")
    }
    for link in re.findall(r"\]\((?!https?:)(.+?)\)", PAGE):
        path, _, anchor = link.partition("#")
        assert not path or (PROJECT / "docs" / path).exists(), link
        assert path or anchor in headings, link


def test_prices_are_dated() -> None:
    """The bill says for which region it is, and of when its prices are."""
    inputs = load_inputs()
    bill = section("What it costs")
    assert f"{inputs.currency}, {inputs.region}" in bill
    assert inputs.taken in bill


def test_the_workflow_holds_no_key() -> None:
    """The example workflow signs in by OIDC: it may ask for a token, and names no secret."""
    (source,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    workflow = yaml.safe_load(source)
    assert workflow["permissions"] == {"contents": "read", "id-token": "write"}
    (job,) = workflow["jobs"].values()
    # The deployer's role trusts this environment, unless told otherwise.
    deployer = load(str(TEMPLATE.parent / "deployer.yaml"))
    assert f"environment:{job['environment']}" == deployer["Parameters"]["Subject"]["Default"]
    (signing_in,) = [step for step in job["steps"] if "configure-aws-credentials" in str(step)]
    assert set(signing_in["with"]) == {"role-to-assume", "aws-region"}
    assert "secrets." not in source
