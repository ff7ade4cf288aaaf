"""The terminal's two streams, which pass on no control characters of what they print."""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from darkroom.terminal.escape import on_lines


class SafeConsole(Console):
    """A console that escapes all control characters but its own.

    Names are escaped before, by ``darkroom.terminal.escape``: tables measure what they print.
    """

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield the segments of ``renderable``, escaped."""
        for each in super().render(renderable, options):
            yield each if each.control else each._replace(text=on_lines(each.text))


# Without emoji: a key may contain `:smile:`.
console = SafeConsole(emoji=False)
error_console = SafeConsole(stderr=True, emoji=False)


def print_line(line: str) -> None:
    """Print a line without markup, highlighting or wrapping."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)
