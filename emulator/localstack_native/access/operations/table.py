"""Table of a service's operations: the actions, resources and condition keys that each requires.

An operation ``Name`` requires the action ``prefix:Name`` on the resource in its parameters, unless
the table says otherwise. The Service Authorization Reference is the source of all tables:
https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

ALL = "*"
"""The resource of an action that supports no narrower one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request is sent."""

    account: str
    region: str
    partition: str = "aws"


@dataclass(frozen=True, slots=True)
class Required:
    """An action that a request requires on a resource."""

    action: str
    resource: str = ALL
    keys: Mapping[str, str | list[str]] = field(default_factory=dict)
    """Condition keys of the service."""


type Parameters = Mapping[str, Any]
type ToArn = Callable[[Any, Place], str]
"""Returns the ARN for a parameter's value."""
type ToRequired = Callable[[Parameters, Place], Iterable[Required]]

type ToKeys = Callable[[str, Parameters, Place], Mapping[str, str]]
"""Returns the condition keys for an operation and its parameters."""


def given(value: Any, _: Place) -> str:
    """Return a value that is an ARN."""
    return str(value)


def arn(service: str, resource: str, *, place: str = "{region}:{account}") -> ToArn:
    """Return a function from a name to its ARN; a value that is an ARN is returned unchanged.

    In ``resource``, ``{}`` is the name.
    """
    head = f"arn:{{partition}}:{service}:{place}:"

    def to_arn(value: Any, where: Place) -> str:
        text = str(value)
        if text.startswith("arn:"):
            return text
        before = head.format(partition=where.partition, region=where.region, account=where.account)
        return before + resource.replace("{}", text)

    return to_arn


@dataclass(frozen=True, slots=True)
class Table:
    """The operations of a service."""

    prefix: str
    """The prefix of its actions."""
    resources: Mapping[str, ToArn] = field(default_factory=dict)
    """The ARN for each parameter that names a resource. The first one in a request counts;
    ``Operation.Parameter`` is for one operation, and comes first."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """The names of actions that are not their operation's."""
    on_all: frozenset[str] = frozenset()
    """Operations that support only all resources, although they have a parameter of the above."""
    free: frozenset[str] = frozenset()
    """Operations that require no permission."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """The condition key of each parameter, as in ``resources``."""
    stored: ToKeys | None = None
    """Returns the condition keys of the resource that an operation is about."""
    special: Mapping[str, ToRequired] = field(default_factory=dict)
    """Operations with rules of their own."""
    more: Mapping[str, ToRequired] = field(default_factory=dict)
    """Further requirements of operations, such as ``iam:PassRole``."""

    def required(self, operation: str, request: Parameters, place: Place) -> list[Required]:
        """Return what an operation requires."""
        if operation in self.free:
            return []
        if found := self.special.get(operation):
            return list(found(request, place))
        action = self.action(operation)
        keys = self._keys(operation, request)
        if self.stored:
            keys = {**self.stored(operation, request, place), **keys}
        required = [Required(action, each, keys) for each in self.arns(operation, request, place)]
        if more := self.more.get(operation):
            required += more(request, place)
        return required

    def action(self, operation: str) -> str:
        """Return the action of an operation."""
        return f"{self.prefix}:{self.renamed.get(operation, operation)}"

    def arns(self, operation: str, request: Parameters, place: Place) -> list[str]:
        """Return the resources in an operation's parameters."""
        if operation in self.on_all:
            return [ALL]
        for name, to_arn in _of_operation(self.resources, operation):
            if value := request.get(name):
                values = value if isinstance(value, list | tuple) else [value]
                return [to_arn(each, place) for each in values]
        return [ALL]

    def _keys(self, operation: str, request: Parameters) -> dict[str, str | list[str]]:
        found: dict[str, str | list[str]] = {}
        for name, key in _of_operation(self.keys, operation):
            if (value := request.get(name)) is not None:
                found[key] = (
                    [str(each) for each in value] if isinstance(value, list) else str(value)
                )
        return found


def _of_operation[T](entries: Mapping[str, T], operation: str) -> Iterator[tuple[str, T]]:
    """Yield parameters with their entries: those of one operation, then those of all."""
    own = f"{operation}."
    for name, entry in entries.items():
        if name.startswith(own):
            yield name.removeprefix(own), entry
    for name, entry in entries.items():
        if "." not in name:
            yield name, entry


def pass_role(parameter: str, service: str, action: str = "iam:PassRole") -> ToRequired:
    """Return the requirement to pass a role in a parameter to a service.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """

    def required(request: Parameters, _: Place) -> Iterable[Required]:
        if role := request.get(parameter):
            yield Required(action, str(role), {"iam:PassedToService": service})

    return required
