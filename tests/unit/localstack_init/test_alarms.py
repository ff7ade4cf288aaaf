"""The alarms, the dashboard and the runbook: each knows of the others."""

import json
import re
from typing import Any

import pytest

from localstack_init.build import PROJECT
from localstack_init.dashboard import ALARMS, dashboard
from localstack_init.deploy import TEMPLATE
from localstack_init.template import read_template

RESOURCES = read_template(TEMPLATE.read_text())["Resources"]
FOUND: dict[str, dict[str, Any]] = {
    each["Properties"]["AlarmName"].removeprefix("${AWS::StackName}-"): each["Properties"]
    for each in RESOURCES.values()
    if each["Type"] == "AWS::CloudWatch::Alarm"
}
RUNBOOK = (PROJECT / "docs" / "runbook.md").read_text()
WIDGETS = json.loads(dashboard()["Fn::Sub"])["widgets"]


def test_the_runbook_has_a_section_for_each() -> None:
    """Every alarm has its section, and every section its alarm."""
    assert re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE) == list(FOUND)


def test_the_dashboard_shows_each() -> None:
    """The alarms of the template are those of the dashboard."""
    assert list(FOUND) == list(ALARMS)


@pytest.mark.parametrize("name", FOUND)
def test_an_alarm_says_what_to_do(name: str) -> None:
    """The description leads to the runbook; the topic hears of the alarm and of its end."""
    alarm = FOUND[name]
    assert alarm["AlarmDescription"].endswith(f"docs/runbook.md#{name}")
    assert alarm["AlarmActions"] == alarm["OKActions"] == ["AlarmTopic"]
    assert alarm["TreatMissingData"] == "notBreaching"


def test_widgets_do_not_overlap() -> None:
    """The console's grid has 24 columns; each place is taken once."""
    taken = [
        (x, y)
        for each in WIDGETS
        for x in range(each["x"], each["x"] + each["width"])
        for y in range(each["y"], each["y"] + each["height"])
    ]
    assert len(taken) == len(set(taken))
    assert all(x < 24 for x, _ in taken)


def test_the_time_that_is_near_is_four_fifths() -> None:
    """Visibility and threshold follow the timeout that they are for."""
    timeouts = read_template(TEMPLATE.read_text())["Mappings"]["Timeouts"]
    parameter = read_template(TEMPLATE.read_text())["Parameters"]["FunctionTimeout"]
    assert list(timeouts) == parameter["AllowedValues"]
    for seconds, values in timeouts.items():
        assert values == {"Visibility": int(seconds) * 6, "Near": int(seconds) * 800}
