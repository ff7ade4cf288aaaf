"""How far an execution has come: the states of its definition, each with what became of it.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Status = Literal["waiting", "running", "succeeded", "failed", "skipped"]

ENTERED, EXITED = "StateEntered", "StateExited"
FAILED = ("Failed", "TimedOut", "Aborted")
"""Ends of the types of events that tell why a state failed."""

WHOLES = ("Parallel", "Map")
"""Types of states that have parts; the types of their events begin so."""

ABORTED = "Aborted"
"""What stands for the error of a part that was ended because another one had failed."""


@dataclass(slots=True)
class State:
    """A state of the definition, and what the history tells of it."""

    name: str
    type: str
    within: str | None = None
    """The Parallel or Map that it is a part of."""
    entered: datetime | None = None
    exited: datetime | None = None
    inside: int = 0
    """How often it was entered and not left: more than once in a Map."""
    error: str | None = None
    """Why it failed last; None if it went on well after that."""

    def status(self, execution: str) -> Status:
        """What became of it, where the execution's status is this."""
        runs = execution == "RUNNING"
        if self.entered is None:
            return "waiting" if runs else "skipped"
        if self.error is not None and not (self.inside and runs):
            return "failed"
        if not self.inside:
            return "succeeded"
        return "running" if runs else "failed"


@dataclass(slots=True)
class Transition:
    """A way from one state to another, and whether the execution went it."""

    source: str
    target: str
    is_caught: bool = False
    """Whether nothing but an error leads this way."""
    is_taken: bool = False


@dataclass(slots=True)
class Graph:
    """The states in the order of the definition, and the ways between them."""

    states: dict[str, State] = field(default_factory=dict)
    transitions: list[Transition] = field(default_factory=list)

    @classmethod
    def of(cls, definition: Mapping[str, Any]) -> "Graph":
        """That of a state machine; what is within a Parallel or a Map follows it."""
        graph = cls()
        graph._add(definition)
        return graph

    def replay(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Let the states go through an execution's history, the oldest event first."""
        of: dict[int, str] = {}
        for event in events:
            kind, time = event["type"], event["timestamp"]
            # A response need not have it.
            before = event.get("previousEventId", event["id"] - 1)
            if kind.endswith(ENTERED):
                name = event["stateEnteredEventDetails"]["name"]
                self._enter(name, time)
                self._go(of.get(before), name)
            elif kind.endswith(EXITED):
                name = event["stateExitedEventDetails"]["name"]
                self._exit(name, time)
            else:
                # What happens within a state follows from its entering; how a Parallel or a Map
                # ends, from what happened in one of its parts.
                name = of.get(before, "")
                while kind.startswith(WHOLES) and (state := self.states.get(name)):
                    if kind.startswith(state.type) or state.within is None:
                        break
                    name = state.within
                self._note(name, kind, event)
            of[event["id"]] = name

    def told(self, execution: str) -> list[dict[str, Any]]:
        """Each state for the API, where the execution's status is this."""
        return [
            {
                "name": state.name,
                "type": state.type,
                "status": state.status(execution),
                **{
                    name: each
                    for name, each in (
                        ("within", state.within),
                        ("entered", written(state.entered)),
                        ("exited", None if state.inside else written(state.exited)),
                        ("error", state.error),
                    )
                    if each
                },
            }
            for state in self.states.values()
        ]

    def ways(self) -> list[dict[str, Any]]:
        """Each transition for the API."""
        return [
            {
                "from": each.source,
                "to": each.target,
                "on": "error" if each.is_caught else "success",
                "taken": each.is_taken,
            }
            for each in self.transitions
        ]

    def _add(self, machine: Mapping[str, Any], within: str | None = None) -> None:
        for name, state in machine["States"].items():
            self.states[name] = State(name, state["Type"], within)
            on = dict.fromkeys(_following(state))
            caught = dict.fromkeys(each["Next"] for each in state.get("Catch", ()))
            self.transitions += [Transition(name, each) for each in on]
            self.transitions += [
                Transition(name, each, is_caught=True) for each in caught if each not in on
            ]
            for part in _parts(state):
                self.transitions.append(Transition(name, part["StartAt"]))
                self._add(part, name)

    def _enter(self, name: str, time: datetime) -> None:
        if state := self.states.get(name):
            state.entered = min(time, state.entered or time)
            state.inside += 1

    def _go(self, source: str | None, target: str) -> None:
        for each in self.transitions:
            if (each.source, each.target) == (source, target):
                each.is_taken = True

    def _exit(self, name: str, time: datetime) -> None:
        if state := self.states.get(name):
            state.exited = max(time, state.exited or time)
            state.inside -= 1
            # Where one part has failed, the others end without a word.
            for part in self.states.values():
                if part.within == name and part.inside:
                    part.inside, part.error = 0, part.error or ABORTED

    def _note(self, name: str, kind: str, event: Mapping[str, Any]) -> None:
        """Take note of why a state failed, and of its going on well afterwards."""
        state = self.states.get(name)
        if state is None:
            return
        if kind.endswith(FAILED) and not kind.startswith("Execution"):
            details: Mapping[str, Any] = next(
                (each for key, each in event.items() if key.endswith("EventDetails")), {}
            )
            state.error = details.get("error") or kind
        elif kind.endswith("Succeeded") and state.type == "Task":
            state.error = None


def written(time: datetime | None) -> str | None:
    """A time as the API writes it."""
    if time is None:
        return None
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _following(state: Mapping[str, Any]) -> Iterator[str]:
    """Where a state may lead without an error: on, or by a choice."""
    found = [state.get("Next"), state.get("Default")]
    found += [each["Next"] for each in state.get("Choices", ())]
    return (each for each in found if each)


def _parts(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The machines within a state: a Parallel's branches, what a Map does with each item."""
    one = state.get("ItemProcessor") or state.get("Iterator")
    return [*state.get("Branches", ()), *([one] if one else ())]
