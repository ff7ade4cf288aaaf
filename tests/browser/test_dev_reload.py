"""Live reload of the page by `darkroom dev`."""

from dataclasses import replace
from pathlib import Path

from playwright.sync_api import expect

from darkroom.cloud import Cloud
from darkroom.dev.page import DevPage
from localstack_init.site import PAGE, File, files

from .demo import Demo


def test_live_reload(cloud: Cloud, demo: Demo, tmp_path: Path) -> None:
    """A saved file reloads the open page, whose security policy stays in force. When `dev` ends,
    the deployed page has no reload script.
    """
    edited = tmp_path / "index.html"
    edited.write_text((PAGE / "index.html").read_text().replace("<title>", "<title>Edited ", 1))
    dev = DevPage(cloud.outputs["SiteBucket"], cloud.outputs["Distribution"])
    log: list[str] = []
    try:
        dev.update(log.append)
        with demo.page.expect_response("**/dev-version.txt"):
            demo.page.goto(f"{demo.site.page}/")
        expect(demo.page).to_have_title("Darkroom")
        site = [File(each.key, edited) if each.key == "index.html" else each for each in files()]
        replace(dev, site_files=lambda: site).update(log.append)
        expect(demo.page).to_have_title("Edited Darkroom")
        demo.page.goto("about:blank")  # The script, which polls, is removed next.
    finally:
        dev.restore(log.append)
    demo.page.goto(f"{demo.site.page}/")
    expect(demo.page).to_have_title("Darkroom")
    assert "dev-reload.js" not in demo.page.content()
