"""The reference pages of the stack: as generated from the templates, with every description."""

from collections.abc import Iterator

from localstack_init import documented, reference
from localstack_init.build import PROJECT

FOLDER = PROJECT / "docs" / "reference"


def problems() -> Iterator[str]:
    """Yield each page that is out of date, and each name without a description."""
    for name, text in reference.pages().items():
        page = FOLDER / name
        if not page.exists() or page.read_text() != text:
            yield f"docs/reference/{name}: Stale: make docs"
    for file in ("template.yaml", "deployer.yaml", "account.yaml"):
        template = documented.read((reference.FOLDER / file).read_text())
        for name in reference.undescribed(template):
            yield f"{file}: {name} has no description. Add a comment above it."
