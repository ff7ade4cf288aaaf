"""Reviews: held images, decisions here and elsewhere, and a new version during a review."""

import re
from urllib.parse import quote

from playwright.sync_api import expect

from tests.browser import artifacts
from tests.browser.demo import Demo
from tests.browser.dialog import ImageDialog
from tests.browser.paused_requests import HeldReads
from tests.integration.waiting import wait_for

from .conftest import ModeratedStack, flagged_image


def test_approve(demo: Demo) -> None:
    """A flagged upload is held in the upload list and in the gallery, and blurred in the viewer.
    Once approved, it is processed.
    """
    demo.open()
    with flagged_image() as image:
        demo.drop(image)
        row = demo.upload(image.name)
        expect(row).to_have_attribute("data-status", "held")
        expect(row).to_contain_text("Held for review")
        expect(demo.page.locator("#upload-count")).to_have_text("1 held for review")
        key = demo.key_of(image.name)
        demo.filter_by_status("To review")
        expect(demo.item(key)).to_contain_text("Explicit Nudity")
        expect(demo.item(key).locator("img")).to_have_count(0)
        artifacts.screenshot(demo, "held")
        demo.item(key).get_by_role("link").click()
        dialog = ImageDialog(demo)
        dialog.expect_open(key)
        shown = dialog.element.locator(".comparison img").first
        expect(shown).to_have_css("filter", re.compile("blur"))
        dialog.button("Show image").click()
        expect(shown).to_have_css("filter", "none")
        dialog.button("Approve").click()
        expect(dialog.status).to_have_text("Done")
        expect(dialog.rows.first).to_be_visible()
    expect(dialog.element.get_by_text("A reviewer approved it.")).to_be_visible()
    assert demo.site.image(key).json()["status"] == "done"
    dialog.button("Close").click()
    expect(row).to_have_attribute("data-status", "done")


def test_reject(demo: Demo, held: str) -> None:
    """A rejected image has no renditions and no buttons to decide, and the filter finds it."""
    dialog = ImageDialog(demo)
    dialog.open(held)
    dialog.button("Reject").press("Enter")
    expect(dialog.status).to_have_text("Rejected")
    expect(dialog.title).to_be_focused()
    expect(dialog.button("Approve")).to_have_count(0)
    expect(dialog.element.get_by_text("A reviewer rejected it.")).to_be_visible()
    assert demo.site.image(held).json()["renditions"] == []
    dialog.button("Close").click()
    expect(dialog.element).to_be_hidden()
    demo.filter_by_status("Rejected")
    expect(demo.item(held)).to_be_visible()


def test_decision_elsewhere(demo: Demo, held: str) -> None:
    """The dialog shows a decision of another client, and the filter drops the image."""
    demo.open()
    demo.filter_by_status("To review")
    demo.item(held).get_by_role("link").click()
    dialog = ImageDialog(demo)
    dialog.expect_open(held)
    assert demo.site.api("POST", review_path(held), {"decision": "reject"}).status_code == 202
    expect(dialog.status).to_have_text("Rejected")
    dialog.button("Close").click()
    expect(demo.item(held)).to_have_count(0)


def test_new_version_during_a_review(demo: Demo, moderated: ModeratedStack, held: str) -> None:
    """A decision applies to the version that was shown: after a new upload it is refused with the
    API's reason, and the new version is shown blurred.
    """
    dialog, reads = ImageDialog(demo), HeldReads(demo)
    dialog.open(held)
    dialog.button("Show image").click()
    expect(dialog.button("Blur image")).to_be_visible()
    shown = dialog.element.locator(".comparison img").first
    before = shown.get_attribute("src")
    demo.allow_error("409")
    reads.hold()  # a poll would show the new version
    with flagged_image() as other:
        raw = moderated.cloud.outputs["RawBucket"]
        version = demo.site.image(held).json()["version"]
        moderated.cloud.s3.put_object(Bucket=raw, Key=held, Body=other.data)
        wait_for(lambda: is_held_after(demo, held, version))
        stale = {"decision": "approve", "version": version}
        refused = demo.site.api("POST", review_path(held), stale)
        assert refused.status_code == 409
        dialog.button("Approve").click()
        expect(dialog.element.get_by_text(refused.json()["detail"])).to_be_visible()
    reads.release()
    expect(dialog.button("Show image")).to_be_visible()
    expect(shown).not_to_have_attribute("src", before or "")
    assert demo.site.image(held).json()["status"] == "review"


def review_path(key: str) -> str:
    """Return the API path for decisions about an image."""
    return f"images/{quote(key, safe='')}/review"


def is_held_after(demo: Demo, key: str, version: str) -> bool:
    """Return whether a version later than ``version`` is held for review."""
    image = demo.site.image(key).json()
    return image["status"] == "review" and bool(image["version"] > version)
