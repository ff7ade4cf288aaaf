"""Schemathesis: checks a deployed API against docs/reference/openapi.yaml.

``python -m tests.integration.contract`` checks the API behind AWS_ENDPOINT_URL, and passes further
arguments to Schemathesis. It prints the seed; ``--seed`` repeats the same requests.
"""

import os
import subprocess
import sys
from pathlib import Path

from darkroom.cloud import Cloud

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "reference" / "openapi.yaml"
PROGRAM = Path(sys.executable).with_name("schemathesis")


def command(url: str, *options: str) -> list[str | Path]:
    """Return the command that calls every operation of the API at ``url``."""
    settings = HERE / "schemathesis.toml"
    return [PROGRAM, "--config-file", settings, "run", DOCUMENT, "--url", url, *options]


def environment(**more: str) -> dict[str, str]:
    """Return the command's environment, in which it finds the hooks."""
    return {**os.environ, "PYTHONPATH": str(HERE), **more}


if __name__ == "__main__":
    api = f"{Cloud.find('darkroom').outputs['SiteUrl']}/api"
    done = subprocess.run(command(api, *sys.argv[1:]), env=environment(), check=False)
    sys.exit(done.returncode)
