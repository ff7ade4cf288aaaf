"""The sample of a day: other cases for each commit, and always the same ones for one commit."""

import hashlib
import subprocess
from collections.abc import Sequence

from tests import profiles
from tests.integration.localstack import PROJECT

ONE_IN = 6
"""How many nights' cases one sample's case stands for."""


def sampled(cases: Sequence[str], one_in: int = ONE_IN) -> list[object]:
    """Return all cases as a test's parameters, of which those not in the sample are nightly."""
    chosen = sample_of(cases, commit(), one_in)
    return [*profiles.sampled(cases, *chosen)]


def sample_of(cases: Sequence[str], commit: str, one_in: int) -> list[str]:
    """Return one in so many cases: those whose hashes with the commit's are smallest."""
    ranked = sorted(cases, key=lambda each: hashlib.sha256(f"{commit} {each}".encode()).digest())
    return ranked[: -(-len(cases) // one_in)]


def commit() -> str:
    """Return the checkout's commit; empty outside a repository."""
    command = ["git", "rev-parse", "HEAD"]
    return subprocess.run(
        command, check=False, cwd=PROJECT, capture_output=True, text=True
    ).stdout.strip()
