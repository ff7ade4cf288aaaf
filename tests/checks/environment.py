"""docs/reference/environment.md: its generated tables, and each variable that the code reads."""

import ast
import inspect
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import click
import msgspec
import typer
from msgspec import Struct

from darkroom.cli import app
from localstack_init.build import PROJECT
from localstack_init.definitions import TEMPLATE
from localstack_init.template import read_template
from processor.settings import (
    ApiSettings,
    ChangesSettings,
    ProcessSettings,
    VariantSettings,
    WebhookSettings,
    WorkflowSettings,
)

from .markdown import code_spans

PATH = PROJECT / "docs" / "reference" / "environment.md"
FUNCTIONS: dict[str, type[Struct]] = {
    "process": ProcessSettings,
    "workflow": WorkflowSettings,
    "api": ApiSettings,
    "changes": ChangesSettings,
    "webhook": WebhookSettings,
    "variant": VariantSettings,
}
"""The settings of each function, by the end of its name."""

POWERTOOLS = {
    "POWERTOOLS_LOG_LEVEL": "Lowest level of log lines that are written.",
    "POWERTOOLS_SERVICE_NAME": "Name of the service in log lines.",
}
"""Variables that the template sets for Powertools, which reads them itself."""

READERS = ("darkroom", "processor", "localstack_init", "tests", "benchmarks")
READ = re.compile(
    r"""environ(?:\.get|\.setdefault|\.pop)?[(\[]\s*"([A-Z][A-Z0-9_]+)"|envvar="([A-Z_]+)"|"""
    r"""\$\{([A-Z][A-Z_]+)(?:\}|:?[-?])|"((?:EMULATOR|DARKROOM)_[A-Z_]+)\""""
)
"""A variable that code, a shell script or a Compose file reads or sets."""

PRIVATE = {
    "DARKROOM_GUARDED_BY", "DARKROOM_KILL_TABLE", "DARKROOM_TEST_LOCALSTACK",
    "DARKROOM_TEST_SLOWNESS", "EMULATOR_ONLY", "FAULTS_DIRECTOR", "FUZZ_FINDINGS", "HOME",
    "INTERRUPTED_FILE", "INTERRUPTED_FOLDER", "LOOT", "MARK", "PATH", "PRETENDER",
    "PYTEST_CURRENT_TEST", "RECORDER", "TABLE", "TMPDIR", "UV_PROJECT_ENVIRONMENT",
}  # fmt: skip
"""Variables that the system or a test's own process sets: nobody else does."""


def problems() -> Iterator[str]:
    """Yield each variable that the page, the settings or the template lacks."""
    named = set(code_spans(PATH.read_text()))
    for name in sorted(_read() - named - PRIVATE):
        yield f"docs/reference/environment.md: {name} is read and not described. Add it."
    for function, variables in _set_by_template().items():
        known = {name.upper() for name in _meanings(FUNCTIONS[function])} | POWERTOOLS.keys()
        for name in sorted(variables.keys() - known):
            yield f"template.yaml: no setting of the function {function} is {name}. Remove it."


def functions_table() -> str:
    """Return the table of the functions' variables."""
    template = read_template(TEMPLATE.read_text())
    values = _set_by_template()
    rows: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for function, settings in FUNCTIONS.items():
        fields = {each.name.upper(): each for each in msgspec.structs.fields(settings)}
        meanings = {name.upper(): text for name, text in _meanings(settings).items()} | POWERTOOLS
        for name in (*fields, *POWERTOOLS):
            source = _source(values[function].get(name), template)
            form = _form(fields[name].type) if name in fields else ""
            rows[name, f"{meanings[name]}{form}"][function] = source
    lines = [
        f"| `{name}` | {', '.join(sources)} | {', '.join(dict.fromkeys(sources.values()))} "
        f"| {meaning} |"
        for (name, meaning), sources in sorted(rows.items())
    ]
    return "\n".join(["| variable | functions | value | meaning |", "|---|---|---|---|", *lines])


def options_table() -> str:
    """Return the table of the variables that options of commands read."""
    group = typer.main.get_command(app)
    commands: dict[str, list[str]] = defaultdict(list)
    options: dict[str, click.Option] = {}
    for name, command in sorted(getattr(group, "commands", {}).items()):
        for option in command.params:
            if getattr(option, "envvar", None):
                commands[option.envvar].append(f"`{name}`")
                options[option.envvar] = option
    lines = []
    for variable, option in sorted(options.items()):
        found = commands[variable]
        where = ", ".join(found) if len(found) < 8 else f"{len(found)} commands"
        meaning = " ".join((option.help or "").split())
        lines.append(f"| `{variable}` | `{option.opts[0]}` | {where} | {meaning} |")
    return "\n".join(["| variable | option | commands | meaning |", "|---|---|---|---|", *lines])


def _meanings(settings: type[Struct]) -> dict[str, str]:
    """Return the description below each field of a class and its bases."""
    found: dict[str, str] = {}
    for each in reversed(settings.__mro__):
        if each.__module__ != settings.__module__:
            continue
        (tree,) = ast.parse(inspect.getsource(each)).body
        assert isinstance(tree, ast.ClassDef)
        for field, text in zip(tree.body, tree.body[1:], strict=False):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(text, ast.Expr)
                and isinstance(text.value, ast.Constant)
            ):
                found[field.target.id] = " ".join(str(text.value.value).replace("``", "`").split())
    return found


def _form(kind: Any) -> str:
    """Return what a value must be, if it is not any text."""
    described = next((each.description for each in getattr(kind, "__metadata__", ())), "")
    return f" Format: {described}." if described else ""


def _set_by_template() -> dict[str, dict[str, object]]:
    """Return the variables that the template sets on each function."""
    found = {}
    for each in read_template(TEMPLATE.read_text())["Resources"].values():
        if each["Type"] == "AWS::Lambda::Function":
            name = str(each["Properties"]["FunctionName"]).rpartition("-")[2]
            found[name] = dict(each["Properties"]["Environment"]["Variables"])
    return found


def _source(value: object, template: dict[str, Any]) -> str:
    """Return where the template takes a value from."""
    if value is None:
        return "set by Lambda"
    if not isinstance(value, str):
        return "parameters `SiteUrlPrefix` and `DomainName`, or the distribution's own name"
    if value in template["Parameters"]:
        return f"parameter `{value}`"
    return f"resource `{value}`" if value in template["Resources"] else f"`{value}`"


def _read() -> set[str]:
    """Return the variables that the project's code reads."""
    files = [
        file
        for folder in READERS
        for file in (PROJECT / folder).rglob("*")
        if file.suffix in {".py", ".sh"} and file.name != "environment.py"
    ]
    files += PROJECT.glob("docker-compose*.yml")
    return {
        name for file in files for match in READ.findall(file.read_text()) for name in match if name
    }
