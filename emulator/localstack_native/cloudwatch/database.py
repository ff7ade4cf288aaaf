"""Database of metrics with percentiles and exact dimensions."""

import re
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from localstack.services.cloudwatch.cloudwatch_database_helper import CloudwatchDatabase

PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")

DIFFERENT = re.compile(r"(tm|wm|tc|ts)\d{1,3}(\.\d+)?|(TM|WM|PR|TC|TS)\(.*\)|IQM")
"""AWS's other statistics, which are not computed here."""

OF_A_METRIC = """
WHERE account_id = ? AND region = ? AND namespace = ? AND metric_name = ? AND dimensions IS ?
AND timestamp >= ? AND timestamp < ?
"""
SINGLE = f"SELECT timestamp, value FROM {CloudwatchDatabase.TABLE_SINGLE_METRICS}"  # noqa: S608
AGGREGATED = (
    "SELECT timestamp, sample_count, sum, min, max "  # noqa: S608 (constants of LocalStack's)
    f"FROM {CloudwatchDatabase.TABLE_AGGREGATED_METRICS}"
)
KEY = "account_id, region, metric_name, namespace, timestamp, dimensions, unit, storage_resolution"
INSERT_SINGLE = (
    f"INSERT INTO {CloudwatchDatabase.TABLE_SINGLE_METRICS} ({KEY}, value) "  # noqa: S608
    f"VALUES ({', '.join('?' * 9)})"
)
INSERT_AGGREGATED = (
    f"INSERT INTO {CloudwatchDatabase.TABLE_AGGREGATED_METRICS} "  # noqa: S608
    f'({KEY}, sample_count, "sum", "min", "max") VALUES ({", ".join("?" * 12)})'
)
INDEXES = "".join(
    f"CREATE INDEX IF NOT EXISTS {table}_of_a_metric ON {table} "
    "(metric_name, namespace, dimensions, timestamp);"
    for table in (
        CloudwatchDatabase.TABLE_SINGLE_METRICS,
        CloudwatchDatabase.TABLE_AGGREGATED_METRICS,
    )
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

    LocalStack opens the database and waits for the disk for each value, and finds a metric's values
    by its name alone.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        with self.DATABASE_LOCK, closing(sqlite3.connect(self.METRICS_DB)) as connection:
            connection.executescript(INDEXES)

    def add_metric_data(
        self, account_id: str, region: str, namespace: str, metric_data: Sequence[Any]
    ) -> None:
        """Store the data of a request in one transaction."""
        single, aggregated = [], []
        for metric in metric_data:
            moment = metric.get("Timestamp")
            key = (
                account_id, region, metric["MetricName"], namespace,
                int(moment.timestamp() if moment else time.time()),
                self._get_ordered_dimensions_with_separator(metric.get("Dimensions")),
                metric.get("Unit"), metric.get("StorageResolution"),
            )  # fmt: skip
            if metric.get("Value") is not None:
                single.append((*key, metric["Value"]))
            elif values := metric.get("Values"):
                counts = metric.get("Counts") or [1] * len(values)
                for value, count in zip(values, counts, strict=True):
                    single += [(*key, value)] * int(count)
            if found := metric.get("StatisticValues"):
                statistics = (found[name] for name in ("SampleCount", "Sum", "Minimum", "Maximum"))
                aggregated.append((*key, *statistics))
        with self.DATABASE_LOCK, closing(sqlite3.connect(self.METRICS_DB)) as connection:
            # A power failure may lose metrics: no start reads the file of an earlier run.
            connection.execute("PRAGMA synchronous = OFF")
            with connection:
                connection.executemany(INSERT_SINGLE, single)
                connection.executemany(INSERT_AGGREGATED, aggregated)

    def get_metric_data_stat(
        self,
        account_id: str,
        region: str,
        query: Any,
        start_time: datetime,
        end_time: datetime,
        scan_by: Any,
    ) -> dict[str, list[Any]]:
        """Return the times, in seconds, and the values of one statistic of one metric.

        The first period begins at the start, rounded down as on AWS.
        """
        wanted = query["MetricStat"]
        start, end = rounded(start_time, wanted["Period"]), int(end_time.timestamp())
        values = self.values((account_id, region), wanted, start, end)
        times = sorted(values, reverse=scan_by in (None, "TimestampDescending"))
        return {"timestamps": times, "values": [values[each] for each in times]}

    def values(self, owner: tuple[str, str], wanted: Any, start: int, end: int) -> dict[int, float]:
        """Return a statistic by the times of its periods; the first one begins at ``start``."""
        periods = self._periods(owner, wanted, start, end)
        if found := PERCENTILE.fullmatch(wanted["Stat"]):
            share = float(found[1]) / 100
            return {
                begin: percentile(period.values, share)
                for begin, period in periods.items()
                if period.values
            }
        compute = STATISTICS[wanted["Stat"]]
        return {begin: compute(period) for begin, period in periods.items()}

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

        def period_of(moment: float) -> PeriodStatistics:
            begin = start + (int(moment) - start) // period * period
            return periods.setdefault(begin, PeriodStatistics())

        for moment, value in single:
            target = period_of(moment)
            target.values.append(value)
            target.add(1, value, value, value)
        for moment, *statistics in aggregated:
            period_of(moment).add(*statistics)
        return periods


def rounded(start: datetime, period: int) -> int:
    """Return the second that the first period of a query begins at.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
    """
    second = int(start.timestamp())
    age = timedelta(seconds=time.time() - second)
    if age < timedelta(days=15):
        step = min(period, 60)
    else:
        step = 300 if age < timedelta(days=63) else 3600
    return second - second % step


def percentile(values: list[float], share: float) -> float:
    """Return the percentile of a share (0 to 1), interpolated between the nearest two values."""
    ordered = sorted(values)
    rank = share * (len(ordered) - 1)
    below = int(rank)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (rank - below)
