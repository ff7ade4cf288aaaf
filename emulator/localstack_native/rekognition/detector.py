"""Download of the object detector for Rekognition's labels.

The network is only in a package of the npm registry. ``NPM_CONFIG_REGISTRY`` selects another
registry, as for npm. The network is optional: if the download fails, a message says so, and labels
have no boxes.
"""

import base64
import hashlib
import os
import sys
import tarfile
import urllib.error
import urllib.request
from io import BytesIO
from pathlib import Path

PACKAGE = "@mediapipe/objectron/-/objectron-0.4.1675468480.tgz"
"""Apache-2.0."""

SHA512 = "IoWuW0ojc9GaSW6UoDCIXgwjLSqTEcR5w8NYuGH+R5+q+nKzS7KOIGfY/eyx4DttReumb398W6+PpW0DQ2Rs/w=="
"""The registry's checksum of the package, in base64."""

FILE = "objectron_solution_packed_assets.data"
PATH = Path(sys.prefix) / "share" / "localstack-native" / FILE
"""Where it is installed."""

REGISTRY = "https://registry.npmjs.org"


def download() -> None:
    """Download the network, unless it is installed."""
    if PATH.exists():
        return
    registry = os.environ.get("NPM_CONFIG_REGISTRY") or REGISTRY
    url = f"{registry.rstrip('/')}/{PACKAGE}"
    try:
        with urllib.request.urlopen(url, timeout=60) as response:  # noqa: S310 (its checksum is verified)
            data = response.read()
    except OSError as error:
        sys.stderr.write(f"{url}: {error}\nRekognition's labels will have no boxes.\n")
        return
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != SHA512:
        sys.exit(f"{url} has changed: its SHA-512 is not the expected one.")
    with tarfile.open(fileobj=BytesIO(data)) as package:
        member = package.extractfile(f"package/{FILE}")
        assert member
        PATH.parent.mkdir(parents=True, exist_ok=True)
        PATH.write_bytes(member.read())
