"""README and docs: features, settings and links are those of the code."""

import re
from pathlib import Path

from awscli.customizations.overridesslcommonname import (  # type: ignore[import-untyped]
    SSL_COMMON_NAMES,
)

from localstack_native.features import FEATURES

PROJECT = Path(__file__).parents[2]
PAGES = [PROJECT / "README.md", PROJECT / "CHANGELOG.md", *(PROJECT / "docs").glob("*.md")]
MOST_WORDS = 1_500


def test_the_readme_lists_every_feature() -> None:
    """The table of features has a row for each feature, in the order of their start."""
    assert re.findall(r"^\| `([a-z0-9-]+)` \|", _section("Features"), re.MULTILINE) == [*FEATURES]


def test_the_settings_page_lists_every_setting() -> None:
    """The table of settings has a row for each EMULATOR_* variable in the code, and no other."""
    code = "".join(path.read_text() for path in (PROJECT / "localstack_native").rglob("*.py"))
    page = (PROJECT / "docs" / "settings.md").read_text()
    documented = re.findall(r"^\| `(EMULATOR_[A-Z_]+)` \|", page, re.MULTILINE)
    assert sorted(documented) == sorted(set(re.findall(r"\bEMULATOR_[A-Z_]+\b", code)))


def test_the_readme_names_the_commands_that_need_an_endpoint() -> None:
    """The installed AWS CLI replaces the endpoint in AWS_ENDPOINT_URL for these services only."""
    found = re.findall(r"`(\w+)`", _section("Quick start").partition("`AWS_ENDPOINT_URL` for")[2])
    assert found[: len(SSL_COMMON_NAMES)] == [*SSL_COMMON_NAMES]


def test_links_stay_in_the_project() -> None:
    """Each relative link leads to a file of this project and, if it names one, to a heading."""
    for page in PAGES:
        for link in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text()):
            name, _, heading = link.partition("#")
            target = (page.parent / name).resolve() if name else page
            assert target.is_relative_to(PROJECT), f"{page.name}: {link}"
            assert target.exists(), f"{page.name}: {link}"
            assert not heading or heading in _anchors(target), f"{page.name}: {link}"


def test_the_length_of_pages() -> None:
    """A page has at most 1,500 words."""
    words = {page.name: len(page.read_text().split()) for page in PAGES}
    assert not {name: count for name, count in words.items() if count > MOST_WORDS}


def _section(title: str) -> str:
    page = (PROJECT / "README.md").read_text()
    return page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
