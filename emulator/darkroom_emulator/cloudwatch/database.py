"""Where metrics are kept, with percentiles."""

import re
import sqlite3
from datetime import datetime
from typing import Any

from localstack.services.cloudwatch.cloudwatch_database_helper import CloudwatchDatabase

PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")

VALUES = f"""
SELECT timestamp, value FROM {CloudwatchDatabase.TABLE_SINGLE_METRICS}
WHERE account_id = ? AND region = ? AND namespace = ? AND metric_name = ?
AND timestamp >= ? AND timestamp < ?
"""  # noqa: S608 (a constant of LocalStack's)


class PercentileDatabase(CloudwatchDatabase):
    """LocalStack's database, which answers percentiles too; those of StatisticValues it has not."""

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
        found = PERCENTILE.fullmatch(wanted["Stat"])
        if not found:
            answer: dict[str, list[Any]] = super().get_metric_data_stat(
                account_id, region, query, start_time, end_time, scan_by
            )
            return answer
        start, end, period = (
            int(start_time.timestamp()),
            int(end_time.timestamp()),
            wanted["Period"],
        )
        metric = wanted["Metric"]
        text = VALUES
        given: list[Any] = [
            account_id, region, metric["Namespace"], metric["MetricName"], start, end
        ]  # fmt: skip
        dimensions = self._get_ordered_dimensions_with_separator(metric.get("Dimensions"))
        text += "AND dimensions IS ?"
        given.append(dimensions)
        if unit := wanted.get("Unit"):
            text += " AND unit IS ?"
            given.append(None if unit == "NULL_VALUE" else unit)
        with (
            self.DATABASE_LOCK,
            sqlite3.connect(self.METRICS_DB_READ_ONLY, uri=True) as connection,
        ):
            rows = connection.execute(text, given).fetchall()
        values: dict[int, list[float]] = {}
        for time, value in rows:
            values.setdefault(start + (int(time) - start) // period * period, []).append(value)
        times = sorted(values, reverse=scan_by in (None, "TimestampDescending"))
        share = float(found[1]) / 100
        return {"timestamps": times, "values": [percentile(values[time], share) for time in times]}


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share (0 to 1) lies, between the nearest two in proportion."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
