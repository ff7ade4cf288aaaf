"""Unicode's bidirectional algorithm."""

import random

import pytest

from processor.images.text.bidi import embedding_levels, visual_order

CASES = {
    "left": ("abc 1", "00000"),
    "right": ("אב 1", "1112"),
    "arabic digits": ("\u06271", "12"),
    "number between": ("a א1 b", "001200"),
    "number in left": ("a 1 א", "00001"),
    "separator": ("א 1,2", "11222"),
    "terminator": ("א 1%", "1122"),
    "mark": ("א\u05b0 a", "1112"),
    "neutral between right": ("a א-ב b", "0011100"),
    "neutral between both": ("a א- b", "001000"),
    # Examples of UAX #9, 3.3.5 (N0)
    "brackets of the embedding": ("אב(גד[&ef]!)gh", "11111112211122"),
    "brackets in left": ("smith (fabrikam א) ב", "00000000000000001001"),
    "brackets by context": ("א (b) ג", "1112111"),
    "brackets with mark": ("a (א)\u0300 ב", "00010001"),
    "canonical brackets": ("א 〈b\u232a ג", "1112111"),
    # X1 to X8
    "embedding": ("a \u202bא b\u202c c", "000112200"),
    "override": ("a \u202eb1\u202c c", "00011100"),
    "isolate": ("a \u2067b א\u2069 c", "000211000"),
    "first strong isolate": ("a \u2068א b\u2069 1", "000112000"),
    "isolate in right": ("א \u2066b ג\u2069 1", "111223112"),
    "unmatched": ("\u2069\u202ca\u2067א", "00001"),
}


@pytest.mark.parametrize(("text", "levels"), CASES.values(), ids=CASES)
def test_levels(text: str, levels: str) -> None:
    """Each character has the level that UAX #9 gives it."""
    assert "".join(map(str, embedding_levels(text))) == levels


@pytest.mark.parametrize(
    ("levels", "order"),
    [
        ("000", "012"),
        ("111", "210"),
        ("0110", "0213"),
        ("1221", "3120"),
        ("0121", "0321"),
        ("", ""),
    ],
)
def test_order(levels: str, order: str) -> None:
    """Odd levels are reversed, from the deepest on (L2)."""
    assert "".join(map(str, visual_order([int(each) for each in levels]))) == order


def test_any_text() -> None:
    """Any characters, at any depth, get a level up to 126."""
    chance = random.Random(3)
    controls = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
    for _ in range(200):
        text = "".join(chance.choice([*controls, "a", "א", "1", "(", ")"]) for _ in range(300))
        assert all(0 <= level <= 126 for level in embedding_levels(text))
    assert max(embedding_levels("\u202b" * 300 + "a")) <= 126
