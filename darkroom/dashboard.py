"""The stack's dashboard in a terminal: the same widgets as in CloudWatch's console.

What is drawn is what CloudWatch keeps under the dashboard's name, so that there is one definition.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

BARS = " ▁▂▃▄▅▆▇█"
POINTS = 30
"""Columns of a chart."""

STATES = {"OK": "green", "ALARM": "bold red", "INSUFFICIENT_DATA": "dim"}
PALETTE = ("cyan", "magenta", "yellow", "blue", "white")


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart."""

    label: str
    stat: str
    values: tuple[float | None, ...]
    """One for each period, the oldest first; None where nothing was measured."""
    color: str


@dataclass(frozen=True)
class Dashboard:
    """A dashboard that CloudWatch keeps."""

    cloudwatch: "CloudWatchClient"
    name: str

    def draw(self, minutes: int, width: int) -> RenderableType:
        """All its widgets with what was measured in the last ``minutes``, ``width`` columns wide.

        Raises botocore's ``ClientError`` if there is none of that name.
        """
        body = json.loads(self.cloudwatch.get_dashboard(DashboardName=self.name)["DashboardBody"])
        end = datetime.now(UTC)
        rows = []
        for _, widgets in groupby(body["widgets"], key=lambda each: each["y"]):
            panels = [
                self._panel(widget, end - timedelta(minutes=minutes), end) for widget in widgets
            ]
            across = max(1, min(len(panels), width // 44))
            rows.append(Columns(panels, width=width // across - 1, padding=(0, 1)))
        return Group(*rows)

    def _panel(self, widget: dict[str, Any], start: datetime, end: datetime) -> Panel:
        properties = widget["properties"]
        if widget["type"] == "alarm":
            content: RenderableType = self._alarms(properties["alarms"])
        else:
            unit = properties.get("yAxis", {}).get("left", {}).get("label", "")
            content = _chart(self._series(properties, start, end), unit)
        return Panel(content, title=properties["title"], title_align="left", border_style="dim")

    def _alarms(self, arns: Sequence[str]) -> Table:
        names = [arn.rpartition(":alarm:")[2] for arn in arns]
        known = self.cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]
        states = {each["AlarmName"]: each["StateValue"] for each in known}
        table = Table.grid(padding=(0, 1))
        for name in names:
            state = states.get(name, "missing")
            table.add_row(name, Text(state, style=STATES.get(state, "red")))
        return table

    def _series(self, properties: dict[str, Any], start: datetime, end: datetime) -> list[Series]:
        minutes = (end - start).total_seconds() / 60
        period = max(properties["period"], 60 * round(minutes / POINTS))
        # CloudWatch's periods begin at multiples of themselves.
        start = datetime.fromtimestamp(start.timestamp() // period * period, UTC)
        lines = [_line(metric) for metric in properties["metrics"]]
        queries: list[MetricDataQueryTypeDef] = [
            {
                "Id": f"m{number}",
                "MetricStat": {"Metric": metric, "Period": period, "Stat": look["stat"]},  # type: ignore[misc, typeddict-item]
            }
            for number, (metric, look) in enumerate(lines)
        ]
        answer = self.cloudwatch.get_metric_data(
            MetricDataQueries=queries, StartTime=start, EndTime=end, ScanBy="TimestampAscending"
        )
        found = {each["Id"]: each for each in answer["MetricDataResults"]}
        moments = [start + timedelta(seconds=period * n) for n in range(_count(start, end, period))]
        series = []
        for number, (_, look) in enumerate(lines):
            result = found[f"m{number}"]
            measured = dict(zip(result["Timestamps"], result["Values"], strict=True))
            values = tuple(measured.get(moment) for moment in moments)
            color = look.get("color", PALETTE[number % len(PALETTE)])
            series.append(Series(look["label"], look["stat"], values, color))
        return series


def _line(metric: list[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A metric in the array's shape of a widget, as GetMetricData takes it, and how it looks."""
    namespace, name, *rest = metric
    look = rest.pop()
    dimensions = [
        {"Name": key, "Value": value} for key, value in zip(rest[::2], rest[1::2], strict=True)
    ]
    return {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions}, look


def _count(start: datetime, end: datetime, period: int) -> int:
    return int((end - start).total_seconds() // period) + 1


def _chart(series: Iterable[Series], unit: str) -> Table:
    """A row for each line: its course, and its last and its greatest value."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, ratio=1)
    table.add_column(no_wrap=True, justify="right")
    series = list(series)
    top = max((value for each in series for value in each.values if value), default=0.0)
    for each in series:
        measured = [value for value in each.values if value is not None]
        if not measured:
            said = "[dim]none[/]"
        elif each.stat == "Sum":
            said = f"{_number(sum(measured), unit)} [dim]in all[/]"
        else:
            said = f"{_number(measured[-1], unit)} [dim]≤ {_number(max(measured), unit)}[/]"
        course = "".join(_bar(value, top) for value in each.values[-POINTS:])
        table.add_row(each.label, Text(course, style=each.color), said)
    return table


def _bar(value: float | None, top: float) -> str:
    if value is None:
        return BARS[0]
    return BARS[max(1, round(value / top * (len(BARS) - 1)))] if top else BARS[1]


def _number(value: float, unit: str) -> str:
    if unit == "B":
        for name in ("B", "kB", "MB", "GB"):
            if value < 1000 or name == "GB":
                return f"{value:.3g} {name}"
            value /= 1000
    if unit == "ms" and value >= 1000:
        value, unit = value / 1000, "s"
    shown = f"{value:,.0f}" if value >= 100 or value == round(value) else f"{value:.3g}"
    return f"{shown} {unit}".rstrip()
