"""Checks of an edited template and what is inserted into it, before a stack is deleted for it."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import yaml

from darkroom.errors import CommandError
from localstack_init.artifacts import ArtifactBucket
from localstack_init.build import PROJECT, Artifact
from localstack_init.cloudformation import StackError
from localstack_init.definitions import OPENAPI, TEMPLATE, WORKFLOW, build_template
from localstack_init.stack import Stack
from localstack_init.template import read_template

FILES = (TEMPLATE, OPENAPI, WORKFLOW)
"""The files that the stack is built from."""

MOST_SHOWN = 5
"""Problems shown: one often causes others."""

LONGEST = 160
"""Characters shown of a problem."""

LINTER_FAULTS = ("Unknown exception", "Exception ")
"""The beginning of cfn-lint's messages on its own faults, which say nothing about the template."""

Stamp = tuple[int, ...]


class TemplateError(CommandError):
    """The template cannot be deployed. A line for each problem: file, line, and what is wrong."""


@dataclass(frozen=True)
class TemplateCheck:
    """The template of this checkout, compared with that of a deployed stack."""

    stack: str
    template: Path = TEMPLATE

    def changed(self) -> Artifact | None:
        """Return the template as it would be deployed; None if the stack has the same.

        Raises ``TemplateError`` for a file that cannot be read.
        """
        _check_sections(read(self.template, read_template))
        read(OPENAPI, yaml.safe_load)
        read(WORKFLOW, json.loads)
        deployed = self._deployed()
        try:
            template = build_template(deployed.parameters().get("ApiAuth", ""))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise TemplateError(f"{_name(OPENAPI)}: not valid OpenAPI: {error!r}") from error
        same = deployed.is_deployed() and deployed.template() == template.path.read_text()
        return None if same else template

    def check(self, template: Artifact) -> None:
        """Raise ``TemplateError`` if cfn-lint or CloudFormation rejects the template."""
        if problems := lint(self.template):
            raise TemplateError("\n".join(problems[:MOST_SHOWN]))
        bucket = ArtifactBucket.of(self.stack)
        bucket.ensure()
        bucket.upload(template, lambda _: None)
        try:
            self._deployed().validate(bucket.url(template))
        except StackError as error:
            raise TemplateError(f"{_name(self.template)}: {error}") from error

    def stamps(self) -> tuple[Stamp, ...]:
        """Return numbers that change whenever one of the files is saved."""
        return tuple(_stamp(path) for path in FILES)

    def _deployed(self) -> Stack:
        return Stack(boto3.client("cloudformation"), self.stack, lambda _: None)


def read(path: Path, parse: Callable[[str], Any]) -> Any:  # noqa: ANN401 (as parsers declare it)
    """Return the parsed content of a file. Raises ``TemplateError``."""
    content = path.read_bytes()
    line = None
    try:
        return parse(content.decode())
    except UnicodeDecodeError as error:
        line, problem = content[: error.start].count(b"\n"), "not UTF-8"
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line if mark else None
        problem = ", ".join(each for each in (error.context, error.problem) if each)
    except yaml.reader.ReaderError as error:
        line = content.decode().count("\n", 0, error.position)
        problem = f"{error.reason}: {chr(int(error.character))!r}"
    except json.JSONDecodeError as error:
        line, problem = error.lineno - 1, error.msg
    except (ValueError, RecursionError) as error:
        problem = str(error)
    place = _name(path) if line is None else f"{_name(path)}:{line + 1}"
    raise TemplateError(f"{place}: {problem}")


def lint(path: Path, linter: str = "cfnlint") -> list[str]:
    """Return cfn-lint's errors in a template; none if it is not installed."""
    if importlib.util.find_spec(linter) is None:
        return []
    command = [
        sys.executable, "-c", f"from {linter}.runner import main; main()",
        "--format", "parseable", "--ignore-checks", "W", "I", "--", str(path),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    problems: dict[str, str] = {}
    for each in done.stdout.splitlines():
        # file:line:column:line:column:rule:text
        if each.startswith(f"{path}:"):
            line, _, _, _, rule, text = each.removeprefix(f"{path}:").split(":", 5)
            if text.startswith(LINTER_FAULTS):
                continue
            # Several rules report the same line, and some list all valid names.
            brief = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
            problems.setdefault(line, f"{_name(path)}:{line}: {brief} ({rule})")
    return list(problems.values())


def _check_sections(template: object) -> None:
    """Raise ``TemplateError`` for YAML that is not a template."""
    if not isinstance(template, dict):
        raise TemplateError(f"{_name(TEMPLATE)}: it has no sections.")
    for section in ("Parameters", "Resources", "Outputs"):
        if not isinstance(template.get(section), dict):
            raise TemplateError(f"{_name(TEMPLATE)}: it has no section {section}.")


def _stamp(path: Path) -> Stamp:
    try:
        stat = path.stat()
    except OSError:
        return ()
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino)


def _name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix() if path.is_relative_to(PROJECT) else path.name
