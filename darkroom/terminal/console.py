"""The terminal's two streams."""

from rich.console import Console

console = Console()
error_console = Console(stderr=True)


def print_line(line: str) -> None:
    """Print a line without markup, highlighting or wrapping."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)
