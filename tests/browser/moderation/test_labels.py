"""Labels of Rekognition: the filter of the gallery, and bounding boxes in the viewer."""

import pytest
from playwright.sync_api import expect

from tests.browser import artifacts
from tests.browser.demo import Demo
from tests.browser.dialog import ImageDialog
from tests.browser.files import photo

from .conftest import ModeratedStack


def test_filter_by_label(demo: Demo, moderated: ModeratedStack) -> None:
    """A label's button shows the images with that label. The search finds parents of labels too."""
    coffee, mountains = moderated.process(photo("coffee.png"), photo("mountains.jpg"))
    dialog = ImageDialog(demo)
    dialog.open(coffee)
    labels = demo.site.image(coffee).json()["analysis"]["labels"]
    label = dialog.button("Coffee", exact=False)
    (confidence,) = (each["confidence"] for each in labels if each["name"] == "Coffee")
    expect(label).to_contain_text(f"{round(confidence)}%")
    artifacts.screenshot(demo, "labels")
    label.click()
    expect(dialog.element).to_be_hidden()
    expect(demo.item(coffee)).to_be_visible()
    expect(demo.item(mountains)).to_have_count(0)
    search = demo.page.get_by_role("searchbox", name="Search")
    expect(search).to_have_value("label:Coffee")
    search.fill("nature")
    search.press("Enter")
    expect(demo.item(mountains)).to_be_visible()
    expect(demo.item(coffee)).to_have_count(0)
    search.fill("label:unicorn")
    search.press("Enter")
    expect(demo.page.get_by_text("No images with the label unicorn")).to_be_visible()
    search.press("Escape")
    expect(demo.item(coffee)).to_be_visible()


def test_bounding_boxes(demo: Demo, moderated: ModeratedStack) -> None:
    """The switch shows a face's box where the API locates it, and leaves the side by side mode."""
    (key,) = moderated.process(photo("astronaut.jpg"))
    dialog = ImageDialog(demo)
    dialog.open(key)
    box = dialog.element.locator(".comparison-box").filter(has_text="Face")
    expect(box).to_have_count(0)
    switch = dialog.element.get_by_label("Show boxes")
    switch.check()
    expect(box).to_be_visible()
    artifacts.screenshot(demo, "boxes")
    (face,) = demo.site.image(key).json()["analysis"]["faces"]
    shown, frame = box.bounding_box(), dialog.element.locator(".comparison-boxes").bounding_box()
    assert shown
    assert frame
    position = {
        "left": (shown["x"] - frame["x"]) / frame["width"],
        "top": (shown["y"] - frame["y"]) / frame["height"],
        "width": shown["width"] / frame["width"],
    }
    expected = {name: face["box"][name] for name in position}
    assert position == pytest.approx(expected, abs=0.01)
    switch.uncheck()
    expect(box).to_have_count(0)
    dialog.button("Side by side").click()
    switch.check()
    expect(box).to_be_visible()
