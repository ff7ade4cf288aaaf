"""The notes of a release, from its changelog: ``python -m release.notes TAG DIST``.

The tag ``v1.2.3`` releases the product, ``emulator-v1.2.3`` the emulator.
"""

import re
import sys
from pathlib import Path

from localstack_init.build import PROJECT

from .sbom import wheel_in

TAG = re.compile(r"(?P<emulator>emulator-)?v(?P<version>\d+\.\d+\.\d+[a-z0-9.]*)")
SECTION = r"^## \[?{version}\]? - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## |^\[|\Z)"


def notes(tag: str, dist: Path, root: Path = PROJECT) -> str:
    """Return the section of the changelog. Raises ``ValueError`` if the tag cannot be released."""
    found = TAG.fullmatch(tag)
    if not found:
        raise ValueError(f"{tag} is no tag of a release: write v1.2.3, or emulator-v1.2.3.")
    name, folder = ("emulator", root / "emulator") if found["emulator"] else ("darkroom", root)
    wheel, version = wheel_in(dist / name)
    if version != found["version"]:
        raise ValueError(f"{wheel.name} is not of the version that {tag} names.")
    changelog = folder / "CHANGELOG.md"
    pattern = SECTION.format(version=re.escape(version))
    section = re.search(pattern, changelog.read_text(), re.DOTALL | re.MULTILINE)
    if not section:
        raise ValueError(
            f"{changelog.relative_to(root)} has no section `## [{version}] - YYYY-MM-DD`. Add it."
        )
    return section[1].strip() + "\n"


if __name__ == "__main__":
    try:
        sys.stdout.write(notes(sys.argv[1], Path(sys.argv[2])))
    except ValueError as error:
        sys.exit(str(error))
