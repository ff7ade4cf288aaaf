"""The words of a filter pattern.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import re
from dataclasses import dataclass
from enum import Enum, auto


class InvalidPatternError(ValueError):
    """A filter pattern that CloudWatch Logs would refuse."""


class Kind(Enum):
    """What a token is."""

    SELECTOR = auto()
    """Where a value is in a JSON document: ``$.users[0].id``."""
    QUOTED = auto()
    REGEX = auto()
    SIGN = auto()
    WORD = auto()


@dataclass(frozen=True)
class Token:
    """One token; what is quoted comes without its quotes."""

    kind: Kind
    text: str

    def is_sign(self, *texts: str) -> bool:
        """Tell whether this is one of these signs."""
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
    """Return what is between quotes; a backslash takes the meaning of the character after it."""
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


class Tokens:
    """A pattern's tokens, taken one after another. Raises ``InvalidPatternError``."""

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
        """The token that is taken next."""
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def take(self) -> Token:
        """Take the next token, which has to be there."""
        if not (token := self.next):
            raise InvalidPatternError("Invalid filter pattern: it ends too early")
        self._next += 1
        return token

    def take_sign(self, *texts: str) -> bool:
        """Take the next token if it is one of these signs; tell whether it was."""
        found = self.next is not None and self.next.is_sign(*texts)
        self._next += found
        return found

    def count(self, kind: Kind) -> int:
        """Return how many tokens there are of a kind."""
        return sum(token.kind is kind for token in self._tokens)
