"""Checks of templates by checkov's rules and by our rules for policies.

Accepted findings are in accepted.yaml, with reasons. Prints all others, and exits with 1 then.
``--report`` prints a table of all findings instead, accepted or not.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from .findings import Finding, judge, load_accepted, report
from .iam import lint
from .policies import policies
from .transport import open_to_plain_http

ACCEPTED = Path(__file__).with_name("accepted.yaml")


class CheckovError(Exception):
    """Checkov did not check all templates. The message has its output."""


def of_policies(templates: Sequence[Path]) -> Iterator[Finding]:
    """Yield the findings of our rules for policies."""
    for template in templates:
        for policy in policies(template):
            for rule, statement, message in lint(policy):
                yield Finding(template.name, rule, f"{policy.resource}/{statement}", message)
        for name in open_to_plain_http(template):
            message = "no policy denies plain HTTP. Add one."
            yield Finding(template.name, "TLS_ONLY", name, message)


def of_checkov(program: Path, templates: Sequence[Path]) -> Iterator[Finding]:
    """Yield checkov's findings. Raises ``CheckovError``."""
    files = [argument for template in templates for argument in ("--file", str(template))]
    options = [
        "--framework", "cloudformation", "--output", "json", "--skip-download", "--soft-fail",
    ]  # fmt: skip
    done = subprocess.run([program, *files, *options], capture_output=True, text=True, check=False)
    try:
        report = json.loads(done.stdout)
        checked = {
            Path(check["file_path"]).name
            for check in report["results"]["passed_checks"] + report["results"]["failed_checks"]
        }
        broken = report["summary"]["parsing_errors"]
    except (ValueError, KeyError, TypeError) as error:
        raise CheckovError(f"{program} printed no report: {done.stdout}{done.stderr}") from error
    missing = {template.name for template in templates} - checked
    if broken or missing:
        raise CheckovError(
            f"{program} could not parse {', '.join(sorted(missing)) or 'a template'}"
        )
    for check in report["results"]["failed_checks"]:
        name = check["resource"].rpartition(".")[2]
        yield Finding(Path(check["file_path"]).name, check["check_id"], name, check["check_name"])


def main() -> None:
    """Check the templates of the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.assurance", description=__doc__)
    parser.add_argument("templates", type=Path, nargs="+")
    parser.add_argument("--checkov", type=Path, required=True, help="path of the program")
    parser.add_argument("--report", action="store_true", help="print a table of all findings")
    options = parser.parse_args()
    findings = [*of_policies(options.templates), *of_checkov(options.checkov, options.templates)]
    if options.report:
        sys.stdout.writelines(f"{line}\n" for line in report(findings, load_accepted(ACCEPTED)))
        return
    sys.exit("\n".join(judge(findings, load_accepted(ACCEPTED))) or None)


if __name__ == "__main__":
    main()
