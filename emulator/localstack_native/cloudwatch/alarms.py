"""Evaluation of metric alarms.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

import json
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from localstack.services.cloudwatch.alarm_scheduler import COMPARISON_OPS
from localstack.services.cloudwatch.models import cloudwatch_stores

LOG = logging.getLogger(__name__)

INTERVAL = "EMULATOR_CLOUDWATCH_ALARM_INTERVAL"
"""The setting for the seconds between two evaluations of all alarms."""

DEFAULT_INTERVAL = 2.0

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

Measure = Callable[[str, str, dict[str, Any], int, datetime], list[float | None]]
"""Returns an alarm's values, oldest first, by account, region, alarm, number of periods and end."""


class Evaluator:
    """Evaluates all alarms every few seconds; replaces LocalStack's scheduler.

    Periods end at the time of the evaluation, to notice changes immediately. AWS's periods are
    aligned to multiples of their length.
    """

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self.interval = float(os.environ.get(INTERVAL) or DEFAULT_INTERVAL)
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the evaluation."""
        if self._thread is None or not self._thread.is_alive():
            self._ended.clear()
            self._thread = threading.Thread(target=self._run, daemon=True, name="alarms")
            self._thread.start()

    def shutdown(self) -> None:
        """Stop the evaluation."""
        self._ended.set()
        if self._thread:
            self._thread.join(10)

    def schedule_metric_alarm(self, alarm_arn: str) -> None:
        """Do nothing: each evaluation lists all alarms."""

    def delete_scheduler_for_alarm(self, alarm_arn: str) -> None:
        """Do nothing: each evaluation lists all alarms."""

    def restart_existing_alarms(self) -> None:
        """Do nothing: each evaluation lists all alarms."""

    def _run(self) -> None:
        while not self._ended.wait(self.interval):
            for account, region, alarm in _alarms():
                try:
                    self._evaluate(account, region, alarm)
                except Exception:
                    LOG.exception("The alarm %s can't be evaluated", alarm["AlarmName"])

    def _evaluate(self, account: str, region: str, alarm: dict[str, Any]) -> None:
        now = datetime.now(UTC)
        values = self._measure(account, region, alarm, alarm["EvaluationPeriods"], now)
        state = evaluated(alarm, values)
        if state in (None, alarm["StateValue"]):
            return
        from localstack.aws.connect import connect_to

        connect: Any = connect_to
        client = connect(aws_access_key_id=account, region_name=region).cloudwatch
        known = [value for value in values if value is not None]
        client.set_alarm_state(
            AlarmName=alarm["AlarmName"],
            StateValue=state,
            StateReason=_reason(alarm, state, known),
            StateReasonData=json.dumps(
                {
                    "version": "1.0",
                    "queryDate": now.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
                    "recentDatapoints": known,
                    "threshold": alarm.get("Threshold"),
                }
            ),
        )


def evaluated(alarm: dict[str, Any], values: Sequence[float | None]) -> State | None:
    """Return an alarm's state by its values; None to keep the current state.

    ``values`` has one value for each evaluation period, None for missing data.
    """
    compare: Any = COMPARISON_OPS[alarm["ComparisonOperator"]]
    missing = missing_data(alarm)
    wanted = alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"]
    known = [bool(compare(each, alarm["Threshold"])) for each in values if each is not None]
    if not known and missing in ("missing", "ignore"):
        return None if missing == "ignore" else "INSUFFICIENT_DATA"
    absent = len(values) - len(known) if missing == "breaching" else 0
    if missing in ("missing", "ignore"):
        # With fewer values, all must breach.
        wanted = min(wanted, len(known))
    return "ALARM" if known.count(True) + absent >= wanted else "OK"


def missing_data(alarm: dict[str, Any]) -> str:
    """Return how an alarm treats missing data.

    The default is ``missing``, except that alarms on metrics of DynamoDB keep their state.
    PutMetricAlarm's reference says that such alarms ``always`` do; the user guide, which is newer,
    that other choices override it, and recommends ``notBreaching`` for one of these metrics.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """
    chosen = alarm.get("TreatMissingData") or "missing"
    metrics = [
        each["MetricStat"]["Metric"] for each in alarm.get("Metrics") or [] if "MetricStat" in each
    ]
    is_dynamodb = any(each.get("Namespace") == "AWS/DynamoDB" for each in [alarm, *metrics])
    return "ignore" if is_dynamodb and chosen == "missing" else chosen


def _alarms() -> Iterator[tuple[str, str, dict[str, Any]]]:
    stores: Any = cloudwatch_stores
    for account, region, store in stores.iter_stores():
        for each in list(store.alarms.values()):
            alarm: Any = each.alarm
            if "EvaluationPeriods" in alarm and alarm["ComparisonOperator"] in COMPARISON_OPS:
                yield account, region, alarm


def _reason(alarm: dict[str, Any], state: State, known: list[float]) -> str:
    if state == "INSUFFICIENT_DATA":
        return "Insufficient Data: no datapoints were received"
    shown = ", ".join(f"{value:g}" for value in known[-5:]) or "none"
    not_ = "" if state == "ALARM" else "not "
    return (
        f"Threshold Crossed: {len(known)} datapoints [{shown}] were {not_}enough to be "
        f"{alarm['ComparisonOperator']} {alarm['Threshold']:g}"
    )
