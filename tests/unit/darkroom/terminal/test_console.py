"""The terminal's streams."""

import io

from darkroom.terminal.console import SafeConsole


def test_what_nobody_has_escaped() -> None:
    """Control characters in any text are escaped; the console's own, such as colors, are not."""
    output = io.StringIO()
    console = SafeConsole(file=output, width=80, force_terminal=True, emoji=False)
    console.print("[red]a\u202eb\x9b\x1b(:smile:[/]", highlight=False)
    assert output.getvalue() == "\x1b[31ma\\u202eb\\x9b\\x1b(:smile:\x1b[0m\n"
