"""Print the URLs that the package imgproxy of PyPI builds for cases.json: README.md."""

import json
import sys
from pathlib import Path

from imgproxy import ImgProxy  # type: ignore[import-not-found]

FOLDER = Path(__file__).parent


def main() -> None:
    """Write the URLs as JSON."""
    settings = json.loads((FOLDER / "settings.json").read_text())
    named = {"proxy_host": settings["endpoint"], "key": settings["key"], "salt": settings["salt"]}
    cases = json.loads((FOLDER / "cases.json").read_text())
    urls = [
        [str(ImgProxy(case["source"], **named, **case["python"]))] if "python" in case else []
        for case in cases
    ]
    sys.stdout.write(f"{json.dumps(urls, indent=2)}\n")


if __name__ == "__main__":
    main()
