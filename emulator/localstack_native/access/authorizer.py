"""Authorizer: judges the actions of callers, and records each decision."""

import logging
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

from localstack import config

from localstack_native.access import mode, refusals, resource_policies
from localstack_native.access.callers import Caller
from localstack_native.access.context_keys import Keys, LazyKeys
from localstack_native.access.judgment import Resource, judge
from localstack_native.access.operations import ALL, Required, is_known
from localstack_native.access.policy import Request
from localstack_native.access.trace import Decision, Trace

LOG = logging.getLogger(__name__)

_UNKNOWN = frozenset({"aws:resourcetag", "iam:resourcetag", "s3:existingobjecttag"})
"""Condition keys of resources' tags, which the emulator does not read."""

_OF_SERVICES = {
    "lambda:InvokeFunction", "s3:GetObject", "s3:PutObject", "sns:Publish", "sqs:SendMessage",
    "sts:AssumeRole", "sts:TagSession",
}  # fmt: skip
"""Actions of services that the resource's policy must allow. LocalStack's services do others as
well, such as GetFunction, to check a configuration."""

_LOGGED = {1, 10, 100, 1000, 10_000}
"""Which of many equal refusals are logged: pollers repeat theirs."""


class Authorizer:
    """Judges actions and records decisions; in mode ``log`` it refuses nothing."""

    def __init__(self, trace: Trace, *, enforces: bool) -> None:
        self.trace = trace
        self._enforces = enforces

    def refusal(
        self,
        caller: Caller,
        required: Required,
        keys: Callable[[], Keys],
        operation: str,
        resource: Resource | None = None,
    ) -> str | None:
        """Return AWS's sentence about an action that is refused; None if it is allowed.

        ``operation`` is the service and the operation, ``sqs.SendMessage``. ``keys`` returns the
        request's condition keys. ``resource`` is found by its ARN if it is not given. An account's
        root user is allowed everything.
        """
        if caller.kind == "root":
            return None
        service = operation.partition(".")[0]
        if resource is None:
            if caller.kind == "service" and required.action not in _OF_SERVICES:
                return None
            resource = resource_policies.find(required.action, required.resource)
        identity = caller.identity()
        request = Request(
            caller.principal,
            required.action,
            required.resource,
            LazyKeys(lambda: _keys(caller, required, resource) | keys()),
            _unknown(caller, required),
            is_known(service) or required.resource != ALL,
        )
        verdict = judge(request, identity, resource)
        text = ""
        if not verdict.is_allowed:
            text = refusals.sentence(
                service, caller.name, required.action, required.resource, verdict
            )
        count = self.trace.add(
            Decision(
                verdict.is_allowed, required.action, required.resource, caller.name, caller.role,
                caller.source, verdict.type, verdict.policy, verdict.sid, operation, text,
            )
        )  # fmt: skip
        if text and count in _LOGGED:
            LOG.warning("%s%s", text, f" ({count} times)" if count > 1 else "")
        return text if text and self._enforces else None


@cache
def authorizer() -> Authorizer:
    """Return the emulator's authorizer, which writes its trace to a file."""
    named = os.environ.get(mode.TRACE)
    file = Path(named or Path(config.dirs.var_libs) / "iam-decisions.jsonl")
    return Authorizer(Trace(file), enforces=mode.is_enforced())


def _keys(caller: Caller, required: Required, resource: Resource) -> Keys:
    keys = caller.keys() | dict(required.keys)
    if resource.account:
        keys["aws:ResourceAccount"] = resource.account
        if required.action.startswith("s3:"):
            keys["s3:ResourceAccount"] = resource.account
    if caller.kind == "service" and not caller.account and resource.account:
        # A service that assumes a role acts for a resource of the role's account.
        keys["aws:SourceAccount"] = resource.account
    return keys


def _unknown(caller: Caller, required: Required) -> frozenset[str]:
    """Return the condition keys whose values are not known."""
    if caller.kind == "service" and not caller.source and required.action.startswith("sts:"):
        return _UNKNOWN | {"aws:sourcearn"}
    return _UNKNOWN
