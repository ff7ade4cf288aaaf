"""The process's text encoding: UTF-8 for files and names, and the terminal's own for output."""

import codecs
import io
import locale
import os
import sys

ASCII = {
    "×": "x", "…": "...", "→": "->", "±": "+-", "≤": "<=", "·": "-", "◆": "*", "━": "-",
    **dict.fromkeys("▁▂▃▄▅▆▇█▏▎▍▌▋▊▉", "#"),
    **{chr(code): "*" for code in range(0x2800, 0x2900)},  # spinners
}  # fmt: skip
"""Replacements of the commands' own signs on a terminal without them. Names are escaped instead."""

HANDLER = "darkroom.ascii"


def use_utf8() -> None:
    """Run the program again in Python's UTF-8 mode if the locale has another encoding.

    The project's files, the names of files and S3's keys are UTF-8 in every locale. Output keeps
    the locale's encoding.
    """
    if sys.flags.utf8_mode or codecs.lookup(locale.getencoding()).name == "utf-8":
        return
    os.environ.setdefault("PYTHONIOENCODING", sys.stdout.encoding)
    os.environ["PYTHONUTF8"] = "1"  # for child processes
    os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606


def replace_unencodable() -> None:
    """Make the process's streams replace characters that their encoding lacks."""
    codecs.register_error(HANDLER, _replaced)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=HANDLER)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unknown = error.object[error.start : error.end]
    return "".join(ASCII.get(each) or ascii(each)[1:-1] for each in unknown), error.end
