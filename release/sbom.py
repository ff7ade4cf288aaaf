"""The bill of materials of a wheel, in CycloneDX: ``python -m release.sbom FOLDER < export``.

The input is what ``uv export --format cyclonedx1.5`` prints: the packages that the lock file names.
Added here: the version of the wheel in the folder, and its digest. The result is FOLDER.cdx.json.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any


def wheel_in(folder: Path) -> tuple[Path, str]:
    """Return the one wheel of a folder, and its version. Raises ``ValueError`` for others."""
    (wheel,) = folder.glob("*.whl")
    return wheel, wheel.name.split("-")[1]


def complete(document: dict[str, Any], wheel: Path, version: str) -> dict[str, Any]:
    """Return the document with the wheel as its subject."""
    subject = document["metadata"]["component"]
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    subject |= {
        "version": version,
        "purl": f"pkg:pypi/{subject['name']}@{version}",
        "hashes": [{"alg": "SHA-256", "content": digest}],
    }
    return document


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    document = complete(json.load(sys.stdin), *wheel_in(folder))
    folder.with_name(f"{folder.name}.cdx.json").write_text(json.dumps(document, indent=2) + "\n")
