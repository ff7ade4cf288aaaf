"""The CloudWatch provider that ``PROVIDER_OVERRIDE_CLOUDWATCH=extended`` selects."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext, handler
from localstack.aws.api.cloudwatch import InvalidParameterValueException
from localstack.services.cloudwatch.provider_v2 import CloudwatchProvider
from localstack.services.plugins import Service

from localstack_native.cloudwatch.alarms import Evaluator
from localstack_native.cloudwatch.database import (
    DIFFERENT,
    PERCENTILE,
    STATISTICS,
    ExtendedDatabase,
    rounded,
)
from localstack_native.cloudwatch.expressions import ExpressionError, Series, evaluate

NEWEST_FIRST = "TimestampDescending"


class ExtendedCloudWatch(CloudwatchProvider):
    """CloudWatch with percentiles and metric math, in queries and in alarms."""

    cloudwatch_database: ExtendedDatabase

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.cloudwatch_database = ExtendedDatabase()
        self.alarm_scheduler: Any = Evaluator(self._measure)

    def on_after_state_reset(self) -> None:
        """Replace the database by an empty one."""
        super().on_after_state_reset()  # type: ignore[no-untyped-call]
        self.cloudwatch_database = ExtendedDatabase()

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
        check_queries(metric_data_queries, "MetricDataQueries")
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
                period = _period(query, metrics)
                times = range(rounded(start_time, period), _seconds(end_time), period)
                values = evaluated(query, series, times)
                series[query["Id"]] = values
                sorted_times = sorted(values, reverse=scan_by in (None, NEWEST_FIRST))
                results[query["Id"]] = {
                    "Id": query["Id"],
                    "Label": query.get("Label") or query["Id"],
                    "StatusCode": "Complete",
                    "Timestamps": [datetime.fromtimestamp(time, UTC) for time in sorted_times],
                    "Values": [values[time] for time in sorted_times],
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
        check_statistics(statistics or [], extended_statistics or [])
        response: Any = super().get_metric_statistics(
            context, statistics=statistics or ["SampleCount"], **metric
        )
        for point in response["Datapoints"]:
            if not statistics:
                del point["SampleCount"]
            for name in extended_statistics or []:
                found = self._percentile(context, name, point, metric)
                if found is not None:  # as for a set of statistics
                    point.setdefault("ExtendedStatistics", {})[name] = found
        return response

    def _percentile(
        self, context: RequestContext, name: str, point: Any, metric: dict[str, Any]
    ) -> float | None:
        start, period = int(point["Timestamp"]), metric["period"]
        described = {
            "Namespace": metric["namespace"],
            "MetricName": metric["metric_name"],
            "Dimensions": metric.get("dimensions") or [],
        }
        wanted = {"Metric": described, "Period": period, "Stat": name}
        owner = (context.account_id, context.region)
        values = self.cloudwatch_database.values(owner, wanted, start, start + period)
        return values.get(start)

    @handler("PutMetricAlarm", expand=False)
    def put_metric_alarm(  # type: ignore[override]  # LocalStack's is decorated, too
        self, context: RequestContext, request: Any
    ) -> None:
        """Create or update an alarm; raise AWS's error if its statistic is unknown."""
        check_queries(request.get("Metrics") or [], "Metrics")
        check_extended(request.get("ExtendedStatistic"), "ExtendedStatistic")
        super().put_metric_alarm(context, request)

    def _measure(
        self, account: str, region: str, alarm: dict[str, Any], periods: int, end: datetime
    ) -> list[float | None]:
        queries = alarm.get("Metrics") or [_query(alarm)]
        metrics = [each for each in queries if "MetricStat" in each]
        period = _period({}, metrics)
        last = _seconds(end)
        times = range(last - period * periods, last, period)
        series: dict[str, Series] = {
            each["Id"]: self.cloudwatch_database.values(
                (account, region), each["MetricStat"], times.start, last
            )
            for each in metrics
        }
        for each in queries:
            if "Expression" in each:
                series[each["Id"]] = evaluated(each, series, times)
        (watched,) = (each["Id"] for each in queries if each.get("ReturnData", True))
        return [series[watched].get(time) for time in times]


def evaluated(query: Any, series: dict[str, Series], times: range) -> Series:
    """Return the values of an expression at times; raise AWS's error if it is malformed."""
    try:
        return evaluate(query["Expression"], series, times, times.step)
    except ExpressionError as error:
        raise CommonServiceException("ValidationError", str(error)) from error


def check_queries(queries: Sequence[Any], parameter: str) -> None:
    """Raise AWS's error for queries with an unknown statistic."""
    wrong = [
        f"The value {name} for parameter {parameter}.member.{number}.MetricStat.Stat is"
        f" {'not supported here' if DIFFERENT.fullmatch(name) else 'not a valid statistic'}."
        for number, name in enumerate((_statistic(each) for each in queries), 1)
        if name and name not in STATISTICS and not PERCENTILE.fullmatch(name)
    ]
    if wrong:
        raise CommonServiceException("ValidationError", "\n".join(wrong))


def check_statistics(statistics: Sequence[str], extended: Sequence[str]) -> None:
    """Raise AWS's error for an unknown statistic of GetMetricStatistics."""
    for number, name in enumerate(statistics, 1):
        if name not in STATISTICS:
            raise InvalidParameterValueException(
                f"The parameter Statistics.member.{number} must be a value in the set"
                f" [ {', '.join(STATISTICS)} ]."
            )
    for number, name in enumerate(extended, 1):
        check_extended(name, f"ExtendedStatistics.member.{number}")


def check_extended(name: str | None, parameter: str) -> None:
    """Raise AWS's error if an extended statistic is not a percentile."""
    if name and not PERCENTILE.fullmatch(name):
        raise InvalidParameterValueException(
            f"The value {name} for parameter {parameter} is not supported."
        )


def _statistic(query: Any) -> str | None:
    return query["MetricStat"]["Stat"] if "MetricStat" in query else None


def _period(query: Any, metrics: Sequence[Any]) -> int:
    """Return the period of an expression: its own, or the longest of the metrics."""
    periods = [each["MetricStat"]["Period"] for each in metrics]
    return int(query.get("Period") or max(periods, default=60))


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
