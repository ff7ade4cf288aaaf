"""Database of metrics with percentiles and exact dimensions."""

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
class PeriodStatistics:
    """Values and statistics of one period."""

    values: list[float] = field(default_factory=list)
    count: float = 0.0
    sum: float = 0.0
    least: float = float("inf")
    most: float = float("-inf")

    def add(self, count: float, sum_: float, least: float, most: float) -> None:
        """Add a set of statistics."""
        self.count += count
        self.sum += sum_
        self.least = min(self.least, least)
        self.most = max(self.most, most)


STATISTICS: dict[str, Callable[[PeriodStatistics], float]] = {
    "SampleCount": lambda period: period.count,
    "Sum": lambda period: period.sum,
    "Average": lambda period: period.sum / period.count,
    "Minimum": lambda period: period.least,
    "Maximum": lambda period: period.most,
}


class ExtendedDatabase(CloudwatchDatabase):
    """LocalStack's database with percentiles and exact dimensions.

    Percentiles are of single values; sets of statistics have none. A metric has exactly the given
    dimensions; LocalStack includes metrics with further dimensions.
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
        """Return the times, in seconds, and the values of one statistic of one metric."""
        wanted = query["MetricStat"]
        start, end = int(start_time.timestamp()), int(end_time.timestamp())
        owner = (account_id, region)
        periods = self._periods(owner, wanted, start, end)
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

    def _periods(
        self, owner: tuple[str, str], wanted: Any, start: int, end: int
    ) -> dict[int, PeriodStatistics]:
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
        periods: dict[int, PeriodStatistics] = {}

        def period_of(time: float) -> PeriodStatistics:
            begin = start + (int(time) - start) // period * period
            return periods.setdefault(begin, PeriodStatistics())

        for time, value in single:
            target = period_of(time)
            target.values.append(value)
            target.add(1, value, value, value)
        for time, *statistics in aggregated:
            period_of(time).add(*statistics)
        return periods


def percentile(values: list[float], share: float) -> float:
    """Return the percentile of a share (0 to 1), interpolated between the nearest two values."""
    ordered = sorted(values)
    rank = share * (len(ordered) - 1)
    below = int(rank)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (rank - below)
