"""Grapheme clusters: the characters that a reader sees as one, and lines may break between.

Source: Unicode Standard Annex #29, section 3 and #14, as far as ``unicodedata`` has the properties.
"""

import unicodedata

ZWJ = "\u200d"
EMOJI_STYLE = "\ufe0f"
VIRAMA = 9
"""Canonical combining class of the signs that join the consonants of Indic scripts."""
AM = "\u0e33\u0eb3"
"""Vowels of Thai and Lao that are letters to ``unicodedata``, and belong to the one before."""
IDEOGRAPHIC = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "IDEOGRAPHIC", "FULLWIDTH")
"""First words of the names of characters between which lines break without a space."""
NOT_FIRST = "、。，．！？：；）」』】〉》〕ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ"  # noqa: RUF001
"""Characters that don't start a line (UAX #14, classes CL, CJ, EX and NS)."""
NOT_LAST = "（「『【〈《〔"  # noqa: RUF001
"""Characters that don't end a line (UAX #14, class OP)."""


def clusters(text: str) -> list[str]:
    """Return the grapheme clusters of a text."""
    found: list[str] = []
    for each in text:
        if found and _continues(found[-1], each):
            found[-1] += each
        else:
            found.append(each)
    return found


def _continues(cluster: str, each: str) -> bool:
    last = cluster[-1]
    if each in AM or each in (ZWJ, "\u200c") or unicodedata.category(each).startswith("M"):
        return True
    if "\U0001f3fb" <= each <= "\U0001f3ff" or "\U000e0020" <= each <= "\U000e007f":
        return unicodedata.category(cluster[0]) == "So"
    if _is_indicator(each):
        return len(cluster) == 1 and _is_indicator(cluster)
    if last == ZWJ:
        return unicodedata.category(each) in ("So", "Lo")
    return unicodedata.combining(last) == VIRAMA and unicodedata.category(each) == "Lo"


def _is_indicator(each: str) -> bool:
    """Whether a character is one of the two of a flag."""
    return "\U0001f1e6" <= each <= "\U0001f1ff"


def is_invisible(each: str) -> bool:
    """Whether a character has no glyph: joiners, directions, and selectors of variants."""
    return (
        unicodedata.category(each) == "Cf"
        or "\ufe00" <= each <= "\ufe0f"
        or "\U000e0100" <= each <= "\U000e01ef"
        or each == "\u034f"
    )


def breaks_between(before: str, after: str) -> bool:
    """Whether a line can break between two clusters, where there is no space."""
    if before[-1] in "\u200b-\u2010\u2013\u2014\u00ad/" and after[0].isalpha():
        return True
    if after[0] in NOT_FIRST or before[0] in NOT_LAST:
        return False
    return is_ideographic(before[0]) or is_ideographic(after[0])


def is_ideographic(each: str) -> bool:
    """Whether lines break before and after a character."""
    return each > "\u2e7f" and unicodedata.name(each, "").startswith(IDEOGRAPHIC)


def script(each: str) -> str:
    """Return the script of a letter: the first word of its name; "" for other characters."""
    if not unicodedata.category(each).startswith("L"):
        return ""
    return unicodedata.name(each, "").partition(" ")[0]
