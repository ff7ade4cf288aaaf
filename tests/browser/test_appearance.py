"""Appearance and access: themes, phones, layout shifts, page weight, keyboard, accessibility."""

import pytest
from playwright.sync_api import Page, expect

from . import artifacts
from .accessibility import violations
from .conftest import NewDemo
from .demo import Demo
from .dialog import ImageDialog, Playground
from .files import TEXT_FILE, small_image

SHIFT = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) window.shift += each.value;
}).observe({ type: "layout-shift", buffered: true });
"""
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


def lightness(page: Page) -> int:
    """Return the lightness of the page's background, from 0 to 255."""
    channels = page.evaluate(f"{BACKGROUND}.match(/\\d+/g).slice(0, 3).map(Number)")
    return sum(map(int, channels)) // 3


def test_theme_of_the_system(new_demo: NewDemo, photos: list[str]) -> None:
    """The page follows the system's color scheme."""
    dark, light = new_demo(color_scheme="dark"), new_demo(color_scheme="light")
    for demo in (dark, light):
        demo.open()
        expect(demo.item(photos[0])).to_be_visible()
    assert lightness(dark.page) < 60
    assert lightness(light.page) > 200
    artifacts.screenshot(dark, "dark")


def test_theme_button(demo: Demo) -> None:
    """The button switches to the dark theme, and a reload keeps it."""
    demo.open()
    button = demo.page.get_by_role("button", name="Dark colors")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert lightness(demo.page) < 60
    demo.page.reload(wait_until="commit")
    demo.wait_for_gallery()
    assert lightness(demo.page) < 60


@pytest.mark.parametrize("width", [320, 390])
def test_phone(new_demo: NewDemo, photos: list[str], width: int) -> None:
    """Nothing is wider than the screen, and every action of the dialog is reachable."""
    demo = new_demo(viewport={"width": width, "height": 780}, is_mobile=True, has_touch=True)
    demo.open()
    assert horizontal_overflow(demo) <= 0
    artifacts.screenshot(demo, f"phone-{width}")
    demo.item(photos[0]).get_by_role("link").tap()
    dialog = ImageDialog(demo)
    dialog.expect_open(photos[0])
    assert horizontal_overflow(demo) <= 0
    for name in ("Close", "Delete", "Reprocess"):
        dialog.button(name).scroll_into_view_if_needed()
        expect(dialog.button(name)).to_be_in_viewport()
    artifacts.screenshot(demo, f"phone-dialog-{width}")
    dialog.button("Close").tap()
    expect(dialog.element).to_be_hidden()


def horizontal_overflow(demo: Demo) -> int:
    """Return by how many pixels the page is wider than the screen."""
    return int(demo.page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def test_layout_shift(new_demo: NewDemo, photos: list[str]) -> None:
    """The cumulative layout shift of a load is below 0.01."""
    demo = new_demo()
    demo.page.add_init_script(SHIFT)
    demo.open()
    expect(demo.item(photos[0]).locator("img")).to_be_visible()
    assert demo.page.evaluate("window.shift") < 0.01


def test_page_weight(demo: Demo) -> None:
    """The page, its scripts and its styles are at most 110 KB with headers."""
    session = demo.page.context.new_cdp_session(demo.page)
    session.send("Network.enable")
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    session.on(
        "Network.responseReceived",
        lambda event: kinds.update(
            {event["requestId"]: f"{event['type']} {event['response']['url']}"}
        ),
    )
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    demo.open()
    demo.page.wait_for_load_state("networkidle")
    own = {
        kinds[each]: size
        for each, size in sizes.items()
        if each in kinds and not kinds[each].startswith("Image") and "/api/" not in kinds[each]
    }
    print(f"{sum(own.values()) / 1000:.1f} KB in {len(own)} files")  # noqa: T201 (shown on failure)
    assert len(own) > 10
    assert sum(own.values()) <= 110_000, own


def test_dialog_by_keyboard(demo: Demo, photos: list[str]) -> None:
    """The keyboard opens an image, stays within the dialog, closes it, and gets the focus back."""
    demo.open()
    link = demo.item(photos[0]).get_by_role("link")
    link.focus()
    demo.page.keyboard.press("Enter")
    dialog = ImageDialog(demo)
    dialog.expect_open(photos[0])
    inside = (
        "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
    )
    for _ in range(40):
        demo.page.keyboard.press("Tab")
        assert demo.page.evaluate(inside)
    demo.page.keyboard.press("Escape")
    expect(dialog.element).to_be_hidden()
    expect(link).to_be_focused()


def test_upload_by_keyboard(demo: Demo) -> None:
    """Tab reaches the file input, and its files are uploaded."""
    demo.open()
    files = demo.page.locator("#files")
    for _ in range(8):
        demo.page.keyboard.press("Tab")
        if demo.page.evaluate("document.activeElement.id") == "files":
            break
    expect(files).to_be_focused()
    # The browser itself handles keys on a file input.
    files.set_input_files(
        {"name": "keys.jpg", "mimeType": "image/jpeg", "buffer": small_image("keys.jpg").data}
    )
    demo.expect_done("keys.jpg")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility(new_demo: NewDemo, photos: list[str], scheme: str) -> None:
    """The gallery, uploads, the dialog and the playground have no serious violation."""
    demo = new_demo(color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    demo.open()
    assert violations(demo) == []
    demo.choose(small_image(f"axe-{scheme}.jpg"), TEXT_FILE)
    demo.expect_done(f"axe-{scheme}.jpg")
    assert violations(demo) == []
    dialog = ImageDialog(demo)
    dialog.open(photos[0])
    assert violations(demo) == []
    playground = Playground(demo)
    playground.open(photos[0])
    assert violations(demo) == []
