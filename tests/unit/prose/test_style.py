"""The style: each of its patterns has a text that fails, and each rule texts that pass."""

from pathlib import Path

import pytest
from proselint.registry.checks import Check

from tests.prose.style import STYLE, Finding, findings, rule_checks

RULES = list(STYLE["rules"])


@pytest.mark.parametrize("name", RULES)
def test_each_pattern_fails(name: str) -> None:
    """Each pattern of a rule is found in one of its failing texts, each of which has a finding."""
    fails = STYLE["rules"][name]["fails"]
    checks = rule_checks(name)
    assert [check.check_type for check in checks if not any(found(check, t) for t in fails)] == []
    assert [text for text in fails if not any(found(check, text) for check in checks)] == []


@pytest.mark.parametrize("name", RULES)
def test_plain_texts_pass(name: str) -> None:
    """No pattern of any rule is found in the passing texts of a rule."""
    checks = [check for each in RULES for check in rule_checks(each)]
    for text in STYLE["rules"][name]["passes"]:
        assert [check.check_type for check in checks if found(check, text)] == []


def test_finding(tmp_path: Path) -> None:
    """A finding names the line of its words in the file, the words, and what to write."""
    page = tmp_path / "page.md"
    page.write_text("# Title\n\nThe `colour` of\nthe image, and the\ncolour of it.\n")
    assert findings(page) == [Finding(5, "colour", "write color (US spelling)")]


def test_rules_of_some_files(tmp_path: Path) -> None:
    """A rule for Markdown does not apply to code."""
    sentence = "It reads the header; it decodes the image; it writes the renditions."
    for name, text, number in (("a.md", sentence, 1), ("a.py", f'"""{sentence}"""\n', 0)):
        path = tmp_path / name
        path.write_text(text)
        assert len(findings(path)) == number


def test_proselint(tmp_path: Path) -> None:
    """The chosen checks of proselint apply as well."""
    page = tmp_path / "page.md"
    page.write_text("It is a can of worms.\n")
    [finding] = findings(page)
    assert "cliché" in finding.advice


def found(check: Check, text: str) -> bool:
    """Return whether a check finds something in a text."""
    return any(check.check_with_flags(f"\n{text}\n"))
