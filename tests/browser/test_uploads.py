"""Uploads: adding files, their progress, and their errors."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from . import artifacts
from .conftest import NewDemo
from .demo import Demo
from .files import TEXT_AS_JPEG, TEXT_FILE, photo, small_image


def test_drop_photos_and_a_text_file(demo: Demo) -> None:
    """Of four dropped files, three photos are done with the time of each step, and the text file is
    refused with the reason.
    """
    demo.open()
    demo.drop(photo("raccoon.jpg"), photo("flower.jpg"), photo("coffee.png"), TEXT_FILE)
    for name in ("raccoon.jpg", "flower.jpg", "coffee.png"):
        demo.expect_done(name)
        steps = demo.upload(name).get_by_role("list", name="Progress").get_by_role("listitem")
        expect(steps).to_have_text(
            [
                re.compile(r"^Uploaded\d.*m?s$"),
                re.compile(r"^Queued\d.*m?s$"),
                re.compile(r"^Processing\d.*m?s"),
                re.compile(r"^Done\d\d:\d\d:\d\d$"),
            ]
        )
        expect(demo.item(demo.key_of(name)).locator("img")).to_be_visible()
    refused = demo.upload(TEXT_FILE.name)
    expect(refused).to_have_attribute("data-status", "refused")
    expect(refused).to_contain_text("Not uploaded")
    expect(refused.locator(".upload-reason")).to_contain_text(re.compile(r"JPEG.+", re.IGNORECASE))
    expect(demo.page.locator("#upload-count")).to_have_text("3 done · 1 not done")
    demo.expect_announced("Uploads finished: 3 done · 1 not done")
    artifacts.screenshot(demo, "uploads")


@pytest.mark.parametrize("method", ["choose", "paste"])
def test_choose_and_paste(demo: Demo, method: str) -> None:
    """Chosen and pasted files are uploaded like dropped ones."""
    demo.open()
    getattr(demo, method)(small_image(f"{method}-1.jpg"), small_image(f"{method}-2.jpg"))
    demo.expect_done(f"{method}-1.jpg")
    demo.expect_done(f"{method}-2.jpg")


def test_selected_recipe(demo: Demo) -> None:
    """Uploads are rendered with the selected recipe."""
    demo.open()
    demo.page.get_by_label("Recipe", exact=True).select_option("avatar")
    demo.choose(small_image("face.jpg", 400, 400))
    demo.expect_done("face.jpg")
    demo.upload("face.jpg").get_by_role("link").click()
    expect(demo.page.get_by_role("dialog")).to_contain_text("small@2x")


def test_text_file_named_jpeg(demo: Demo) -> None:
    """A permanent error of the pipeline is shown with the upload and in the gallery."""
    demo.open()
    demo.choose(TEXT_AS_JPEG)
    upload = demo.upload(TEXT_AS_JPEG.name)
    expect(upload).to_have_attribute("data-status", "failed")
    expect(upload).to_contain_text("accepted format: JPEG")
    key = demo.key_of(TEXT_AS_JPEG.name)
    demo.filter_by_status("Failed")
    expect(demo.item(key)).to_contain_text("unsupported-format")
    artifacts.screenshot(demo, "failed")


def test_cancel_and_retry(demo: Demo) -> None:
    """A canceled upload stops, and a retry completes it."""
    demo.open()
    demo.page.route(demo.storage, lambda _: None)
    demo.choose(small_image("canceled.jpg"))
    upload = demo.upload("canceled.jpg")
    expect(upload).to_have_attribute("data-status", "uploading")
    upload.get_by_role("button", name="Cancel").click()
    expect(upload).to_have_attribute("data-status", "canceled")
    demo.page.unroute(demo.storage)
    upload.get_by_role("button", name="Retry").click()
    demo.expect_done("canceled.jpg")


@pytest.mark.parametrize(
    ("status", "code", "message", "reason"),
    [
        (403, "AccessDenied", "Invalid according to Policy: Policy expired.", "expired"),
        (400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", "large"),
        (503, "SlowDown", "Please reduce your request rate.", "busy"),
    ],
)
def test_s3_errors(demo: Demo, status: int, code: str, message: str, reason: str) -> None:
    """An error of S3 is shown as a readable reason. If it may pass, a retry with a new ticket
    completes the upload.
    """
    demo.allow_error(str(status))
    demo.open()
    name = f"{code}.jpg"

    def refuse(route: Route) -> None:
        route.fulfill(
            status=status,
            headers={"access-control-allow-origin": "*", "content-type": "application/xml"},
            body=f"<Error><Code>{code}</Code><Message>{message}</Message></Error>",
        )

    demo.page.route(demo.storage, refuse)
    demo.choose(small_image(name))
    upload = demo.upload(name)
    expect(upload.locator(".upload-reason")).to_contain_text(re.compile(reason, re.IGNORECASE))
    demo.page.unroute(demo.storage)
    if code != "EntityTooLarge":
        upload.get_by_role("button", name="Retry").click()
        demo.expect_done(name)


def test_uploads_of_other_visitors(demo: Demo, new_demo: NewDemo) -> None:
    """An image that another visitor uploads appears in the gallery automatically."""
    demo.open()
    other = new_demo()
    other.open()
    demo.choose(small_image("shared.jpg"))
    demo.expect_done("shared.jpg")
    expect(other.item(demo.key_of("shared.jpg"))).to_be_visible()


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("animated.apng", "image/vnd.mozilla.apng"),
        ("old.bmp", "image/vnd.microsoft.bmp"),
        ("burst.heic", "image/heic-sequence"),
        ("scan", ""),
        ("scan.dat", "application/octet-stream"),
        ("scan.txt", "text/plain"),
        ("export.php", "application/x-php"),
    ],
)
def test_media_types_of_systems(demo: Demo, name: str, media_type: str) -> None:
    """The content decides: an image is processed under any name and any media type."""
    demo.open()
    demo.choose(replace(small_image(name), name=name, type=media_type))
    demo.expect_done(name)


def test_a_file_that_is_gone(demo: Demo, tmp_path: Path) -> None:
    """A file that the browser can no longer read is refused with that reason."""
    file = tmp_path / "moved.jpg"
    file.write_bytes(small_image("moved.jpg").data)
    demo.allow_error("ERR_FILE_NOT_FOUND")
    demo.open()

    def remove(route: Route) -> None:
        file.unlink()
        route.continue_()

    demo.page.route(demo.api_path("uploads"), remove)
    demo.page.locator("#files").set_input_files(file)
    upload = demo.uploads.first
    expect(upload).to_have_attribute("data-status", "refused")
    expect(upload.locator(".upload-reason")).to_contain_text("cannot read the file")
