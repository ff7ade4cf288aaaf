"""The workflow as a graph: the definition's states and transitions, with an execution's progress.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from processor.change import timestamp

Status = Literal["waiting", "running", "succeeded", "failed", "skipped"]

ENTERED, EXITED = "StateEntered", "StateExited"
FAILED = ("Failed", "TimedOut", "Aborted")
"""Suffixes of the event types that give the error of a state."""

CONTAINERS = ("Parallel", "Map")
"""Types of states that contain others, and prefixes of their event types."""

ABORTED = "Aborted"
"""Error of a state that was stopped because another one in its container failed."""


@dataclass(slots=True)
class State:
    """A state of the definition, and its progress in an execution."""

    name: str
    type: str
    within: str | None = None
    """The Parallel or Map state that contains it."""
    entered: datetime | None = None
    exited: datetime | None = None
    inside: int = 0
    """Entries without an exit: more than one in a Map."""
    error: str | None = None
    """Its last error; None after a later success."""

    def status(self, execution: str) -> Status:
        """Return the state's status in an execution with that status."""
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
    """A transition between two states, and whether the execution took it."""

    source: str
    target: str
    is_caught: bool = False
    """Whether only an error leads to the target."""
    is_taken: bool = False


@dataclass(slots=True)
class Graph:
    """The states in the order of the definition, and the transitions between them."""

    states: dict[str, State] = field(default_factory=dict)
    transitions: list[Transition] = field(default_factory=list)

    @classmethod
    def of(cls, definition: Mapping[str, Any]) -> "Graph":
        """Return the graph of a state machine; a container's states follow it."""
        graph = cls()
        graph._add(definition)
        return graph

    def replay(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Apply an execution's history, oldest event first."""
        state_of_event: dict[int, str] = {}
        for event in events:
            kind, time = event["type"], event["timestamp"]
            # previousEventId is optional.
            previous = event.get("previousEventId", event["id"] - 1)
            if kind.endswith(ENTERED):
                name = event["stateEnteredEventDetails"]["name"]
                self._enter(name, time)
                self._take(state_of_event.get(previous), name)
            elif kind.endswith(EXITED):
                name = event["stateExitedEventDetails"]["name"]
                self._exit(name, time)
            else:
                # Other events belong to the state of the event before them. The end of a container
                # follows an event of a state inside it.
                name = state_of_event.get(previous, "")
                while kind.startswith(CONTAINERS) and (state := self.states.get(name)):
                    if kind.startswith(state.type) or state.within is None:
                        break
                    name = state.within
                self._record_outcome(name, kind, event)
            state_of_event[event["id"]] = name

    def describe_states(self, execution: str) -> list[dict[str, Any]]:
        """Return the states as the API's schema ``State``, in an execution with that status."""
        return [
            {
                "name": state.name,
                "type": state.type,
                "status": state.status(execution),
                **({"within": state.within} if state.within else {}),
                **({"entered": timestamp(state.entered)} if state.entered else {}),
                **(
                    {"exited": timestamp(state.exited)} if state.exited and not state.inside else {}
                ),
                **({"error": state.error} if state.error else {}),
            }
            for state in self.states.values()
        ]

    def describe_transitions(self) -> list[dict[str, Any]]:
        """Return the transitions as the API's schema ``Transition``."""
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
            targets = dict.fromkeys(_targets(state))
            caught = dict.fromkeys(each["Next"] for each in state.get("Catch", ()))
            self.transitions += [Transition(name, each) for each in targets]
            self.transitions += [
                Transition(name, each, is_caught=True) for each in caught if each not in targets
            ]
            for inner in _inner_machines(state):
                self.transitions.append(Transition(name, inner["StartAt"]))
                self._add(inner, name)

    def _enter(self, name: str, time: datetime) -> None:
        if state := self.states.get(name):
            state.entered = min(time, state.entered or time)
            state.inside += 1

    def _take(self, source: str | None, target: str) -> None:
        for each in self.transitions:
            if (each.source, each.target) == (source, target):
                each.is_taken = True

    def _exit(self, name: str, time: datetime) -> None:
        if state := self.states.get(name):
            state.exited = max(time, state.exited or time)
            state.inside -= 1
            # When one state in a container fails, the others are stopped without an event.
            for inner in self.states.values():
                if inner.within == name and inner.inside:
                    inner.inside, inner.error = 0, inner.error or ABORTED

    def _record_outcome(self, name: str, kind: str, event: Mapping[str, Any]) -> None:
        """Set a state's error, or clear it after a success."""
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


def _targets(state: Mapping[str, Any]) -> Iterator[str]:
    """Yield the states that follow without an error: the next one, or those of a choice."""
    found = [state.get("Next"), state.get("Default")]
    found += [each["Next"] for each in state.get("Choices", ())]
    return (each for each in found if each)


def _inner_machines(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the state machines inside a Parallel or Map state."""
    item = state.get("ItemProcessor") or state.get("Iterator")
    return [*state.get("Branches", ()), *([item] if item else ())]
