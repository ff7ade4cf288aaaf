"""What a rule has against a template, and what is accepted with a reason."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One rule that one place of a template breaks."""

    template: str
    """The template's file name."""
    rule: str
    """The rule's name: ``CKV_AWS_…`` is checkov's, ``IAM_…`` ours (iam.py)."""
    where: str
    """Logical id of the resource; of a policy's statement ``resource/Sid``."""
    message: str

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.template}: {self.rule} {self.where}: {self.message}"


class AcceptedError(Exception):
    """The list of what is accepted can't be used."""


type Place = tuple[str, str, str]
"""Template, rule, and where in the template."""


def load_accepted(path: Path) -> dict[Place, str]:
    """Read what is accepted, with each place's reason.

    The file holds a list for each template: ``rule``, ``where`` (a list of places) and ``reason``.
    Raises ``AcceptedError`` for an entry without a reason, and for one place that stands twice.
    """
    accepted: dict[Place, str] = {}
    for template, entries in (yaml.safe_load(path.read_text()) or {}).items():
        for entry in entries:
            for place, reason in _places(template, entry):
                if place in accepted:
                    raise AcceptedError(f"{path.name}: {' '.join(place)} stands twice")
                accepted[place] = reason
    return accepted


def _places(template: str, entry: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    reason = str(entry.get("reason") or "").strip()
    if not (reason and entry.get("rule") and entry.get("where")):
        raise AcceptedError(f"{template}: an entry needs rule, where and reason: {entry}")
    for where in entry["where"]:
        yield (template, entry["rule"], where), reason


def judge(findings: Iterable[Finding], accepted: dict[Place, str]) -> list[str]:
    """Return the complaints: findings that nobody accepted, and acceptances of nothing."""
    found = sorted(set(findings))
    places = {(each.template, each.rule, each.where) for each in found}
    complaints = [
        str(each) for each in found if (each.template, each.rule, each.where) not in accepted
    ]
    stale = sorted(accepted.keys() - places)
    return complaints + [
        f"{template}: {rule} {where}: accepted, but no longer found: take it off the list"
        for template, rule, where in stale
    ]
