"""Dark and light, wide and narrow, with and without eyes and a mouse."""

import pytest
from playwright.sync_api import Page, expect

from . import artifacts
from .accessibility import barriers
from .conftest import NewDemo
from .demo import Demo
from .detail import Detail, Playground
from .pictures import NOTES, small

SHIFT = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) window.shift += each.value;
}).observe({ type: "layout-shift", buffered: true });
"""
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


def lightness(page: Page) -> int:
    """Of the page's background: 0 for black, 255 for white."""
    channels = page.evaluate(f"{BACKGROUND}.match(/\\d+/g).slice(0, 3).map(Number)")
    return sum(map(int, channels)) // 3


def test_dark_as_the_system_says(new_demo: NewDemo, photographs: list[str]) -> None:
    """The page is dark where the system is, and light where it is light."""
    dark, light = new_demo(color_scheme="dark"), new_demo(color_scheme="light")
    for demo in (dark, light):
        demo.open()
        expect(demo.tile(photographs[0])).to_be_visible()
    assert lightness(dark.page) < 60
    assert lightness(light.page) > 200
    artifacts.take(dark, "dark")


def test_dark_by_choice(demo: Demo) -> None:
    """The button turns the page dark, and it stays so."""
    demo.open()
    button = demo.page.get_by_role("button", name="Dark colors")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert lightness(demo.page) < 60
    demo.page.reload(wait_until="commit")
    demo.wait_for_gallery()
    assert lightness(demo.page) < 60


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone(new_demo: NewDemo, photographs: list[str], width: int) -> None:
    """Nothing is wider than the screen, and what can be done elsewhere can be done there."""
    demo = new_demo(viewport={"width": width, "height": 780}, is_mobile=True, has_touch=True)
    demo.open()
    assert overhang(demo) <= 0
    artifacts.take(demo, f"phone-{width}")
    demo.tile(photographs[0]).get_by_role("link").tap()
    detail = Detail(demo)
    detail.expect_open(photographs[0])
    assert overhang(demo) <= 0
    for name in ("Close", "Delete", "Make again"):
        detail.button(name).scroll_into_view_if_needed()
        expect(detail.button(name)).to_be_in_viewport()
    artifacts.take(demo, f"phone-detail-{width}")
    detail.button("Close").tap()
    expect(detail.dialog).to_be_hidden()


def overhang(demo: Demo) -> int:
    """By how many pixels the page is wider than the screen."""
    return int(demo.page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def test_nothing_shifts(new_demo: NewDemo, photographs: list[str]) -> None:
    """What is on the page stays where it is while the rest comes."""
    demo = new_demo()
    demo.page.add_init_script(SHIFT)
    demo.open()
    expect(demo.tile(photographs[0]).locator("img")).to_be_visible()
    assert demo.page.evaluate("window.shift") < 0.01


def test_what_is_transferred(demo: Demo) -> None:
    """The page, its scripts and its styles are at most 100 KB, headers and all."""
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
    assert sum(own.values()) <= 100_000, own


def test_by_keyboard(demo: Demo, photographs: list[str]) -> None:
    """A picture is opened, looked at and closed without a mouse, and focus comes back."""
    demo.open()
    link = demo.tile(photographs[0]).get_by_role("link")
    link.focus()
    demo.page.keyboard.press("Enter")
    detail = Detail(demo)
    detail.expect_open(photographs[0])
    inside = (
        "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
    )
    for _ in range(40):
        demo.page.keyboard.press("Tab")
        assert demo.page.evaluate(inside)
    demo.page.keyboard.press("Escape")
    expect(detail.dialog).to_be_hidden()
    expect(link).to_be_focused()


def test_uploading_by_keyboard(demo: Demo) -> None:
    """The browser's own chooser of files is reached by Tab, and what it gives is uploaded."""
    demo.open()
    files = demo.page.locator("#files")
    for _ in range(8):
        demo.page.keyboard.press("Tab")
        if demo.page.evaluate("document.activeElement.id") == "files":
            break
    expect(files).to_be_focused()
    # What the keys do on a file input is the browser's own affair.
    files.set_input_files(
        {"name": "keys.jpg", "mimeType": "image/jpeg", "buffer": small("keys.jpg").data}
    )
    demo.expect_done("keys.jpg")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way(new_demo: NewDemo, photographs: list[str], scheme: str) -> None:
    """axe-core finds nothing serious: gallery, traces, a picture, the playground."""
    demo = new_demo(color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    demo.open()
    assert barriers(demo) == []
    demo.choose(small(f"axe-{scheme}.jpg"), NOTES)
    demo.expect_done(f"axe-{scheme}.jpg")
    assert barriers(demo) == []
    detail = Detail(demo)
    detail.open(photographs[0])
    assert barriers(demo) == []
    playground = Playground(demo)
    playground.open(photographs[0])
    assert barriers(demo) == []
