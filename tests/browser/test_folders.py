"""Folders: dropped, chosen, nested, with many files, and with files that are no images."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.integration.site import Site

from . import artifacts
from .accessibility import violations
from .conftest import NewDemo
from .demo import Demo
from .files import TEXT_FILE, small_image
from .folders import drop_paths
from .paused_requests import HeldReads

SKIPPED = {
    "Holiday/notes.txt": "Its content is not JPEG",
    "Holiday/day 2/fake.jpg": "Its content is not JPEG",
    "Holiday/day 2/empty.png": "The file is empty.",
}


@pytest.fixture
def holiday(tmp_path: Path) -> Path:
    """Return a folder with three images, two of them nested, an empty folder and other files."""
    folder = tmp_path / "Holiday"
    for name in ("beach.jpg", "day 2/hills.jpg", "day 2/evening/no-extension"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(small_image(name).data)
    (folder / "nothing").mkdir()
    (folder / "notes.txt").write_bytes(TEXT_FILE.data)
    (folder / "day 2/fake.jpg").write_bytes(TEXT_FILE.data)
    (folder / "day 2/empty.png").touch()
    return folder


def expect_holiday(demo: Demo) -> None:
    """Wait for the folder's images, and check the report about the rest."""
    for name in ("beach.jpg", "hills.jpg", "no-extension"):
        demo.expect_done(name)
    expect(demo.uploads).to_have_count(3)
    demo.expect_announced("Holiday: 3 images, 3 files skipped")
    report = demo.page.get_by_test_id("folder-report")
    expect(report).to_contain_text("Holiday: 3 images, 3 files skipped")
    for path, reason in SKIPPED.items():
        expect(report.get_by_role("listitem").filter(has_text=path)).to_contain_text(reason)


def test_a_dropped_folder(demo: Demo, holiday: Path) -> None:
    """Its images are uploaded, nested ones and those without an extension included; the page shows
    what it skipped and why, and files that are dropped with the folder are uploaded too.
    """
    single = holiday.parent / "single.jpg"
    single.write_bytes(small_image("single").data)
    demo.open()
    drop_paths(demo, holiday, single)
    demo.expect_done("single.jpg")
    demo.upload("single.jpg").get_by_role("button", name="Dismiss").click()
    expect_holiday(demo)
    demo.page.get_by_role("button", name="Clear finished").click()
    expect(demo.page.get_by_test_id("folder-report")).to_have_count(0)
    expect(demo.page.locator("#upload-panel")).to_have_attribute("data-empty", "")


def test_a_chosen_folder(demo: Demo, holiday: Path) -> None:
    """A button opens the browser's dialog for a folder, which is uploaded like a dropped one."""
    demo.open()
    with demo.page.expect_file_chooser() as opened:
        demo.page.get_by_text("Choose folder").click()
    opened.value.set_files(holiday)
    expect_holiday(demo)


def test_a_folder_without_images(demo: Demo, tmp_path: Path) -> None:
    """The page says that there are none, and uploads nothing."""
    folder = tmp_path / "Papers"
    folder.mkdir()
    (folder / "notes.txt").write_bytes(TEXT_FILE.data)
    demo.open()
    drop_paths(demo, folder)
    report = demo.page.get_by_test_id("folder-report")
    expect(report).to_contain_text("Papers: no images, 1 file skipped")
    expect(demo.uploads).to_have_count(0)
    report.get_by_role("button", name="Dismiss").click()
    expect(demo.page.locator("#upload-panel")).to_have_attribute("data-empty", "")


def test_more_than_a_hundred_images(demo: Demo, site: Site, tmp_path: Path) -> None:
    """All 130 images of a folder are done, though the browser lists a hundred at a time, and the
    page saw none of them in process.
    """
    folder = tmp_path / "Many"
    folder.mkdir()
    for number in range(130):
        (folder / f"{number:03}.jpg").write_bytes(small_image(f"{number}", 8, 8).data)
    reads = HeldReads(demo)
    demo.open()
    reads.hold()
    drop_paths(demo, folder)
    stored = demo.page.locator('[data-testid="upload"][data-status="stored"]')
    others = demo.page.locator('[data-testid="upload"]:not([data-status="stored"])')
    try:
        expect(stored).to_have_count(130)
    except AssertionError as error:
        raise AssertionError(f"not stored: {others.all_inner_texts()}") from error
    keys = demo.page.evaluate(
        """async () => {
          const queue = await import(new URL("js/upload/upload-queue.js", document.baseURI));
          return queue.list().map(({ key }) => key);
        }"""
    )
    for key in keys:
        site.ended(key)
    reads.release()
    done = demo.page.locator('[data-testid="upload"][data-status="done"]')
    expect(done).to_have_count(130)


@pytest.mark.parametrize("scheme", ["light", "dark", "phone"])
def test_appearance(new_demo: NewDemo, holiday: Path, scheme: str) -> None:
    """The report has no serious violation, and fits on a phone."""
    options = (
        {"viewport": {"width": 390, "height": 780}, "is_mobile": True, "has_touch": True}
        if scheme == "phone"
        else {"color_scheme": scheme}
    )
    demo = new_demo(**options, reduced_motion="reduce", bypass_csp=True)
    demo.open()
    artifacts.screenshot(demo, f"empty-{scheme}")
    with demo.page.expect_file_chooser() as opened:
        demo.page.get_by_text("Choose folder").click()
    opened.value.set_files(holiday)
    expect_holiday(demo)
    assert violations(demo) == []
    assert demo.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    artifacts.screenshot(demo, f"folder-{scheme}")
