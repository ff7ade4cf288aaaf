"""Uploads from the page, and what is said of their way."""

import re

import pytest
from playwright.sync_api import expect

from . import artifacts
from .demo import Demo
from .pictures import NOTES, photograph, small


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
