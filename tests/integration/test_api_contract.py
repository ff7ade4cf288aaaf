"""The deployed API, held against its document by requests that are made up."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from processor.catalog import Entry

from .localstack import PROJECT
from .site import Site

SECONDS = 60
KEPT = 20_000
"""Characters of the report that are shown: it may quote bodies of a megabyte."""

Put = Callable[[str, bytes], None]


@pytest.mark.timeout(SECONDS * 3)
def test_the_api_keeps_to_its_document(
    site: Site,
    put: Put,
    outcome: Callable[..., Entry],
    sample: Callable[[str], bytes],
    tmp_path: Path,
) -> None:
    """Whatever is sent, each answer is one that the document has, and none is a server's error.

    ``make fuzz-api`` does the same for as long as one likes.
    """
    # The key of the document's examples.
    put("holiday/beach.jpg", sample("raccoon.jpg"))
    outcome("holiday/beach.jpg")
    done = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            "--config-file", Path(__file__).with_name("schemathesis.toml"),
            "run", PROJECT / "docs" / "openapi.yaml",
            "--url", f"{site.root}/api",
            "--phases", "examples,coverage,fuzzing",
            "--max-time", str(SECONDS),
            "--seed", os.environ.get("SCHEMATHESIS_SEED", "1"),
            "--warnings", "off",
            "--no-color",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    report = f"{done.stdout}\n{done.stderr}"
    assert done.returncode == 0, f"{report[:KEPT]}\n…\n{report[-KEPT:]}"
    assert "8 selected / 8 total" in report
