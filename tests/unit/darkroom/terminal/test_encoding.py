"""Output to terminals without UTF-8."""

import os
import subprocess
import sys

import pytest

PRINTS = r"""
import sys
from darkroom.terminal import encoding
encoding.use_utf8()
encoding.replace_unencodable()
print("\xd7\u2026\xe9\u4e2d", len(sys.argv[1]), sys.getfilesystemencoding())
"""
NO_UTF8 = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize(
    ("environment", "printed"),
    [
        ({"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "ascii"}, b"x...\\xe9\\u4e2d 1 "),
        ({"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "latin-1"}, b"\xd7...\xe9\\u4e2d 1 "),
        (NO_UTF8, b"x...\\xe9\\u4e2d 1 "),
        ({"LC_ALL": "C.UTF-8"}, "×…é中 1 ".encode()),
    ],
)
def test_characters_that_the_terminal_lacks(environment: dict[str, str], printed: bytes) -> None:
    """They are replaced or escaped; arguments are UTF-8 in every locale."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LC_", "LANG", "PYTHON"))
    }
    done = subprocess.run(
        [sys.executable, "-c", PRINTS, "é"],
        env={**inherited, **environment},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == printed + b"utf-8\n"
