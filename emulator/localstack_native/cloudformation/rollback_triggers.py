"""Rollback triggers: alarms that roll an operation on a stack back, and the cancellation of one.

AWS CloudFormation User Guide, "Roll back your CloudFormation stack on alarm breach with rollback
triggers".
"""

import threading
import time
from collections.abc import Mapping
from typing import Any

from localstack.aws.api.cloudformation import RollbackConfiguration
from localstack.aws.connect import connect_to
from localstack.services.cloudformation.engine.validations import ValidationError
from localstack.utils.aws.arns import parse_arn

CONFIGURATION = "rollback_configuration"
"""The attribute of a stack and of a change set that stores their ``RollbackConfiguration``."""

MOST_TRIGGERS = 5
MOST_MINUTES = 180
ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")

INTERVAL_SECONDS = 0.5
"""The time between two looks at the alarms in the monitoring period."""


class OperationStoppedError(Exception):
    """An alarm is in ALARM state or missing, or the operation is canceled."""


def requested(form: Mapping[str, str], request: Mapping[str, Any]) -> RollbackConfiguration:
    """Return the rollback configuration of a request, with its form. Raises ``ValidationError``."""
    given: RollbackConfiguration = request.get("RollbackConfiguration") or RollbackConfiguration()
    configuration = given.copy()
    # LocalStack's parser drops an empty list, which removes a stack's triggers.
    if "RollbackConfiguration.RollbackTriggers" in form:
        configuration["RollbackTriggers"] = []
    triggers = configuration.get("RollbackTriggers") or []
    if len(triggers) > MOST_TRIGGERS:
        raise ValidationError(
            f"A stack has at most {MOST_TRIGGERS} rollback triggers, not {len(triggers)}."
        )
    for each in triggers:
        if each["Type"] not in ALARMS:
            raise ValidationError(
                f"{each['Type']} is no type of rollback triggers. Use {' or '.join(ALARMS)}."
            )
    minutes = configuration.get("MonitoringTimeInMinutes") or 0
    if not 0 <= minutes <= MOST_MINUTES:
        raise ValidationError(
            f"MonitoringTimeInMinutes is {minutes}, which is not from 0 to {MOST_MINUTES}."
        )
    return configuration


def of(holder: Any) -> RollbackConfiguration:
    """Return the rollback configuration of a stack or a change set."""
    found: RollbackConfiguration = getattr(holder, CONFIGURATION, RollbackConfiguration())
    return found


def effective(stack: Any, change_set: Any) -> RollbackConfiguration:
    """Return a change set's rollback configuration, completed by the stack's last one."""
    return {**of(stack), **of(change_set)}


class Monitor:
    """Watches the alarms of one operation, and whether it is canceled."""

    def __init__(self, account: str, configuration: RollbackConfiguration) -> None:
        self._account = account
        self._alarms = [each["Arn"] for each in configuration.get("RollbackTriggers") or ()]
        self._seconds = 60.0 * (configuration.get("MonitoringTimeInMinutes") or 0)
        self._canceled = threading.Event()

    def cancel(self) -> None:
        """Roll the operation back at its next step."""
        self._canceled.set()

    def check(self) -> None:
        """Check the alarms now. Raises ``OperationStoppedError``."""
        if self._canceled.is_set():
            raise OperationStoppedError("User Initiated")
        for arn in self._alarms:
            state = self._state(arn)
            if state is None:
                raise OperationStoppedError(f"The rollback trigger {arn} does not exist.")
            if state == "ALARM":
                raise OperationStoppedError(f"The rollback trigger {arn} is in ALARM state.")

    def watch(self) -> None:
        """Check the alarms during the monitoring period. Raises ``OperationStoppedError``."""
        end = time.monotonic() + self._seconds
        while time.monotonic() < end:
            self.check()
            self._canceled.wait(INTERVAL_SECONDS)
        self.check()

    def _state(self, arn: str) -> str | None:
        parsed = parse_arn(arn)
        client = connect_to(
            aws_access_key_id=self._account, region_name=parsed["region"]
        ).cloudwatch
        name = parsed["resource"].removeprefix("alarm:")
        types: Any = ["MetricAlarm", "CompositeAlarm"]
        found = client.describe_alarms(AlarmNames=[name], AlarmTypes=types)
        alarms = [*found.get("MetricAlarms", []), *found.get("CompositeAlarms", [])]
        return str(alarms[0]["StateValue"]) if alarms else None
