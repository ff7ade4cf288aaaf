"""The recipe reference between the markers of its page."""

import sys
from pathlib import Path

import pytest

from darkroom.engine.reference import BEGIN, END, main, updated

PAGE = f"# Recipes\n\n{BEGIN}\nold tables\n{END}\n\nThe end.\n"


def test_the_reference_replaces_what_is_between_the_markers() -> None:
    """The tables are written between the markers; the text around them stays."""
    page = updated(PAGE)
    assert page.startswith(f"# Recipes\n\n{BEGIN}\n\n### Recipe\n")
    assert page.endswith(f"{END}\n\nThe end.\n")
    assert "old tables" not in page
    assert updated(page) == page


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (PAGE.replace(BEGIN, ""), f"{BEGIN} is needed once, and found 0 times"),
        (PAGE.replace(END, "<!-- Another end. -->"), f"{END} is needed once, and found 0 times"),
        (PAGE + BEGIN, f"{BEGIN} is needed once, and found 2 times"),
        (PAGE + END, f"{END} is needed once, and found 2 times"),
        (f"{END}\n{BEGIN}\n", f"{END} must follow {BEGIN}"),
    ],
)
def test_a_page_without_its_markers_is_refused(page: str, message: str) -> None:
    """A missing, a doubled or a misplaced marker is an error that names the marker."""
    with pytest.raises(ValueError, match=message):
        updated(page)


def test_a_refused_page_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command exits with the file's name in the message, and does not write the file."""
    file = tmp_path / "recipes.md"
    file.write_text(PAGE + END)
    monkeypatch.setattr(sys, "argv", ["reference", str(file)])
    with pytest.raises(SystemExit, match=r"recipes\.md: the line .* found 2 times\."):
        main()
    assert file.read_text() == PAGE + END
