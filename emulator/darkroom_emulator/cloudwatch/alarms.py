"""When an alarm rings.

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
"""Setting: seconds between two looks at all alarms."""

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

Measure = Callable[[str, str, dict[str, Any], int, datetime], list[float | None]]
"""Of an account and a region: an alarm's values in so many periods up to a moment, oldest first."""


class Evaluator:
    """Looks at every alarm every few seconds; stands in for LocalStack's scheduler.

    Periods end at the moment of the look, where AWS's begin at multiples of themselves: what has
    happened is noticed at once.
    """

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin looking."""
        if self._thread is None or not self._thread.is_alive():
            self._ended.clear()
            self._thread = threading.Thread(target=self._run, daemon=True, name="alarms")
            self._thread.start()

    def shutdown(self) -> None:
        """Look no more."""
        self._ended.set()
        if self._thread:
            self._thread.join(10)

    def schedule_metric_alarm(self, alarm_arn: str) -> None:
        """Nothing: an alarm is found when it is looked for."""

    def delete_scheduler_for_alarm(self, alarm_arn: str) -> None:
        """Nothing: an alarm that is not there is not found."""

    def restart_existing_alarms(self) -> None:
        """Nothing: the same."""

    def _run(self) -> None:
        while not self._ended.wait(float(os.environ[INTERVAL])):
            for account, region, alarm in _alarms():
                try:
                    self._evaluate(account, region, alarm)
                except Exception:
                    LOG.exception("Alarm %s could not be evaluated", alarm["AlarmName"])

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
    """Return the state that an alarm's values mean; None for the one that it has.

    ``values`` has one for each evaluation period, None where there is no data.
    """
    compare: Any = COMPARISON_OPS[alarm["ComparisonOperator"]]
    missing = alarm.get("TreatMissingData") or "missing"
    wanted = alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"]
    known = [bool(compare(each, alarm["Threshold"])) for each in values if each is not None]
    if not known and missing in ("missing", "ignore"):
        return None if missing == "ignore" else "INSUFFICIENT_DATA"
    absent = len(values) - len(known) if missing == "breaching" else 0
    if missing in ("missing", "ignore"):
        # Of too few values, all have to breach.
        wanted = min(wanted, len(known))
    return "ALARM" if known.count(True) + absent >= wanted else "OK"


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
