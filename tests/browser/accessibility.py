"""What axe-core finds in a page."""

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

from .demo import Demo

GRAVE = {"serious", "critical"}


def barriers(demo: Demo) -> list[str]:
    """Serious and critical findings, each with where it is."""
    results = Axe().run(demo.page)
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: {node['html'][:160]}"
        for each in results.response["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]
