"""Folders that a test drops on the page, as the browser hands them over."""

from pathlib import Path

from .demo import Demo


def drop_paths(demo: Demo, *paths: Path) -> None:
    """Drop files and folders of this machine on the page."""
    session = demo.page.context.new_cdp_session(demo.page)
    data = {"items": [], "files": [str(each) for each in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": data})
    session.detach()
