"""Judge templates by checkov's rules for CloudFormation and ours for policies; exit 1 if one fails.

What is accepted stands in accepted.yaml, with its reason.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from .findings import Finding, judge, load_accepted
from .iam import lint
from .policies import policies
from .transport import open_to_plain_http

ACCEPTED = Path(__file__).with_name("accepted.yaml")


class CheckovError(Exception):
    """Checkov did not judge what it was given."""


def of_policies(templates: Sequence[Path]) -> Iterator[Finding]:
    """Give what our rules have against the templates' policies."""
    for template in templates:
        for policy in policies(template):
            for rule, statement, message in lint(policy):
                yield Finding(template.name, rule, f"{policy.resource}/{statement}", message)
        for name in open_to_plain_http(template):
            message = "no policy refuses what comes over plain HTTP"
            yield Finding(template.name, "TLS_ONLY", name, message)


def of_checkov(program: Path, templates: Sequence[Path]) -> Iterator[Finding]:
    """Give what checkov has against the templates. Raises ``CheckovError``."""
    files = [argument for template in templates for argument in ("--file", str(template))]
    options = [
        "--framework",
        "cloudformation",
        "--output",
        "json",
        "--skip-download",
        "--soft-fail",
    ]
    done = subprocess.run([program, *files, *options], capture_output=True, text=True, check=False)
    try:
        report = json.loads(done.stdout)
        judged = {
            Path(check["file_path"]).name
            for check in report["results"]["passed_checks"] + report["results"]["failed_checks"]
        }
        broken = report["summary"]["parsing_errors"]
    except (ValueError, KeyError, TypeError) as error:
        raise CheckovError(f"{program} said: {done.stdout}{done.stderr}") from error
    missing = {template.name for template in templates} - judged
    if broken or missing:
        raise CheckovError(f"{program} could not read {', '.join(sorted(missing)) or 'it all'}")
    for check in report["results"]["failed_checks"]:
        name = check["resource"].rpartition(".")[2]
        yield Finding(Path(check["file_path"]).name, check["check_id"], name, check["check_name"])


def main() -> int:
    """Print a line for each complaint."""
    parser = argparse.ArgumentParser(prog="python -m tests.assurance", description=__doc__)
    parser.add_argument("templates", type=Path, nargs="+")
    parser.add_argument("--checkov", type=Path, required=True, help="the program")
    options = parser.parse_args()
    findings = [*of_policies(options.templates), *of_checkov(options.checkov, options.templates)]
    complaints = judge(findings, load_accepted(ACCEPTED))
    print("\n".join(complaints), end="\n" if complaints else "")  # noqa: T201
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
