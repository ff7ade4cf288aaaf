"""Uploads from the page, and what is said of their way."""

import re

import pytest
from playwright.sync_api import Route, expect

from . import artifacts
from .conftest import NewDemo
from .demo import DONE_WITHIN, Demo
from .pictures import DISGUISED, NOTES, photograph, small


def test_photographs_and_a_file_that_is_none(demo: Demo) -> None:
    """Of four dropped files three are done, with all stages timed, and one says why not."""
    demo.open()
    demo.drop(photograph("raccoon.jpg"), photograph("flower.jpg"), photograph("coffee.png"), NOTES)
    for name in ("raccoon.jpg", "flower.jpg", "coffee.png"):
        demo.expect_done(name)
        stages = demo.trace(name).get_by_role("list", name="Stages").get_by_role("listitem")
        expect(stages).to_have_text(
            [
                re.compile(r"^Uploaded\d.*m?s$"),
                re.compile(r"^Queued\d.*m?s$"),
                re.compile(r"^Processing\d.*m?s"),
                re.compile(r"^Done\d\d:\d\d:\d\d$"),
            ]
        )
        expect(demo.tile(demo.key_of(name)).locator("img")).to_be_visible()
    refused = demo.trace("notes.txt")
    expect(refused).to_have_attribute("data-stage", "refused")
    expect(refused).to_contain_text("Not uploaded")
    expect(refused.locator(".trace-reason")).to_contain_text(re.compile(r"JPEG.+", re.IGNORECASE))
    expect(demo.page.get_by_test_id("upload-count")).to_have_text("3 done · 1 not done")
    expect(demo.announcer).to_have_text("Uploads have ended: 3 done · 1 not done")
    artifacts.take(demo, "trace")


@pytest.mark.parametrize("way", ["choose", "paste"])
def test_other_ways_in(demo: Demo, way: str) -> None:
    """Files that are chosen or pasted are uploaded as those that are dropped."""
    demo.open()
    getattr(demo, way)(small(f"{way}-1.jpg"), small(f"{way}-2.jpg"))
    demo.expect_done(f"{way}-1.jpg")
    demo.expect_done(f"{way}-2.jpg")


def test_a_recipe_is_chosen(demo: Demo) -> None:
    """Uploads are made into what the chosen recipe asks for."""
    demo.open()
    demo.page.get_by_label("Recipe", exact=True).select_option("avatar")
    demo.choose(small("face.jpg", 400, 400))
    demo.expect_done("face.jpg")
    demo.trace("face.jpg").get_by_role("link").click()
    expect(demo.page.get_by_role("dialog")).to_contain_text("small@2x")


def test_a_text_file_that_is_called_a_picture(demo: Demo) -> None:
    """What the pipeline finds out is told in words, beside the upload and in the gallery."""
    demo.open()
    demo.choose(DISGUISED)
    trace = demo.trace(DISGUISED.name)
    expect(trace).to_have_attribute("data-stage", "failed", timeout=DONE_WITHIN)
    expect(trace).to_contain_text("not an image in an accepted format: JPEG")
    key = demo.key_of(DISGUISED.name)
    demo.show("Failed")
    expect(demo.tile(key)).to_contain_text("unsupported-format")
    artifacts.take(demo, "failed")


def test_cancel_and_retry(demo: Demo) -> None:
    """An upload that is cancelled stops; tried again, it comes out."""
    demo.open()
    demo.page.route(demo.storage, lambda _: None)
    demo.choose(small("stopped.jpg"))
    trace = demo.trace("stopped.jpg")
    expect(trace).to_have_attribute("data-stage", "sending")
    trace.get_by_role("button", name="Cancel").click()
    expect(trace).to_have_attribute("data-stage", "stopped")
    demo.page.unroute(demo.storage)
    trace.get_by_role("button", name="Retry").click()
    demo.expect_done("stopped.jpg")


@pytest.mark.parametrize(
    ("status", "code", "message", "words"),
    [
        (403, "AccessDenied", "Invalid according to Policy: Policy expired.", "expired"),
        (400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", "large"),
        (503, "SlowDown", "Please reduce your request rate.", "busy"),
    ],
)
def test_s3_refuses_a_form(demo: Demo, status: int, code: str, message: str, words: str) -> None:
    """The reason is told in words; what may pass can be tried again, with new leave."""
    demo.leave_out(str(status))
    demo.open()
    name = f"{code}.jpg"

    def refuse(route: Route) -> None:
        route.fulfill(
            status=status,
            headers={"access-control-allow-origin": "*", "content-type": "application/xml"},
            body=f"<Error><Code>{code}</Code><Message>{message}</Message></Error>",
        )

    demo.page.route(demo.storage, refuse)
    demo.choose(small(name))
    trace = demo.trace(name)
    reason = trace.locator(".trace-reason")
    expect(reason).to_contain_text(re.compile(words, re.IGNORECASE), timeout=DONE_WITHIN)
    demo.page.unroute(demo.storage)
    if code != "EntityTooLarge":
        trace.get_by_role("button", name="Retry").click()
        demo.expect_done(name)


def test_what_others_upload(demo: Demo, new_demo: NewDemo) -> None:
    """A picture that somebody else uploads comes into the gallery by itself."""
    demo.open()
    other = new_demo()
    other.open()
    demo.choose(small("shared.jpg"))
    demo.expect_done("shared.jpg")
    expect(other.tile(demo.key_of("shared.jpg"))).to_be_visible(timeout=DONE_WITHIN)
