"""docs/reference/cli.md: the generated reference, with examples that the commands accept."""

from collections.abc import Iterator

from typer.exceptions import TyperException

from darkroom import cli_reference
from localstack_init.build import PROJECT

PAGE = PROJECT / "docs" / "reference" / "cli.md"


def problems() -> Iterator[str]:
    """Yield what is out of date, and each example that its command does not accept."""
    where = f"darkroom/{cli_reference.EXAMPLES.name}"
    commands = {str(command.name): command for command in cli_reference.commands()}
    examples = cli_reference.examples()
    if differing := commands.keys() ^ examples.keys():
        yield f"{where}: commands and examples differ: {', '.join(sorted(differing))}. Correct it."
        return
    for name, command in commands.items():
        try:
            command.make_context(name, cli_reference.example_arguments(examples[name]))
        except (TyperException, ValueError) as error:
            yield f"{where}: the example of {name} is refused: {error}. Correct it."
    if PAGE.read_text() != cli_reference.reference():
        yield "docs/reference/cli.md: Stale: make docs"
