"""The style as checks of proselint, and what they find in a file."""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from itertools import accumulate, chain
from pathlib import Path
from typing import Any, NamedTuple

from proselint.checks import __register__ as PROSELINT  # noqa: N812
from proselint.registry.checks import Check, CheckResult, types
from proselint.registry.checks.engine import Fancy, Padding, RegexOptions

from .passages import Passage, passages

STYLE: dict[str, Any] = tomllib.loads(Path(__file__).with_name("style.toml").read_text())
BOUNDED = r"(?<!\w)(?:{})(?!\w)"
"""A pattern that begins and ends with whole words."""


class Finding(NamedTuple):
    """A line with words that the style forbids, and what to write."""

    line: int
    words: str
    advice: str


def rule_checks(name: str) -> tuple[Check, ...]:
    """Return the checks of one rule, one for each of its patterns."""
    rule = STYLE["rules"][name]
    engine = Fancy(RegexOptions(case_insensitive=True))
    used = rule.get("use", {})
    return tuple(
        Check(
            types.PreferredForms({BOUNDED.format(pattern): instead}, Padding.RAW),
            engine, path=name, message=f"write {{}} ({rule['why']})",
        )
        for pattern, instead in used.items()
    ) + tuple(
        Check(
            types.ExistenceSimple(BOUNDED.format(pattern)),
            engine, path=name, message=f"rewrite: {rule['why']}",
        )
        for pattern in rule.get("never", ())
    )  # fmt: skip


@cache
def checks_for(path: Path) -> tuple[Check, ...]:
    """Return the checks of the rules for a file, and those chosen of proselint's."""
    chosen = STYLE["proselint"]["checks"]
    rules = STYLE["rules"].items()
    own = (rule_checks(name) for name, rule in rules if path.match(rule.get("of", "*")))
    theirs = (check for check in PROSELINT if any(map(check.matches_partial, chosen)))
    return (*chain.from_iterable(own), *theirs)


def findings(path: Path) -> list[Finding]:
    """Return what the style forbids in a file, in the order of its lines."""
    source = path.read_text().splitlines()
    found = [*passages(path)]
    text = "\n".join(["", *(passage.text for passage in found), ""])
    starts = [*accumulate((len(passage.text) + 1 for passage in found), initial=1)]
    results = chain.from_iterable(check.check_with_flags(text) for check in checks_for(path))
    return sorted({_finding(text, result, source, found, starts) for result in results})


def _finding(
    text: str,
    result: CheckResult,
    source: Sequence[str],
    found: Sequence[Passage],
    starts: Sequence[int],
) -> Finding:
    start, end = result.span
    words = text[start:end]
    start += len(words) - len(words.lstrip())
    index = bisect_right(starts, start) - 1
    words = re.sub(r"\s+", " ", words.strip())
    line = found[index].line_of(source, start - starts[index], words)
    return Finding(line, words, result.message)
