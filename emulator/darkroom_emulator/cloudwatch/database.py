"""Where metrics are kept, and what is asked of them."""

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from localstack.services.cloudwatch.cloudwatch_database_helper import CloudwatchDatabase

PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")

OF_A_METRIC = """
WHERE account_id = ? AND region = ? AND namespace = ? AND metric_name = ? AND dimensions IS ?
AND timestamp >= ? AND timestamp < ?
"""
SINGLE = f"SELECT timestamp, value FROM {CloudwatchDatabase.TABLE_SINGLE_METRICS}"  # noqa: S608
AGGREGATED = (
    "SELECT timestamp, sample_count, sum, min, max "  # noqa: S608 (constants of LocalStack's)
    f"FROM {CloudwatchDatabase.TABLE_AGGREGATED_METRICS}"
)


@dataclass(slots=True)
class Gathered:
    """What was measured in one period."""

    values: list[float] = field(default_factory=list)
    count: float = 0.0
    sum: float = 0.0
    least: float = float("inf")
    most: float = float("-inf")

    def add(self, count: float, sum_: float, least: float, most: float) -> None:
        """Take in what has been measured together."""
        self.count += count
        self.sum += sum_
        self.least = min(self.least, least)
        self.most = max(self.most, most)


STATISTICS: dict[str, Callable[[Gathered], float]] = {
    "SampleCount": lambda period: period.count,
    "Sum": lambda period: period.sum,
    "Average": lambda period: period.sum / period.count,
    "Minimum": lambda period: period.least,
    "Maximum": lambda period: period.most,
}


class MeasuringDatabase(CloudwatchDatabase):
    """LocalStack's database, asked in another way.

    It answers percentiles (of single values; a set of statistics has none), and a metric is that
    with exactly these dimensions: LocalStack adds those with more dimensions to it.
    """

    def get_metric_data_stat(
        self,
        account_id: str,
        region: str,
        query: Any,
        start_time: datetime,
        end_time: datetime,
        scan_by: Any,
    ) -> dict[str, list[Any]]:
        """Answer the times, in seconds, and values of one statistic of one metric."""
        wanted = query["MetricStat"]
        start, end = int(start_time.timestamp()), int(end_time.timestamp())
        owner = (account_id, region)
        periods = self._gathered(owner, wanted, start, end)
        if found := PERCENTILE.fullmatch(wanted["Stat"]):
            share = float(found[1]) / 100
            values = {
                time: percentile(period.values, share)
                for time, period in periods.items()
                if period.values
            }
        else:
            compute = STATISTICS[wanted["Stat"]]
            values = {time: compute(period) for time, period in periods.items()}
        times = sorted(values, reverse=scan_by in (None, "TimestampDescending"))
        return {"timestamps": times, "values": [values[time] for time in times]}

    def _gathered(
        self, owner: tuple[str, str], wanted: Any, start: int, end: int
    ) -> dict[int, Gathered]:
        metric, period = wanted["Metric"], wanted["Period"]
        dimensions = self._get_ordered_dimensions_with_separator(metric.get("Dimensions"))
        given = [*owner, metric["Namespace"], metric["MetricName"], dimensions, start, end]
        condition = OF_A_METRIC
        if unit := wanted.get("Unit"):
            condition += " AND unit IS ?"
            given.append(None if unit == "NULL_VALUE" else unit)
        with (
            self.DATABASE_LOCK,
            sqlite3.connect(self.METRICS_DB_READ_ONLY, uri=True) as connection,
        ):
            single = connection.execute(SINGLE + condition, given).fetchall()
            aggregated = connection.execute(AGGREGATED + condition, given).fetchall()
        periods: dict[int, Gathered] = {}

        def period_of(time: float) -> Gathered:
            begin = start + (int(time) - start) // period * period
            return periods.setdefault(begin, Gathered())

        for time, value in single:
            gathered = period_of(time)
            gathered.values.append(value)
            gathered.add(1, value, value, value)
        for time, *statistics in aggregated:
            period_of(time).add(*statistics)
        return periods


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share (0 to 1) lies, between the nearest two in proportion."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
