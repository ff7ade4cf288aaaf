"""Cases of tests that change properties of a stack's resource."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from localstack_native.cloudformation.replacement import RULES

from .localstack import LocalStack
from .stacks import Stack

type Read = Callable[["Service"], Any]


@dataclass(frozen=True)
class Service:
    """What a case reads with: clients, the resource's id, and the stack."""

    emulator: LocalStack
    stack: Stack

    def client(self, name: str) -> Any:
        """Return a client."""
        return self.emulator.client(name)

    @property
    def id(self) -> str:
        """The physical id of the resource."""
        return self.stack.id_of("It")


@dataclass(frozen=True)
class Case:
    """A resource, properties that change, and what its service returns without and with them."""

    kind: str
    base: dict[str, Any]
    change: dict[str, Any]
    read: Read
    after: Any
    before: Any = None
    others: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind.removeprefix('AWS::')}.{'+'.join(self.change)}"

    def check(self, service: Service) -> None:
        """Create the resource with the properties, update it to none of them, and back."""
        stack, changed = service.stack, {**self.base, **self.change}

        def resources(properties: dict[str, Any]) -> dict[str, Any]:
            return {**self.others, "It": {"Type": self.kind, "Properties": properties}}

        assert stack.create(resources(changed)) == "CREATE_COMPLETE", stack.reasons()
        identity = stack.id_of("It")
        assert self.read(service) == self.after, "created"
        assert stack.update(resources(self.base)) == "UPDATE_COMPLETE", stack.reasons()
        if self.before is not ...:
            assert self.read(service) == self.before, "updated to none"
        assert stack.update(resources(changed)) == "UPDATE_COMPLETE", stack.reasons()
        assert self.read(service) == self.after, "updated"
        assert stack.id_of("It") == identity
        assert not RULES[self.kind].replaced_by & self.change.keys()
        # Some of them protect the resource from deletion.
        assert stack.update(resources(self.base)) == "UPDATE_COMPLETE", stack.reasons()


def pick(source: Any, *path: Any) -> Any:
    """Return a part of a response; None if there is none."""
    for each in path:
        if source is None:
            return None
        missing = isinstance(each, int) and each >= len(source)
        source = None if missing else source[each] if isinstance(each, int) else source.get(each)
    return source


def as_map(tags: Any) -> dict[str, str]:
    """Return tags of any form as a map."""
    if isinstance(tags, dict):
        return {name: value for name, value in tags.items() if not name.startswith("aws:")}
    return {
        each.get("Key", each.get("key")): each.get("Value", each.get("value"))
        for each in tags or []
    }
