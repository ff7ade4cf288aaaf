"""The examples of docs/reference/api.md, run against the deployed API."""

import re
from pathlib import Path

from .console import needs, run, steps
from .site import Site

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"

VARYING = {
    r"uploads/[a-z2-7]{16}/": "uploads/…/",
    # Earlier tests leave images behind.
    r'"(images|done|failed|processing|review|rejected|waiting|in_flight|dead)":[0-9]+': r'"\1":…',
    r'"is_all":(true|false)': '"is_all":…',
}


def masked(text: str) -> str:
    """Return a text without the parts that change with every run."""
    for pattern, mask in VARYING.items():
        text = re.sub(pattern, mask, text)
    return text


def test_the_examples(site: Site, tmp_path: Path) -> None:
    """In their order, they print the output that the page has."""
    needs("curl", "jq")
    page = list(steps(PAGE.read_text()))
    assert len(page) > 15
    printed = run([step.command for step in page], tmp_path, API=f"{site.root}/api")
    shown = [f"$ {step.command}{masked(step.shown)}" for step in page]
    assert [
        f"$ {step.command}{masked(text)}" for step, text in zip(page, printed, strict=True)
    ] == shown
