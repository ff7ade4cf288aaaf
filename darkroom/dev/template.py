"""The template and what it includes, as they are edited: judged before a stack is deleted."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import yaml

from localstack_init.artifacts import ArtifactBucket
from localstack_init.build import PROJECT
from localstack_init.cloudformation import StackError
from localstack_init.definitions import build_dashboard, build_definition, build_workflow
from localstack_init.deploy import TEMPLATE, template_text
from localstack_init.stack import Stack
from localstack_init.template import read_template

DEFINITION = PROJECT / "docs" / "openapi.yaml"
WORKFLOW = PROJECT / "localstack_init" / "workflow.asl.json"
PARTS = (TEMPLATE, DEFINITION, WORKFLOW)
"""Files that the stack is made of."""

MOST_SHOWN = 5
"""Problems: one that is mended often takes others with it."""

LONGEST = 160
"""Characters of a problem that are shown."""

FAULTS = ("Unknown exception", "Exception ")
"""Begin what cfn-lint says of faults of its own, which come with others' or mean nothing."""


class TemplateError(Exception):
    """The template can't be deployed. A line for each problem: file, line, what is wrong."""


def changed(stack: str) -> str | None:
    """The template as it would be deployed, if it is another than the stack's; else None.

    Raises ``TemplateError`` for what can't be read.
    """
    _check_sections(read(TEMPLATE, read_template))
    read(DEFINITION, yaml.safe_load)
    read(WORKFLOW, json.loads)
    try:
        definition = build_definition()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise TemplateError(f"{_name(DEFINITION)}: not as OpenAPI has it: {error!r}") from error
    wanted = template_text(
        ArtifactBucket.of(stack).name, definition, build_dashboard(), build_workflow()
    )
    deployed = _stack(stack)
    return None if deployed.is_deployed() and deployed.template() == wanted else wanted


def check(stack: str, wanted: str) -> None:
    """Have the template looked at by who knows what CloudFormation takes; changes nothing.

    Raises ``TemplateError``.
    """
    if problems := lint(TEMPLATE):
        raise TemplateError("\n".join(problems[:MOST_SHOWN]))
    try:
        _stack(stack).validate(wanted)
    except StackError as error:
        raise TemplateError(f"{_name(TEMPLATE)}: {error}") from error


def read(path: Path, parse: Callable[[str], Any]) -> Any:  # noqa: ANN401 (as parsers have it)
    """What a file holds. Raises ``TemplateError``."""
    content = path.read_bytes()
    line = None
    try:
        return parse(content.decode())
    except UnicodeDecodeError as error:
        line, said = content[: error.start].count(b"\n"), "not UTF-8"
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line if mark else None
        said = ", ".join(each for each in (error.context, error.problem) if each)
    except yaml.reader.ReaderError as error:
        line = content.decode().count("\n", 0, error.position)
        said = f"{error.reason}: {chr(int(error.character))!r}"
    except json.JSONDecodeError as error:
        line, said = error.lineno - 1, error.msg
    except (ValueError, RecursionError) as error:
        said = str(error)
    where = _name(path) if line is None else f"{_name(path)}:{line + 1}"
    raise TemplateError(f"{where}: {said}")


def lint(path: Path) -> list[str]:
    """What cfn-lint calls errors in a template, where it is installed."""
    if importlib.util.find_spec("cfnlint") is None:
        return []
    command = [
        sys.executable, "-c", "from cfnlint.runner import main; main()",
        "--format", "parseable", "--ignore-checks", "W", "I", "--", str(path),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    problems: dict[str, str] = {}
    for each in done.stdout.splitlines():
        # file:line:column:line:column:rule:what
        if each.startswith(f"{path}:"):
            line, _, _, _, rule, said = each.removeprefix(f"{path}:").split(":", 5)
            if said.startswith(FAULTS):
                continue
            # Some list all names that there are; several rules say the same of one line.
            brief = said if len(said) <= LONGEST else f"{said[:LONGEST]}…"
            problems.setdefault(line, f"{_name(path)}:{line}: {brief} ({rule})")
    return list(problems.values())


def _check_sections(template: object) -> None:
    """Refuse what is YAML, and no template."""
    if not isinstance(template, dict):
        raise TemplateError(f"{_name(TEMPLATE)}: it has no sections.")
    for section in ("Parameters", "Resources", "Outputs"):
        if not isinstance(template.get(section), dict):
            raise TemplateError(f"{_name(TEMPLATE)}: it has no section {section}.")


def _stack(name: str) -> Stack:
    return Stack(boto3.client("cloudformation"), name, lambda _: None)


def _name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix() if path.is_relative_to(PROJECT) else path.name
