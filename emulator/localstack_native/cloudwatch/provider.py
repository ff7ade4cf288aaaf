"""The CloudWatch provider that ``PROVIDER_OVERRIDE_CLOUDWATCH=extended`` selects."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.services.cloudwatch.provider_v2 import CloudwatchProvider
from localstack.services.plugins import Service

from localstack_native.cloudwatch.alarms import Evaluator
from localstack_native.cloudwatch.database import ExtendedDatabase
from localstack_native.cloudwatch.expressions import ExpressionError, Series, evaluate

NEWEST_FIRST = "TimestampDescending"


class ExtendedCloudWatch(CloudwatchProvider):
    """CloudWatch with percentiles and metric math, in queries and in alarms."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.cloudwatch_database = ExtendedDatabase()  # type: ignore[no-untyped-call]
        self.alarm_scheduler: Any = Evaluator(self._measure)

    def on_after_state_reset(self) -> None:
        """Replace the database by an empty one."""
        super().on_after_state_reset()  # type: ignore[no-untyped-call]
        self.cloudwatch_database = ExtendedDatabase()  # type: ignore[no-untyped-call]

    def get_metric_data(  # type: ignore[override]  # other arguments pass through
        self,
        context: RequestContext,
        metric_data_queries: Sequence[Any],
        start_time: datetime,
        end_time: datetime,
        scan_by: Any = None,
        **others: Any,
    ) -> Any:
        """Return metrics and expressions, except those with ``ReturnData`` false."""
        metrics = [each for each in metric_data_queries if "MetricStat" in each]
        response: Any = super().get_metric_data(
            context, metrics, start_time, end_time, scan_by=scan_by, **others
        )
        results = {each["Id"]: each for each in response["MetricDataResults"]}
        series = {
            id_: dict(zip(map(_seconds, each["Timestamps"]), each["Values"], strict=True))
            for id_, each in results.items()
        }
        for query in metric_data_queries:
            if "Expression" in query:
                values = self._evaluated(query, metrics, series, start_time, end_time)
                series[query["Id"]] = values
                times = sorted(values, reverse=scan_by in (None, NEWEST_FIRST))
                results[query["Id"]] = {
                    "Id": query["Id"],
                    "Label": query.get("Label") or query["Id"],
                    "StatusCode": "Complete",
                    "Timestamps": [datetime.fromtimestamp(time, UTC) for time in times],
                    "Values": [values[time] for time in times],
                }
        response["MetricDataResults"] = [
            results[each["Id"]] for each in metric_data_queries if each.get("ReturnData", True)
        ]
        return response

    def get_metric_statistics(  # type: ignore[override]  # the same
        self,
        context: RequestContext,
        statistics: list[Any] | None = None,
        extended_statistics: list[str] | None = None,
        **metric: Any,
    ) -> Any:
        """Return statistics of one metric, including percentiles."""
        response: Any = super().get_metric_statistics(
            context, statistics=statistics or ["SampleCount"], **metric
        )
        for point in response["Datapoints"]:
            if not statistics:
                del point["SampleCount"]
            for name in extended_statistics or []:
                found = self._percentile(context, name, point, metric)
                point.setdefault("ExtendedStatistics", {})[name] = found
        return response

    def _percentile(
        self, context: RequestContext, name: str, point: Any, metric: dict[str, Any]
    ) -> float:
        start, period = datetime.fromtimestamp(point["Timestamp"], UTC), metric["period"]
        described = {
            "Namespace": metric["namespace"],
            "MetricName": metric["metric_name"],
            "Dimensions": metric.get("dimensions") or [],
        }
        query: Any = {"MetricStat": {"Metric": described, "Period": period, "Stat": name}}
        order: Any = None
        response = self.cloudwatch_database.get_metric_data_stat(
            context.account_id,
            context.region,
            query,
            start,
            start + timedelta(seconds=period),
            order,
        )
        return float(response["values"][0])

    def _evaluated(
        self,
        query: Any,
        metrics: Sequence[Any],
        series: dict[str, Series],
        start: datetime,
        end: datetime,
    ) -> Series:
        period = query.get("Period") or max(
            (each["MetricStat"]["Period"] for each in metrics), default=60
        )
        times = range(_seconds(start), _seconds(end), period)
        try:
            return evaluate(query["Expression"], series, times, period)
        except ExpressionError as error:
            raise CommonServiceException("ValidationError", str(error)) from error

    def _measure(
        self, account: str, region: str, alarm: dict[str, Any], periods: int, end: datetime
    ) -> list[float | None]:
        queries = alarm.get("Metrics") or [_query(alarm)]
        period = max(
            (each["MetricStat"]["Period"] for each in queries if "MetricStat" in each), default=60
        )
        start = end - timedelta(seconds=period * periods)
        series: dict[str, Series] = {}
        metrics = [each for each in queries if "MetricStat" in each]
        for each in metrics:
            found = self.cloudwatch_database.get_metric_data_stat(
                account, region, each, start, end, "TimestampAscending"
            )
            series[each["Id"]] = dict(zip(found["timestamps"], found["values"], strict=True))
        for each in queries:
            if "Expression" in each:
                series[each["Id"]] = self._evaluated(each, metrics, series, start, end)
        (watched,) = (each["Id"] for each in queries if each.get("ReturnData", True))
        values = series[watched]
        return [values.get(_seconds(start) + period * number) for number in range(periods)]


def _query(alarm: dict[str, Any]) -> dict[str, Any]:
    """Return the query of an alarm on one metric."""
    metric = {
        name: alarm[name] for name in ("Namespace", "MetricName", "Dimensions") if alarm.get(name)
    }
    stat = alarm.get("Statistic") or alarm["ExtendedStatistic"]
    measured = {"Metric": metric, "Period": alarm["Period"], "Stat": stat}
    if alarm.get("Unit"):
        measured["Unit"] = alarm["Unit"]
    return {"Id": "metric", "MetricStat": measured}


def _seconds(time: datetime) -> int:
    return int(time.timestamp())


def service() -> Service:
    """Return the service."""
    return Service.for_provider(ExtendedCloudWatch())
