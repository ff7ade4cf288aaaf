"""Prose of a file: paragraphs, table cells, headings, string literals, descriptions.

Code is masked: a code span, a placeholder or a tag stands as ``CODE`` in a passage.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

CODE = "□"
DESCRIPTIONS = frozenset(
    [
        "Description",
        "AlarmDescription",
        "Comment",
        "description",
        "summary",
        "title",
        "about",
        "label",
        "placeholder",
    ]
)
"""Keys of YAML and JSON whose values are prose."""
ATTRIBUTES = frozenset(["alt", "aria-label", "content", "placeholder", "title"])
"""Attributes of HTML elements whose values are prose."""
INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "code",
        "em",
        "i",
        "kbd",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "u",
        "wbr",
    ]
)
OPAQUE = frozenset(["code", "kbd", "pre", "script", "style"])


class Passage(NamedTuple):
    """Text of the source lines ``first`` to ``last``, with single spaces between its words."""

    first: int
    last: int
    text: str

    def line_of(self, source: Sequence[str], start: int, words: str) -> int:
        """Return the source line with the words that begin at ``start`` in the text."""
        word = re.search(r"\w+", words)
        if not word:
            return self.first
        pattern = re.compile(rf"\b{re.escape(word[0])}\b")
        earlier = len(pattern.findall(self.text[:start]))
        for line in range(self.first, self.last + 1):
            found = len(pattern.findall(re.sub(r"`[^`]*`", CODE, source[line - 1])))
            if earlier < found:
                return line
            earlier -= found
        return self.first


def passages(path: Path) -> Iterator[Passage]:
    """Yield a file's prose, by the kind of file. Raises ``ValueError`` for an unknown kind."""
    text = path.read_text()
    match path.suffix or path.name:
        case ".md":
            found = _of_markdown(text)
        case ".html":
            found = _of_html(text, 1)
        case ".js":
            found = _of_javascript(text)
        case ".py":
            found = _of_python(text)
        case ".yaml" | ".yml" | ".json":
            found = _of_yaml(text)
        case "Makefile":
            found = _of_makefile(text)
        case other:
            raise ValueError(f"{path}: {other} is no known kind of file.")
    for passage in found:
        if re.search(r"[A-Za-z]{2}", passage.text):
            yield passage._replace(text=" ".join(passage.text.split()))


def _of_markdown(text: str) -> Iterator[Passage]:
    row = [0, 1]
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        row = token.map or row
        if token.type == "inline":
            yield Passage(row[0] + 1, row[1], "".join(map(_inline, token.children or ())))
        elif token.type == "html_block":
            yield from _of_html(token.content, row[0] + 1)


def _inline(token: Token) -> str:
    match token.type:
        case "text":
            return token.content
        case "softbreak" | "hardbreak":
            return "\n"
        case "image":
            return f"{CODE} {token.content}"
        case "code_inline":
            return CODE
        case _:
            return ""


class _Html(HTMLParser):
    """Texts between block elements, and attributes."""

    def __init__(self, first: int) -> None:
        super().__init__()
        self.first = first
        self.found: list[Passage] = []
        self._parts: list[str] = []
        self._since = first
        self._opaque = 0

    def flush(self) -> None:
        if self._parts:
            self.found.append(Passage(self._since, self._line, "".join(self._parts)))
        self._parts = []

    @property
    def _line(self) -> int:
        return self.first + self.getpos()[0] - 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INLINE:
            self.flush()
        for name, value in attrs:
            if name in ATTRIBUTES and value:
                last = self._line + (self.get_starttag_text() or "").count("\n")
                self.found.append(Passage(self._line, last, value))
        if tag in OPAQUE:
            self._add(CODE)
            self._opaque += 1

    def handle_endtag(self, tag: str) -> None:
        self._opaque -= tag in OPAQUE
        if tag not in INLINE:
            self.flush()

    def handle_data(self, data: str) -> None:
        self._add(data)

    def _add(self, text: str) -> None:
        if not self._opaque:
            self._since = self._since if self._parts else self._line
            self._parts.append(text)


def _of_html(text: str, first: int) -> Iterator[Passage]:
    parser = _Html(first)
    parser.feed(text)
    parser.close()
    parser.flush()
    yield from parser.found


TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`""", re.DOTALL
)


def _of_javascript(text: str) -> Iterator[Passage]:
    for token in TOKEN.finditer(text):
        if token[0][0] != "/":
            first = text.count("\n", 0, token.start()) + 1
            words = re.sub(r"\$\{[^}]*\}+|<[^>]*>", CODE, token[0][1:-1])
            if " " in words:
                yield Passage(first, first + token[0].count("\n"), words)


def _of_python(text: str) -> Iterator[Passage]:
    inner: set[ast.AST] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.JoinedStr):
            inner.update(node.values)
            words = "".join(
                str(each.value) if isinstance(each, ast.Constant) else CODE for each in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inner:
            words = node.value
        else:
            continue
        if " " in words.strip():
            yield Passage(node.lineno, node.end_lineno or node.lineno, _unmarked(words))


def _unmarked(words: str) -> str:
    """Mask code in a Python string: between backticks, and rich's tags."""
    return re.sub(r"``[^`]+``|`[^`]+`|\[/?[a-z][^\]]*\]", CODE, words)


def _of_yaml(text: str) -> Iterator[Passage]:
    stack = [yaml.compose(text, yaml.CSafeLoader)]
    while stack:
        node = stack.pop()
        if isinstance(node, yaml.SequenceNode):
            stack.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value in DESCRIPTIONS and isinstance(value, yaml.ScalarNode):
                    words = re.sub(r"`[^`]+`|\$\{[^}]*\}", CODE, value.value)
                    yield Passage(value.start_mark.line + 1, value.end_mark.line + 1, words)
                else:
                    stack.append(value)


def _of_makefile(text: str) -> Iterator[Passage]:
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"[a-z-]+:.*## (.*)", line):
            yield Passage(number, number, found[1])
