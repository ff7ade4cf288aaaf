"""Accessibility violations that axe-core finds in a page."""

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

from .demo import Demo

IMPACTS = {"serious", "critical"}


def violations(demo: Demo) -> list[str]:
    """Return the serious and critical violations, each with the element's HTML."""
    results = Axe().run(demo.page)
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: {node['html'][:160]}"
        for each in results.response["violations"]
        if each["impact"] in IMPACTS
        for node in each["nodes"]
    ]
