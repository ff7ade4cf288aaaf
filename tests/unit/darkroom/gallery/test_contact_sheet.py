"""The contact sheet in docs/gallery is the one that the engine renders now."""

import re
from pathlib import Path

import pytest
from PIL import Image, ImageSequence
from rich.console import Console

from darkroom.gallery.contact_sheet import Entry, make_sheet, sections
from tests.unit.processor.images.sample_images import assert_similar

PROJECT = Path(__file__).parents[4]
GALLERY = PROJECT / "docs" / "gallery"
ENTRIES = [entry for _, _, entries in sections() for entry in entries]


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a contact sheet that is rendered now."""
    folder = tmp_path_factory.mktemp("sheet")
    assert make_sheet(PROJECT / "samples" / "raccoon.jpg", folder, Console(quiet=True)) == {}
    return folder


def test_the_page_is_up_to_date(sheet: Path) -> None:
    """The committed page is the rendered one, but for sizes in bytes: encoders differ in these."""
    committed, rendered = ((folder / "README.md").read_text() for folder in (GALLERY, sheet))
    assert without_measures(committed) == without_measures(rendered), "Stale: make docs"
    assert names_in(GALLERY) == names_in(sheet), "Stale: make docs"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_images_are_up_to_date(entry: Entry, sheet: Path) -> None:
    """The committed images look like the rendered ones. If they don't: make docs."""
    rendered = [file for file in sheet.iterdir() if re.split("[@.]", file.name)[0] == entry.name]
    assert rendered
    for file in rendered:
        with Image.open(file) as new, Image.open(GALLERY / file.name) as old:
            pairs = zip(ImageSequence.Iterator(new), ImageSequence.Iterator(old), strict=True)
            for one, other in pairs:
                # More tolerant than other tests: the encoders may be of another release.
                assert_similar(one.convert("RGBA"), other.convert("RGBA"), most=4)


def without_measures(page: str) -> str:
    """Return a page without what another release of an encoder changes: bytes and analysis."""
    page = re.sub(r"[\d,]+ bytes", "", page)
    return page.partition("## Analysis")[0]


def names_in(folder: Path) -> set[str]:
    """Return the names of all files in a folder."""
    return {file.name for file in folder.iterdir()}
