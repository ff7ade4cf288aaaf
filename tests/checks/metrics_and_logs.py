"""docs/reference/metrics-and-logs.md: log messages, metrics, stages, alarms and annotations."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from localstack_init.build import PROJECT
from localstack_init.definitions import TEMPLATE
from localstack_init.template import read_template
from processor.telemetry.metrics import UNITS
from processor.telemetry.timings import METRIC_STAGES, STAGES

from .markdown import code_spans, rows, section

PAGE = PROJECT / "docs" / "reference" / "metrics-and-logs.md"
CODE = PROJECT / "processor"

LEVELS = {"debug", "info", "warning", "error", "exception"}


class Logged(NamedTuple):
    """A message of the log: its levels, and the fields that its lines add."""

    levels: set[str]
    fields: set[str]


def problems() -> Iterator[str]:
    """Yield each table that differs from the code or the template."""
    page = PAGE.read_text()
    yield from _messages(page)
    metrics = {row[0].strip("`"): row[1] for row in rows(section(page, "Metrics"))}
    yield from _unequal("Metrics", metrics.items(), UNITS.items())
    stages = rows(section(page, "Stages"))
    yield from _unequal("Stages", [code_spans(row[0])[0] for row in stages], [*STAGES, "decode"])
    measured = [code_spans(row[0])[0] for row in stages if row[1] == "yes"]
    yield from _unequal("Stages: metric", measured, METRIC_STAGES)
    resources = read_template(TEMPLATE.read_text())["Resources"].values()
    alarms = [
        (each["Properties"]["AlarmName"].removeprefix("${AWS::StackName}-"), _condition(each))
        for each in resources
        if each["Type"] == "AWS::CloudWatch::Alarm"
    ]
    named = [(row[0].split("`")[1], row[2]) for row in rows(section(page, "Alarms"))]
    yield from _unequal("Alarms", named, alarms)
    source = (CODE / "telemetry" / "attempt.py").read_text()
    annotations = [
        key.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.keyword) and node.arg == "annotations"
        for key in ast.walk(node.value)
        if isinstance(key, ast.Constant) and key.value
    ]
    traced = [code_spans(row[0])[0] for row in rows(section(page, "Traces"))]
    yield from _unequal("Traces", traced, annotations)


def _messages(page: str) -> Iterator[str]:
    logged = logged_messages(CODE)
    table = rows(section(page, "Log messages"))
    yield from _unequal("Log messages", [code_spans(row[0])[0] for row in table], logged)
    for name, level, fields, *_ in table:
        found = logged.get(code_spans(name)[0])
        if found and set(level.split(" or ")) != found.levels:
            yield f"{PAGE.name}: {name} has the levels {sorted(found.levels)}. Correct the row."
        if found and set(code_spans(fields)) != found.fields:
            yield f"{PAGE.name}: {name} has the fields {sorted(found.fields)}. Correct the row."


def logged_messages(folder: Path) -> dict[str, Logged]:
    """Return what the code in a folder logs, by message."""
    found: dict[str, Logged] = defaultdict(lambda: Logged(set(), set()))
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            levels = set(re.findall(r"\blogger\.(\w+)", ast.unparse(node.func))) & LEVELS
            for text in ast.walk(node.args[0]) if levels else ():
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    found[text.value].levels.update(
                        "error" if level == "exception" else level for level in levels
                    )
                    found[text.value].fields.update(
                        each.arg for each in node.keywords if each.arg and each.arg != "exc_info"
                    )
    return found


def _condition(alarm: dict[str, Any]) -> str:
    """Return an alarm's threshold and periods: ``> 0, 1 of 1 min``."""
    properties = alarm["Properties"]
    periods = properties["EvaluationPeriods"]
    threshold = properties["Threshold"]
    value = "80% of the timeout" if isinstance(threshold, list) else threshold
    return f"> {value}, {properties.get('DatapointsToAlarm', periods)} of {periods} min"


def _unequal(title: str, named: Iterable[object], declared: Iterable[object]) -> Iterator[str]:
    wrong = sorted(map(str, set(named) ^ set(declared)))
    if wrong:
        yield f'{PAGE.name}: "{title}" differs from the code in {", ".join(wrong)}. Correct it.'
