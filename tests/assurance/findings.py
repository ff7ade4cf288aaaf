"""Findings of rules in templates, and the accepted ones with their reasons."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A place of a template that violates a rule."""

    template: str
    """The template's file name."""
    rule: str
    """The rule's name: ``CKV_AWS_…`` is checkov's, ``IAM_…`` ours (iam.py)."""
    where: str
    """The resource's logical id; for a policy's statement, ``resource/Sid``."""
    message: str

    def __str__(self) -> str:
        """Return the finding as a line."""
        return f"{self.template}: {self.rule} {self.where}: {self.message}"


class AcceptedError(Exception):
    """The list of accepted findings is malformed. The message names the entry."""


type Place = tuple[str, str, str]
"""Template, rule, and where in the template."""


def load_accepted(path: Path) -> dict[Place, str]:
    """Return the accepted places with their reasons.

    The file has a list for each template, with ``rule``, ``where`` (a list of places) and
    ``reason``. Raises ``AcceptedError`` for an incomplete entry and for a duplicate place.
    """
    accepted: dict[Place, str] = {}
    for template, entries in (yaml.safe_load(path.read_text()) or {}).items():
        for entry in entries:
            for place, reason in _places(template, entry):
                if place in accepted:
                    raise AcceptedError(
                        f"{path.name}: {' '.join(place)} is listed twice. Remove one."
                    )
                accepted[place] = reason
    return accepted


def _places(template: str, entry: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    reason = str(entry.get("reason") or "").strip()
    if not (reason and entry.get("rule") and entry.get("where")):
        raise AcceptedError(
            f"{template}: an entry needs rule, where and reason. Complete it: {entry}"
        )
    for where in entry["where"]:
        yield (template, entry["rule"], where), reason


def judge(findings: Iterable[Finding], accepted: dict[Place, str]) -> list[str]:
    """Return complaints: findings that are not accepted, and acceptances without a finding."""
    found = sorted(set(findings))
    places = {(each.template, each.rule, each.where) for each in found}
    complaints = [
        str(each) for each in found if (each.template, each.rule, each.where) not in accepted
    ]
    stale = sorted(accepted.keys() - places)
    return complaints + [
        f"{template}: {rule} {where}: accepted, but no longer found. Remove it from accepted.yaml."
        for template, rule, where in stale
    ]


def report(findings: Iterable[Finding], accepted: dict[Place, str]) -> list[str]:
    """Return a Markdown table of the findings: a row for each template and rule."""
    found = sorted(set(findings))
    groups: dict[tuple[str, str], list[Finding]] = {}
    for each in found:
        groups.setdefault((each.template, each.rule), []).append(each)
    rows = []
    for (template, rule), group in groups.items():
        places = [(template, rule, each.where) for each in group]
        message = group[0].message if len({each.message for each in group}) == 1 else ""
        known = sum(place in accepted for place in places)
        where = ", ".join(each.where for each in group)
        rows.append(f"| {template} | {rule} | {message} | {len(group)} | {known} | {where} |")
    known = sum((each.template, each.rule, each.where) in accepted for each in found)
    return [
        "| template | rule | what | found | accepted | where |",
        "|---|---|---|---|---|---|",
        *rows,
        f"| all | {len({each.rule for each in found})} rules | | {len(found)} | {known} | |",
    ]
