"""Scanner of filter patterns: tokens.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import re
from dataclasses import dataclass
from enum import Enum, auto


class InvalidPatternError(ValueError):
    """The filter pattern is invalid."""


class Kind(Enum):
    """The kinds of tokens."""

    SELECTOR = auto()
    """The path of a value in a JSON document: ``$.users[0].id``."""
    QUOTED = auto()
    REGEX = auto()
    SIGN = auto()
    WORD = auto()


@dataclass(frozen=True)
class Token:
    """A token; a quoted text has no quotes."""

    kind: Kind
    text: str

    def is_sign(self, *texts: str) -> bool:
        """Return whether this is one of these signs."""
        return self.kind is Kind.SIGN and self.text in texts


STEP = r"""\.?\[(?:[0-9]+|\*|'[^']*'|"[^"]*")\]|\.(?:[\w-]+|\*)"""
QUOTED = r'"(?:[^"\\]|\\.)*"'
REGEX = r"%(?:[^%\\]|\\.)+%"

TOKEN = re.compile(
    rf"""\s*(?:
        (?P<SELECTOR>\$(?:{STEP})+)
        |(?P<QUOTED>{QUOTED})
        |(?P<REGEX>{REGEX})
        |(?P<SIGN>&&|\|\||!=|=!|<=|>=|[=<>(),]|\.\.\.)
        |(?P<WORD>[\w.*:/\#+-]+)
    )""",
    re.VERBOSE | re.ASCII,
)


def unquoted(text: str) -> str:
    """Return the text between quotes, without the backslashes that escape characters."""
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


class Tokens:
    """A pattern's tokens, which are read in order. Raises ``InvalidPatternError``."""

    def __init__(self, text: str) -> None:
        self._tokens: list[Token] = []
        self._next = 0
        position, text = 0, text.rstrip()
        while position < len(text):
            found = TOKEN.match(text, position)
            if not found or not found.lastgroup:
                raise InvalidPatternError(f"Invalid character(s) in term '{text[position:]}'")
            kind, position = Kind[found.lastgroup], found.end()
            word = found[found.lastgroup]
            if kind is Kind.QUOTED:
                word = unquoted(word)
            elif kind is Kind.REGEX:
                word = word[1:-1]
            elif word == "=!":
                word = "!="
            self._tokens.append(Token(kind, word))

    @property
    def next(self) -> Token | None:
        """The next token; None at the end."""
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def take(self) -> Token:
        """Return the next token and advance. Raises ``InvalidPatternError`` at the end."""
        if not (token := self.next):
            raise InvalidPatternError("Invalid filter pattern: unexpected end")
        self._next += 1
        return token

    def take_sign(self, *texts: str) -> bool:
        """Advance if the next token is one of these signs; return whether it is."""
        found = self.next is not None and self.next.is_sign(*texts)
        self._next += found
        return found

    def count(self, kind: Kind) -> int:
        """Return the number of tokens of a kind."""
        return sum(token.kind is kind for token in self._tokens)
