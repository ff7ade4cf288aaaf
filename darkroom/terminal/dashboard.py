"""The stack's CloudWatch dashboard in the terminal, with the widgets of CloudWatch's console.

The definition is read from CloudWatch:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING, Any

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from darkroom.clock import clock
from darkroom.terminal.escape import escape

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

BARS = " ▁▂▃▄▅▆▇█"
POINTS = 30
"""Most columns of a chart."""

WIDGET_COLUMNS, WIDGETS_IN_ROW = 52, 3
"""The least columns of a widget, and the most widgets side by side."""

STATES = {"OK": "green", "ALARM": "bold red", "INSUFFICIENT_DATA": "dim"}
PALETTE = ("cyan", "magenta", "yellow", "blue", "white")


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart."""

    label: str
    stat: str
    values: tuple[float | None, ...]
    """One for each period, the oldest first; None without data."""
    color: str


@dataclass(frozen=True)
class Dashboard:
    """A dashboard in CloudWatch."""

    cloudwatch: "CloudWatchClient"
    name: str

    def draw(self, minutes: int, width: int) -> RenderableType:
        """Draw all widgets with the data of the last ``minutes``, ``width`` columns wide.

        Raises botocore's ``ClientError`` if the dashboard does not exist.
        """
        body = json.loads(self.cloudwatch.get_dashboard(DashboardName=self.name)["DashboardBody"])
        end = clock.utc()
        start = end - timedelta(minutes=minutes)
        across = max(1, min(WIDGETS_IN_ROW, width // WIDGET_COLUMNS))
        inner = width // across - 5  # without borders and padding
        rows: list[RenderableType] = []
        for row in batched(body["widgets"], across, strict=False):
            contents = [self._content(each["properties"], start, end, inner) for each in row]
            height = 2 + max(each.row_count for each in contents)
            panels = [
                Panel(
                    content,
                    title=escape(each["properties"]["title"]),
                    title_align="left",
                    border_style="dim",
                    height=height,
                )
                for each, content in zip(row, contents, strict=True)
            ]
            rows.append(Columns(panels, width=inner + 4, padding=(0, 1)))
        return Group(*rows)

    def _content(
        self, properties: dict[str, Any], start: datetime, end: datetime, width: int
    ) -> Table:
        if "alarms" in properties:
            return self._alarms(properties["alarms"])
        unit = properties.get("yAxis", {}).get("left", {}).get("label", "")
        return _chart(self._series(properties, start, end), unit, width)

    def _alarms(self, arns: Sequence[str]) -> Table:
        names = [arn.rpartition(":alarm:")[2] for arn in arns]
        known = self.cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]
        states = {each["AlarmName"]: each["StateValue"] for each in known}
        table = Table.grid(padding=(0, 1))
        for name in names:
            state = states.get(name, "missing")
            table.add_row(escape(name), Text(state, style=STATES.get(state, "red")))
        return table

    def _series(self, properties: dict[str, Any], start: datetime, end: datetime) -> list[Series]:
        minutes = (end - start).total_seconds() / 60
        period = max(properties["period"], 60 * round(minutes / POINTS))
        # CloudWatch aligns periods to multiples of their length.
        start = datetime.fromtimestamp(start.timestamp() // period * period, UTC)
        lines = [_line(metric) for metric in properties["metrics"]]
        queries: list[MetricDataQueryTypeDef] = [
            {
                "Id": f"m{number}",
                "MetricStat": {"Metric": metric, "Period": period, "Stat": options["stat"]},  # type: ignore[misc, typeddict-item]
            }
            for number, (metric, options) in enumerate(lines)
        ]
        response = self.cloudwatch.get_metric_data(
            MetricDataQueries=queries, StartTime=start, EndTime=end, ScanBy="TimestampAscending"
        )
        found = {each["Id"]: each for each in response["MetricDataResults"]}
        moments = [start + timedelta(seconds=period * n) for n in range(_count(start, end, period))]
        series = []
        for number, (_, options) in enumerate(lines):
            result = found[f"m{number}"]
            measured = dict(zip(result["Timestamps"], result["Values"], strict=True))
            values = tuple(measured.get(moment) for moment in moments)
            color = options.get("color", PALETTE[number % len(PALETTE)])
            series.append(Series(options["label"], options["stat"], values, color))
        return series


def _line(metric: list[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a widget's metric array as a metric for GetMetricData, and its display options."""
    namespace, name, *rest = metric
    options = rest.pop()
    dimensions = [
        {"Name": key, "Value": value} for key, value in zip(rest[::2], rest[1::2], strict=True)
    ]
    return {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions}, options


def _count(start: datetime, end: datetime, period: int) -> int:
    return int((end - start).total_seconds() // period) + 1


def _chart(series: Iterable[Series], unit: str, width: int) -> Table:
    """Return a row for each line: its bars, and its last and greatest value, or its sum."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right", ratio=1)
    table.expand = True
    series = list(series)
    summaries = [_summary(each, unit) for each in series]
    texts = max(len(each.label) for each in series) + max(each.cell_len for each in summaries)
    columns = max(0, min(POINTS, width - texts - 2))
    top = max((value for each in series for value in each.values if value), default=0.0)
    for each, text in zip(series, summaries, strict=True):
        bars = "".join(_bar(value, top) for value in each.values[len(each.values) - columns :])
        table.add_row(escape(each.label), Text(bars, style=each.color), text)
    return table


def _summary(series: Series, unit: str) -> Text:
    measured = [value for value in series.values if value is not None]
    if not measured:
        return Text("no data", style="dim")
    if series.stat == "Sum":
        return Text.assemble(_number(sum(measured), unit), (" in total", "dim"))
    most = f" ≤ {_number(max(measured), unit)}"
    return Text.assemble(_number(measured[-1], unit), (most, "dim"))


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
