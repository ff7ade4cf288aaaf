"""Attacks as data: a page's script, the origins that it runs at, and the effect to look for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .origins import FOREIGN, Origin
from .stage import Stage


@dataclass(frozen=True, slots=True)
class Aim:
    """What a script is written for."""

    stage: Stage
    mark: str
    """The name of whatever the attack makes or changes; no other attack uses it."""
    base: str
    """The emulator's address, as the page names it."""


type Prepare = Callable[[Aim], object]
type Script = Callable[[Aim], str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an attack can be convicted by."""

    stage: Stage
    mark: str
    loot: tuple[str, ...] = ()
    """What the page read or noticed, in its own words."""


type Effect = Callable[[Evidence], str]
"""Says what the attack has done; empty if it has done nothing."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One thing that a hostile page tries."""

    name: str
    tries: str
    """For the log: how, and what."""
    script: Script
    """Returns the body of an async JavaScript function that the page runs. It may use what page.js
    has."""
    effect: Effect
    origins: tuple[Origin, ...] = (FOREIGN,)
    prepare: Prepare | None = None
    """Plants what the attack is to harm, before the page is opened."""
    leaves: bool = False
    """Whether the page navigates or opens a window, so that its script ends before its requests."""
    ends: bool = False
    """Whether it would end the emulator or all that it holds: only for an emulator of our own."""
    needs_runtime: bool = False
    """Whether it is aimed at the ports of functions' Runtime APIs."""


@dataclass(frozen=True, slots=True)
class Case:
    """An attack from one origin."""

    attack: Attack
    origin: Origin

    @property
    def id(self) -> str:
        """The case's name, unique in the catalog."""
        return f"{self.attack.name}, from {self.origin.name}"


@dataclass(frozen=True, slots=True)
class Sent:
    """One request of the page to the emulator, as the browser's network stack saw it."""

    method: str
    url: str
    headers: dict[str, str]
    result: str
    """The status, or why there is none."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attack came to."""

    case: Case
    effect: str
    """What it has done; empty if nothing."""
    sent: tuple[Sent, ...] = field(default=())
    skipped: str = ""
    """Why the attack was not run; empty if it was."""


def cases_of(attacks: Iterable[Attack]) -> list[Case]:
    """Return each attack from each of its origins; those that may end the emulator are last."""
    cases = [Case(attack, origin) for attack in attacks for origin in attack.origins]
    return sorted(cases, key=lambda case: case.attack.ends)
