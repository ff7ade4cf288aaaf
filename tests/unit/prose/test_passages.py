"""Prose is taken from every kind of file, and code is not."""

from pathlib import Path

import pytest

from tests.prose.passages import Passage, passages

MARKDOWN = """\
# Title `code`

A [link](target.md) and *emphasis*
over two lines. ![alt](image.png)

```console
$ not prose
```

| Head | Cell |
|---|---|
| one `x` | two |

<p title="tip">in <b>bold</b> <code>code</code></p>
"""
HTML = """\
<p>One <a href="a b">link</a>
in it</p>
<script>let no = "not prose";</script>
<img alt="An image" src="x y">
"""
JAVASCRIPT = """\
// "not prose"
const text = `Upload of ${name} failed`;
const id = "upload-name";
/* 'not prose' */ say("It's done", 'in order');
"""
PYTHON = '''\
"""What it does."""
raise Problem(f"The file {name} "
    "is broken: see `code`")
word = "word"
'''
YAML = """\
info:
  description: >-
    What it
    does.
  name: Not prose
list:
  - title: A ${Stack} title
"""
CASES = {
    "page.md": (
        MARKDOWN,
        [
            (1, 1, "Title □"),
            (3, 4, "A link and emphasis over two lines. □ alt"),
            (10, 10, "Head"),
            (10, 10, "Cell"),
            (12, 12, "one □"),
            (12, 12, "two"),
            (14, 14, "tip"),
            (14, 14, "in bold □"),
        ],
    ),
    "page.html": (HTML, [(1, 2, "One link in it"), (4, 4, "An image")]),
    "page.js": (
        JAVASCRIPT,
        [(2, 2, "Upload of □ failed"), (4, 4, "It's done"), (4, 4, "in order")],
    ),
    "code.py": (PYTHON, [(1, 1, "What it does."), (2, 3, "The file □ is broken: see □")]),
    "api.yaml": (YAML, [(7, 7, "A □ title"), (2, 5, "What it does.")]),
    "api.json": ('{"description": "It does."}', [(1, 1, "It does.")]),
    "Makefile": ("up: it ## Start it now\n# not prose\n", [(1, 1, "Start it now")]),
}


@pytest.mark.parametrize("name", CASES)
def test_passages(tmp_path: Path, name: str) -> None:
    """The passages of a file have its lines, and its texts with code masked."""
    text, expected = CASES[name]
    path = tmp_path / name
    path.write_text(text)
    assert list(passages(path)) == [Passage(*each) for each in expected]


def test_unknown_kind(tmp_path: Path) -> None:
    """A file of another kind is refused: its prose would go unchecked."""
    path = tmp_path / "style.css"
    path.touch()
    with pytest.raises(ValueError, match="no known kind"):
        list(passages(path))
