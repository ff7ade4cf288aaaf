"""Operations of EventBridge.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
"""

from collections.abc import Iterable

from localstack_native.access.operations.table import (
    Parameters,
    Place,
    Required,
    Table,
    ToRequired,
    arn,
    given,
)

_bus = arn("events", "event-bus/{}")


def _rule(request: Parameters, place: Place) -> str:
    """Return the ARN of a rule, which contains the name of a bus that is not the default one."""
    name = request.get("Name") or request.get("Rule") or ""
    bus = str(request.get("EventBusName") or "default").rpartition("/")[2]
    path = name if bus == "default" else f"{bus}/{name}"
    return arn("events", "rule/{}")(path, place)


def _on_rule(name: str) -> ToRequired:
    def required(request: Parameters, place: Place) -> Iterable[Required]:
        yield Required(f"events:{name}", _rule(request, place))

    return required


def _put(request: Parameters, place: Place) -> Iterable[Required]:
    """Yield the requirement of each entry, with its source and type."""
    for entry in request.get("Entries") or ():
        keys = {
            f"events:{key}": str(entry[name])
            for key, name in (("source", "Source"), ("detail-type", "DetailType"))
            if entry.get(name)
        }
        bus = _bus(entry.get("EventBusName") or "default", place)
        yield Required("events:PutEvents", bus, keys)


_NAMED = {
    "Archive": ("ArchiveName", arn("events", "archive/{}")),
    "ApiDestination": ("Name", arn("events", "api-destination/{}")),
    "Connection": ("Name", arn("events", "connection/{}")),
    "Endpoint": ("Name", arn("events", "endpoint/{}")),
    "EventBus": ("Name", _bus),
    "EventSource": ("Name", arn("events", "event-source/{}", place="{region}:")),
    "PartnerEventSource": ("Name", arn("events", "event-source/{}", place="{region}:")),
    "PartnerEventSourceAccounts": (
        "EventSourceName", arn("events", "event-source/{}", place="{region}:"),
    ),
    "Replay": ("ReplayName", arn("events", "replay/{}")),
}  # fmt: skip
"""The parameter with the name of each kind of resource, and its ARN."""

_VERBS = (
    "Activate", "Cancel", "Create", "Deactivate", "Deauthorize", "Delete", "Describe", "List",
    "Start", "Update",
)  # fmt: skip

_ON_RULES = (
    "DeleteRule", "DescribeRule", "DisableRule", "EnableRule", "ListTargetsByRule", "PutRule",
    "PutTargets", "RemoveTargets",
)  # fmt: skip

TABLE = Table(
    "events",
    resources={
        **{
            f"{verb}{kind}.{parameter}": to_arn
            for kind, (parameter, to_arn) in _NAMED.items()
            for verb in _VERBS
        },
        "ResourceARN": given,
    },
    on_all=frozenset({"ListEventBuses", "ListRuleNamesByTarget", "ListRules"}),
    special={"PutEvents": _put, **{name: _on_rule(name) for name in _ON_RULES}},
)
