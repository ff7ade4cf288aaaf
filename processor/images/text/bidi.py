"""Unicode's bidirectional algorithm: the levels of characters, and their order in a line.

Source: Unicode Standard Annex #9 (UAX #9), revision 48; names of rules are those of the annex.
"""

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

MAX_DEPTH = 125
"""BD2."""

MAX_OPEN = 63
"""Brackets (BD16)."""

EMBEDDINGS = {"LRE": 0, "RLE": 1, "LRO": 0, "RLO": 1}
OVERRIDES = {"LRO": "L", "RLO": "R"}
ISOLATES = ("LRI", "RLI", "FSI")
REMOVED = (*EMBEDDINGS, "PDF", "BN")
"""X9."""
NEUTRAL = ("B", "S", "WS", "ON", *ISOLATES, "PDI")


class _Status(NamedTuple):
    """An entry of the stack of directional status (X1)."""

    level: int
    override: str | None
    is_isolate: bool


def embedding_levels(text: str) -> list[int]:
    """Return the level of each character of a paragraph: even from left to right, odd the reverse.

    Rules P2 to I2. Removed characters (X9) get the level of the one before.
    """
    types = [unicodedata.bidirectional(each) or "L" for each in text]
    ends = _isolate_ends(types)
    base = _first_strong(types, ends, 0, len(types))
    explicit = _Explicit(types, ends, base).levels
    levels = list(explicit)
    kept = [at for at, kind in enumerate(types) if kind not in REMOVED]
    place = {at: number for number, at in enumerate(kept)}
    for sequence in _sequences(explicit, kept, ends):
        level = explicit[sequence[0]]
        before, after = place[sequence[0]] - 1, place[sequence[-1]] + 1
        is_open = types[sequence[-1]] in ISOLATES
        level_before = explicit[kept[before]] if before >= 0 else base
        level_after = explicit[kept[after]] if after < len(kept) and not is_open else base
        start, end = ("LR"[max(level, other) % 2] for other in (level_before, level_after))
        kinds = [types[at] for at in sequence]
        _weak(kinds, start)
        _brackets(
            [text[at] for at in sequence], [types[at] for at in sequence], kinds, start, level
        )
        _neutral(kinds, start, end, level)
        for at, kind in zip(sequence, kinds, strict=True):
            levels[at] += (kind != "R") if level % 2 else {"L": 0, "R": 1}.get(kind, 2)
    before = base
    for at, kind in enumerate(types):
        if kind in REMOVED:
            levels[at] = before
        before = levels[at]
    return levels


def visual_order(levels: Sequence[int]) -> list[int]:
    """Return the indexes of a line's items from left to right (L2)."""
    order = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[start:end] = reversed(order[start:end])
            start = end + 1
    return order


def _isolate_ends(types: Sequence[str]) -> dict[int, int]:
    """Return the matching PDI of each isolate initiator that has one (BD9)."""
    opened, ends = [], {}
    for at, kind in enumerate(types):
        if kind in ISOLATES:
            opened.append(at)
        elif kind == "PDI" and opened:
            ends[opened.pop()] = at
    return ends


def _first_strong(types: Sequence[str], ends: dict[int, int], start: int, end: int) -> int:
    """Return the level by the first strong character outside isolates (P2, P3)."""
    at = start
    while at < end:
        if types[at] in ("L", "R", "AL"):
            return int(types[at] != "L")
        at = ends.get(at, end) if types[at] in ISOLATES else at + 1
    return 0


class _Explicit:
    """Explicit levels of a paragraph, and types with overrides applied (X1 to X8)."""

    def __init__(self, types: list[str], ends: dict[int, int], base: int) -> None:
        self.types = types
        self.levels = [base] * len(types)
        self._ends = ends
        self._stack = [_Status(base, None, is_isolate=False)]
        self._lost_isolates = self._lost_embeddings = self._isolates = 0
        for at, kind in enumerate(list(types)):
            if kind == "B":
                continue
            if kind == "PDI":
                self._end_isolate()
            self.levels[at], override, _ = self._stack[-1]
            if override and kind not in REMOVED:
                types[at] = override
            if kind in EMBEDDINGS or kind in ISOLATES:
                self._start(at, kind)
            elif kind == "PDF":
                self._end_embedding()

    def _start(self, at: int, kind: str) -> None:
        """X2 to X5c."""
        level, is_isolate = self._stack[-1].level, kind in ISOLATES
        odd = EMBEDDINGS.get(kind, int(kind == "RLI"))
        if kind == "FSI":
            end = self._ends.get(at, len(self.types))
            odd = _first_strong(self.types, self._ends, at + 1, end)
        deeper = level + 1 + (level + 1 + odd) % 2
        if deeper > MAX_DEPTH or self._lost_isolates or self._lost_embeddings:
            self._lost_embeddings += not is_isolate and not self._lost_isolates
            self._lost_isolates += is_isolate
        else:
            self._isolates += is_isolate
            self._stack.append(_Status(deeper, OVERRIDES.get(kind), is_isolate))

    def _end_isolate(self) -> None:
        """X6a."""
        if self._lost_isolates:
            self._lost_isolates -= 1
        elif self._isolates:
            self._lost_embeddings = 0
            while not self._stack.pop().is_isolate:
                pass
            self._isolates -= 1

    def _end_embedding(self) -> None:
        """X7."""
        if self._lost_isolates:
            return
        if self._lost_embeddings:
            self._lost_embeddings -= 1
        elif not self._stack[-1].is_isolate and len(self._stack) > 1:
            self._stack.pop()


