"""The targets of the Makefile, and their tables in docs/reference/make.md."""

import re

from localstack_init.build import PROJECT

MAKEFILE = (PROJECT / "Makefile").read_text()
TARGETS = frozenset(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def targets_tables() -> str:
    """Return a table of targets for each section of the Makefile, with its comments' texts."""
    titles = re.split(r"^# --- (.+?) -+$", MAKEFILE, flags=re.MULTILINE)
    return "\n\n".join(map(_section, ["Help", *titles[1::2]], titles[::2]))


def _section(title: str, text: str) -> str:
    title, _, common = title.partition(" (")
    note = f"Variables of these targets: {_variables(common.rstrip(')'))}.\n\n" * bool(common)
    lines = ["| target | does | variables |", "|---|---|---|"]
    for name, comment in re.findall(r"^([a-z-]+):.*?## (.+)$", text, re.MULTILINE):
        meaning, _, given = comment.partition(" (")
        lines.append(f"| `make {name}` | {meaning} | {_variables(given.rstrip(')'))} |")
    return f"## {title}\n\n{note}{'\n'.join(lines)}"


def _variables(given: str) -> str:
    """Return variables as code, one for each value."""
    found = []
    for each in given.split(", ") if given else ():
        name, _, values = each.partition("=")
        found += [f"`{name}={value}`" if values else f"`{name}`" for value in values.split("|")]
    return ", ".join(found)
