"""Run all attacks against an emulator and print what each has done; exit 1 if one did anything."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import sync_playwright

from .attack import Case, Outcome, cases_of
from .catalog import ATTACKS
from .friends import USES
from .harness import emulator, ready
from .report import HEAD, row, summary
from .visit import Visits


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.hostile", description=__doc__)
    parser.add_argument(
        "--endpoint",
        default=os.environ.get("AWS_ENDPOINT_URL"),
        help="the emulator's URL (default: AWS_ENDPOINT_URL, or an emulator of the command's own)",
    )
    parser.add_argument("--port", type=int, help="the port of the command's own emulator")
    parser.add_argument(
        "--only", action="append", help="the attacks with this in their names; may be repeated"
    )
    options = parser.parse_args()

    def wanted(cases: list[Case]) -> list[Case]:
        return [each for each in cases if any(word in each.id for word in options.only or [""])]

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        is_own = not options.endpoint
        with (
            sync_playwright() as playwright,
            emulator(folder, options.endpoint, options.port) as endpoint,
            ready(playwright.chromium, folder, endpoint, is_own=is_own) as harness,
        ):
            print("What a front end in CorsOrigins does:\n")
            uses = run(harness.friendly, wanted(cases_of(USES)))
            print("\nWhat hostile pages try:\n")
            attacks = run(harness.hostile, wanted(cases_of(ATTACKS)))
    print("", *summary(attacks), sep="\n")
    return int(any(each.effect for each in attacks) or not all(each.effect for each in uses))


def run(visits: Visits, cases: Iterable[Case]) -> list[Outcome]:
    """Run cases, and print a row for each."""
    print(HEAD, flush=True)
    outcomes = []
    for case in cases:
        outcomes.append(visits.run(case))
        print(row(outcomes[-1]), flush=True)
        if case.attack.ends and outcomes[-1].effect:
            break  # there is no emulator any more
    return outcomes


if __name__ == "__main__":
    sys.exit(main())
