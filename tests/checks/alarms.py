"""The template's alarms: their how-to section, place on the dashboard, and thresholds."""

import re
from collections.abc import Iterator
from typing import Any

from localstack_init.build import PROJECT
from localstack_init.dashboard import ALARMS
from localstack_init.definitions import TEMPLATE
from localstack_init.template import read_template

PAGE = "docs/how-to/respond-to-alarms.md"


def problems() -> Iterator[str]:
    """Yield what an alarm lacks, and timeouts that its thresholds do not follow."""
    template = read_template(TEMPLATE.read_text())
    resources = template["Resources"].values()
    yield from _timeouts(template)
    alarms: dict[str, dict[str, Any]] = {
        each["Properties"]["AlarmName"].removeprefix("${AWS::StackName}-"): each["Properties"]
        for each in resources
        if each["Type"] == "AWS::CloudWatch::Alarm"
    }
    sections = re.findall(r"^## ([a-z-]+)$", (PROJECT / PAGE).read_text(), re.MULTILINE)
    if sections != list(alarms):
        yield (
            f"{PAGE}: the sections are {sections}, the template's alarms {list(alarms)}. "
            "Give each alarm a section, in the template's order."
        )
    if list(ALARMS) != list(alarms):
        yield (
            f"localstack_init/dashboard.py: ALARMS is {list(ALARMS)}, the template has "
            f"{list(alarms)}. List them in the template's order."
        )
    for name, alarm in alarms.items():
        where = f"template.yaml: the alarm {name}"
        if not alarm["AlarmDescription"].endswith(f"{PAGE}#{name}"):
            yield f"{where} does not end its description with {PAGE}#{name}. Add it."
        if not alarm["AlarmActions"] == alarm["OKActions"] == ["AlarmTopic"]:
            yield f"{where} does not notify AlarmTopic of both its states. Set both actions."
        if alarm["TreatMissingData"] != "notBreaching":
            yield f"{where} alarms on missing data. Set TreatMissingData: notBreaching."


def _timeouts(template: dict[str, Any]) -> Iterator[str]:
    """Visibility is six times the function's timeout, and Near four fifths of it."""
    right = {
        seconds: {"Visibility": int(seconds) * 6, "Near": int(seconds) * 800}
        for seconds in template["Parameters"]["FunctionTimeout"]["AllowedValues"]
    }
    if template["Mappings"]["Timeouts"] != right:
        yield f"template.yaml: the mapping Timeouts is wrong. Write {right}."
