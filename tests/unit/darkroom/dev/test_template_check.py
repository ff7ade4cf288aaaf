"""The checks of a template by `darkroom dev`, before it deletes a stack for it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from darkroom.dev.template_check import TemplateCheck, TemplateError, lint, read
from localstack_init.definitions import TEMPLATE
from localstack_init.template import read_template


@pytest.mark.parametrize(
    ("parse", "content", "message"),
    [
        (read_template, b"A: 1\nB: [\n", "x:3: while parsing a flow node, expected the node"),
        (read_template, b"A: 1\nB: \x01\n", r"x:2: special characters .*: '\\x01'"),
        (read_template, b"A: 1\nB: \xff\n", "x:2: not UTF-8"),
        (yaml.safe_load, b"A: 1\nB: 2024-99-99\n", "x: month must be in 1..12"),
        (json.loads, b'{\n"A": 1,\n}', "x:2: Illegal trailing comma"),
    ],
)
def test_files_that_do_not_parse(
    tmp_path: Path, parse: Callable[[str], Any], content: bytes, message: str
) -> None:
    """The error names the file, the line if it is known, and the reason."""
    file = tmp_path / "x"
    file.write_bytes(content)
    with pytest.raises(TemplateError, match=message):
        read(file, parse)


@pytest.mark.parametrize("content", ["", "[]", "Resources: {}", "Parameters: 1\nResources: {}"])
def test_yaml_that_is_no_template(tmp_path: Path, content: str) -> None:
    """YAML without a template's sections is rejected before any request."""
    file = tmp_path / "template.yaml"
    file.write_text(content)
    with pytest.raises(TemplateError, match=r"template\.yaml: it has no section"):
        TemplateCheck("darkroom", file).changed()


def test_what_cloudformation_would_reject(tmp_path: Path) -> None:
    """An unknown property and an unknown resource are reported with their lines, each line once,
    and without the list of all valid names.
    """
    file = tmp_path / "template.yaml"
    bad = "  Bad:\n    Type: AWS::S3::Bucket\n    Properties:\n      Nam: x\n      Tags: !Ref No\n"
    text = TEMPLATE.read_text().replace("\nResources:\n", f"\nResources:\n{bad}", 1)
    file.write_text(text)
    first = text[: text.index("      Nam: x")].count("\n") + 1
    name, reference = lint(file)
    assert name.startswith(f"template.yaml:{first}: Additional properties are not allowed ('Nam'")
    assert reference.startswith(f"template.yaml:{first + 1}: 'No' is not one of")
    assert len(reference) < 250


def test_faults_of_the_linter(tmp_path: Path) -> None:
    """YAML reads `No` as a boolean. Rules of the linter that fail on it are not reported."""
    file = tmp_path / "template.yaml"
    file.write_text("Resources:\n  No: {Type: 'AWS::S3::Bucket'}\n  B: {Type: 'AWS::S3::Bucket'}\n")
    problems = lint(file)
    assert problems
    assert not any("xception" in each for each in problems)
    assert any("template.yaml:1: False does not match" in each for each in problems)


def test_without_a_linter() -> None:
    """If cfn-lint is not installed, only CloudFormation checks the template."""
    assert lint(Path("no file"), linter="not_installed") == []
