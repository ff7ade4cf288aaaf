"""Print each finding as ``file:line``, its words and what to write; exit with 1 if any is found."""

import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from .style import STYLE, findings


def files() -> Iterator[Path]:
    """Yield the files of the style in the current folder's repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    )
    chosen = STYLE["files"]
    for name in sorted(listed.stdout.splitlines()):
        wanted = any(fnmatch(name, pattern) for pattern in chosen["of"])
        if wanted and not any(fnmatch(name, pattern) for pattern in chosen["except"]):
            path = Path(name)
            if path.exists():
                yield path


def main(paths: list[Path]) -> Iterator[str]:
    """Yield a line for each finding."""
    for path in paths:
        for line, words, advice in findings(path):
            yield f'{path}:{line}: "{words}": {advice}'


if __name__ == "__main__":
    sys.exit("\n".join(main([Path(each) for each in sys.argv[1:]] or [*files()])) or None)
