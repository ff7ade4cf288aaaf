"""The page of `darkroom dev`, which an edit reloads."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from darkroom.cloud import Cloud
from darkroom.dev.page import DevPage
from localstack_init.site import PAGE, File, files

from .demo import Demo


def test_an_open_page_reloads(
    cloud: Cloud, demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A saved file is in the page a moment later, where its policy allows no other's scripts; at
    the end of `dev` the page is as it was.
    """
    edited = tmp_path / "index.html"
    edited.write_text((PAGE / "index.html").read_text().replace("<title>", "<title>Edited ", 1))
    dev = DevPage(cloud.outputs["SiteBucket"], cloud.outputs["Distribution"])
    said: list[str] = []
    try:
        dev.update(said.append)
        with demo.page.expect_response("**/dev-mark.txt"):
            demo.page.goto(f"{demo.site.page}/")
        expect(demo.page).to_have_title("Darkroom")
        site = [File(each.key, edited) if each.key == "index.html" else each for each in files()]
        monkeypatch.setattr("darkroom.dev.page.files", lambda: site)
        dev.update(said.append)
        expect(demo.page).to_have_title("Edited Darkroom")
        demo.page.wait_for_load_state()  # with the script, which goes next
    finally:
        dev.restore(said.append)
    demo.page.goto(f"{demo.site.page}/")
    expect(demo.page).to_have_title("Darkroom")
    assert "dev-reload.js" not in demo.page.content()