def _sequences(levels: Sequence[int], kept: Sequence[int], ends: dict[int, int]) -> list[list[int]]:
    """Return the isolating run sequences, as indexes (BD13, X10)."""
    runs: list[list[int]] = []
    for number, at in enumerate(kept):
        if number == 0 or levels[at] != levels[kept[number - 1]]:
            runs.append([])
        runs[-1].append(at)
    first = {run[0]: run for run in runs}
    continued = {ends[run[-1]] for run in runs if run[-1] in ends}
    sequences = []
    for run in runs:
        if run[0] in continued:
            continue
        whole = list(run)
        while whole[-1] in ends and ends[whole[-1]] in first:
            whole += first[ends[whole[-1]]]
        sequences.append(whole)
    return sequences


def _weak(kinds: list[str], start: str) -> None:
    """Apply W1 to W7."""
    _marks_and_digits(kinds, start)
    kinds[:] = ["R" if kind == "AL" else kind for kind in kinds]
    for at in range(1, len(kinds) - 1):
        around = kinds[at - 1], kinds[at + 1]
        both = {"ES": ["EN"], "CS": ["EN", "AN"]}.get(kinds[at], [])
        if around[0] == around[1] and around[0] in both:
            kinds[at] = around[0]
    at = 0
    while at < len(kinds):
        end = at
        while end < len(kinds) and kinds[end] == "ET":
            end += 1
        if end > at and "EN" in (kinds[at - 1] if at else "", *kinds[end : end + 1]):
            kinds[at:end] = ["EN"] * (end - at)
        at = end + 1
    strong = start
    for at, kind in enumerate(kinds):
        if kind in ("ES", "ET", "CS"):
            kinds[at] = "ON"
        elif kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[at] = "L"


def _marks_and_digits(kinds: list[str], start: str) -> None:
    """Apply W1 and W2."""
    strong = before = start
    for at, kind in enumerate(kinds):
        if kind == "NSM":
            kinds[at] = "ON" if before in (*ISOLATES, "PDI") else before
        before = kinds[at]
        if before in ("L", "R", "AL"):
            strong = before
        elif before == "EN" and strong == "AL":
            kinds[at] = "AN"


def _brackets(
    text: Sequence[str], original: Sequence[str], kinds: list[str], start: str, level: int
) -> None:
    """Apply N0."""
    embedding = "LR"[level % 2]
    for left, right in _pairs(text, kinds):
        inside = {_strong(kind) for kind in kinds[left + 1 : right]} - {""}
        if not inside:
            continue
        found = embedding
        if embedding not in inside:
            found = next(filter(None, map(_strong, reversed(kinds[:left]))), start)
        for at in (left, right):
            kinds[at] = found
            for after in range(at + 1, len(kinds)):
                if original[after] != "NSM":
                    break
                kinds[after] = found


def _pairs(text: Sequence[str], kinds: Sequence[str]) -> list[tuple[int, int]]:
    """Return pairs of brackets, in the order of the opening ones (BD16)."""
    opened: list[tuple[str, int]] = []
    pairs = []
    for at, each in enumerate(text):
        if kinds[at] != "ON":
            continue
        if closing := _closing(each):
            if len(opened) == MAX_OPEN:
                return []
            opened.append((closing, at))
            continue
        same = unicodedata.normalize("NFC", each)
        for depth in range(len(opened) - 1, -1, -1):
            if opened[depth][0] == same:
                pairs.append((opened[depth][1], at))
                del opened[depth:]
                break
    return sorted(pairs)


def _strong(kind: str) -> str:
    """Return L or R as neutrals see a type, else an empty text (N0, N1)."""
    return "R" if kind in ("R", "EN", "AN") else "L" if kind == "L" else ""


@cache
def _closing(bracket: str) -> str | None:
    """Return the closing bracket of an opening one (BidiBrackets.txt), by the names of both."""
    bracket = unicodedata.normalize("NFC", bracket)
    if unicodedata.category(bracket) != "Ps" or not unicodedata.mirrored(bracket):
        return None
    name = unicodedata.name(bracket)
    for one, other in (("LEFT", "RIGHT"), ("OPEN", "CLOSE"), (" LEFT", " RIGHT")):
        try:
            return unicodedata.lookup(name.replace(one, other)) if one in name else None
        except KeyError:
            continue
    return None


def _neutral(kinds: list[str], start: str, end: str, level: int) -> None:
    """Apply N1 and N2."""
    at = 0
    while at < len(kinds):
        if kinds[at] not in NEUTRAL:
            at += 1
            continue
        stop = at
        while stop < len(kinds) and kinds[stop] in NEUTRAL:
            stop += 1
        before = _strong(kinds[at - 1]) if at else start
        after = _strong(kinds[stop]) if stop < len(kinds) else end
        kinds[at:stop] = [before if before == after else "LR"[level % 2]] * (stop - at)
        at = stop
