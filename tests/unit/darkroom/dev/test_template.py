"""What `darkroom dev` says of a template before it deletes anything for it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from darkroom.dev import template
from darkroom.dev.template import TemplateError, lint, read
from localstack_init.deploy import TEMPLATE
from localstack_init.template import read_template


@pytest.mark.parametrize(
    ("parse", "content", "said"),
    [
        (read_template, b"A: 1\nB: [\n", "x:3: while parsing a flow node, expected the node"),
        (read_template, b"A: 1\nB: \x01\n", r"x:2: special characters .*: '\\x01'"),
        (read_template, b"A: 1\nB: \xff\n", "x:2: not UTF-8"),
        (yaml.safe_load, b"A: 1\nB: 2024-99-99\n", "x: month must be in 1..12"),
        (json.loads, b'{\n"A": 1,\n}', "x:2: Illegal trailing comma"),
    ],
)
def test_what_cannot_be_read(
    tmp_path: Path, parse: Callable[[str], Any], content: bytes, said: str
) -> None:
    """The complaint names the file, the line where there is one, and the reason."""
    file = tmp_path / "x"
    file.write_bytes(content)
    with pytest.raises(TemplateError, match=said):
        read(file, parse)


@pytest.mark.parametrize("content", ["", "[]", "Resources: {}", "Parameters: 1\nResources: {}"])
def test_what_is_no_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    """YAML without a template's sections is refused before anybody is asked."""
    file = tmp_path / "template.yaml"
    file.write_text(content)
    monkeypatch.setattr(template, "TEMPLATE", file)
    with pytest.raises(TemplateError, match=r"^template.yaml: it has no section"):
        template.changed("darkroom")


def test_what_cloudformation_would_refuse(tmp_path: Path) -> None:
    """A property and a resource that there are not are named with their lines, each line once, and
    without all the names that there are.
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


def test_names_that_are_none(tmp_path: Path) -> None:
    """YAML takes `No` for a boolean, at which the linter's rules stumble: that is not shown."""
    file = tmp_path / "template.yaml"
    file.write_text("Resources:\n  No: {Type: 'AWS::S3::Bucket'}\n  B: {Type: 'AWS::S3::Bucket'}\n")
    problems = lint(file)
    assert problems
    assert not any("xception" in each for each in problems)
    assert any("template.yaml:1: False does not match" in each for each in problems)


def test_without_a_linter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where cfn-lint is not installed, CloudFormation alone is asked."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert lint(Path("no file")) == []
