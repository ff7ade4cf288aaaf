"""The form for an image's metadata."""

from urllib.parse import quote

from playwright.sync_api import expect

from tests.integration.waiting import wait_for

from .conftest import Upload
from .demo import Demo
from .dialog import ImageDialog
from .files import TEXT_AS_JPEG, photo


def test_metadata_is_edited(demo: Demo, upload: Upload) -> None:
    """What is written is stored, shown again, and in the HTML; a click sets the focal point."""
    (key,) = upload(photo("raccoon.jpg"))
    dialog = ImageDialog(demo)
    dialog.open(key)
    thumb = demo.site.image(key).json()["renditions"][0]["url"]
    dialog.element.get_by_label("Alternative text").fill('A "raccoon"')
    dialog.element.get_by_label("Tags").fill("Animal, Forest,")
    picker = dialog.element.locator(".focal-picker img")
    box = picker.bounding_box()
    assert box
    picker.click(position={"x": box["width"] * 0.05, "y": box["height"] / 2})
    expect(dialog.element.locator(".focal-mark")).to_be_visible()
    dialog.button("Save").click()
    expect(demo.page.get_by_text("The crops are rendered again").first).to_be_visible()

    def is_rendered() -> bool:
        image = demo.site.image(key).json()
        return image["status"] == "done" and image.get("rendered_focal_point") is not None

    wait_for(is_rendered)
    image = demo.site.image(key).json()
    assert (image["alt"], image["tags"]) == ('A "raccoon"', ["Animal", "Forest"])
    assert abs(image["focal_point"]["x"] - 0.05) < 0.02
    assert image["renditions"][0]["url"] != thumb
    expect(demo.item(key).locator("img.item-image")).to_have_attribute("alt", 'A "raccoon"')
    dialog.unfold("HTML")
    expect(dialog.element).to_contain_text('alt="A &quot;raccoon&quot;"')
    dialog.button("No point").click()
    expect(dialog.element.locator(".focal-mark")).to_be_hidden()


def test_an_edit_of_somebody_else_is_not_lost(demo: Demo, upload: Upload) -> None:
    """The form says so and keeps what was written; saving again is a decision."""
    (key,) = upload(photo("flower.jpg"))
    dialog = ImageDialog(demo)
    dialog.open(key)
    dialog.element.get_by_label("Title").fill("Mine")
    path = f"images/{quote(key, safe='')}"
    demo.site.api("PATCH", path, {"title": "Theirs"}, **{"if-match": "*"})
    demo.allow_error("412")
    dialog.button("Save").click()
    expect(demo.page.get_by_text("Somebody else has edited").first).to_be_visible()
    expect(dialog.element.get_by_label("Title")).to_have_value("Mine")
    assert demo.site.image(key).json()["title"] == "Theirs"
    dialog.button("Save").click()
    wait_for(lambda: demo.site.image(key).json()["title"] == "Mine")


def test_what_cannot_be_saved(demo: Demo, upload: Upload) -> None:
    """Half a point and too long a tag are refused at their fields, before anything is sent."""
    (key,) = upload(photo("coffee.png"))
    dialog = ImageDialog(demo)
    dialog.open(key)
    etag = demo.site.image(key).json()["metadata_etag"]

    def refused(label: str) -> str:
        dialog.button("Save").click()
        return str(dialog.element.get_by_label(label).evaluate("each => each.validationMessage"))

    dialog.element.get_by_label("Focal point X").fill("0.3")
    assert refused("Focal point Y")
    dialog.button("No point").click()
    dialog.element.get_by_label("Tags").fill(f"one, {'x' * 65}")
    assert refused("Tags") == f"A tag has at most 64 characters: {'x' * 65}"
    assert demo.site.image(key).json()["metadata_etag"] == etag
    dialog.element.get_by_label("Tags").fill("one, two")
    dialog.element.get_by_label("Alternative text").fill("Two\nlines")
    dialog.button("Save").click()
    wait_for(lambda: demo.site.image(key).json().get("tags") == ["one", "two"])
    assert demo.site.image(key).json()["alt"] == "Two lines"


def test_a_failed_image_has_no_focal_point(demo: Demo, upload: Upload) -> None:
    """There is nothing to crop; the other fields can be edited."""
    (key,) = upload(TEXT_AS_JPEG)
    dialog = ImageDialog(demo)
    dialog.open(key)
    expect(dialog.element.get_by_label("Title")).to_be_visible()
    expect(dialog.element.get_by_label("Focal point X")).to_be_hidden()
