"""File names in keys: what remains is safe in URLs, HTML, logs, shells and folders."""

import re
import unicodedata

MAX_BYTES = 100
"""Length of a clean name, in bytes of UTF-8."""

MAX_EXTENSION = 10
"""Length of an extension, in characters."""

DEFAULT = "image"

DROPPED = ("Cc", "Cf", "Co", "Cs")
"""Unicode categories: control, format (such as writing direction), private use, surrogate."""

DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)
"""Names of devices on Windows, whatever follows their first dot."""


def clean(name: str) -> str:
    """Return the letters, marks, digits, ``-``, ``_`` and ``.`` of the last part of a path.

    The result is never empty and never starts with a dot; the extension stays, in lower case.
    """
    name = "".join(each for each in name if unicodedata.category(each) not in DROPPED)
    # Some characters only look like a dot or a slash: NFKC replaces them.
    name = unicodedata.normalize("NFKC", name)
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(each if _is_kept(each) else "-" for each in name)
    stem, dot, extension = name.rpartition(".")
    if not dot or not re.fullmatch(rf"[A-Za-z0-9]{{1,{MAX_EXTENSION}}}", extension):
        stem, extension = name, ""
    ending = f".{extension.lower()}" if extension else ""
    stem = _tidy(stem) or DEFAULT
    if DEVICES.fullmatch(stem.partition(".")[0]):
        stem = f"{DEFAULT}-{stem}"
    return _tidy(_cut(stem, MAX_BYTES - len(ending))) + ending


def original_name(name: str) -> str:
    """Return the last part of a path as people know it: for a header or a page, not for a path."""
    name = "".join(each for each in name if unicodedata.category(each) not in DROPPED)
    name = re.split(r"[/\\]", name)[-1].strip()
    return _cut(name, MAX_BYTES).strip() or DEFAULT


def _is_kept(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd" or character in "-_."


def _tidy(stem: str) -> str:
    """Return a stem with single hyphens and dots, and none at its ends."""
    return re.sub(r"-*\.[-.]*", ".", re.sub(r"-+", "-", stem)).strip("-.")


def _cut(text: str, count: int) -> str:
    """Return the whole characters in the first ``count`` bytes of UTF-8."""
    return text.encode()[:count].decode(errors="ignore")
