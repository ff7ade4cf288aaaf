"""The other emulator's differences: documented, shown by tests, and unknown to the product."""

from collections.abc import Iterator

from localstack_init.build import PROJECT
from tests.portability.differences import DIFFERENCES, Difference

PRODUCT = ("darkroom", "emulator", "localstack_init", "processor")


def problems() -> Iterator[str]:
    """Yield each difference without a test, and code that knows of ministack."""
    for difference in DIFFERENCES:
        yield from _tests(difference)
    for folder in PRODUCT:
        for file in (PROJECT / folder).rglob("*.py"):
            if "ministack" in file.read_text().lower():
                yield f"{file.relative_to(PROJECT)}: names ministack. The product must not know it."


def differences_table() -> str:
    """Return the table of all differences."""
    rows = (
        (each.name, each.aws, each.ministack, each.found, each.around or "-")
        for each in DIFFERENCES
    )
    lines = [f"| {' | '.join(row)} |" for row in rows]
    head = ["| difference | AWS | ministack | evidence | workaround |", "|---|---|---|---|---|"]
    return "\n".join([*head, *lines])


def _tests(difference: Difference) -> Iterator[str]:
    where = f"tests/portability/differences.toml: {difference.name}"
    patterns = difference.tests + difference.skipped
    if not patterns and not difference.around:
        yield f"{where} has neither tests nor a workaround. Name one, or remove it."
    for pattern in patterns:
        file, _, name = pattern.partition("::")
        text = (PROJECT / "tests" / "integration" / file).read_text()
        if f"def {name.partition('[')[0].rstrip('*')}(" not in text:
            yield f"{where} names {pattern}, which is no test. Correct the pattern."
