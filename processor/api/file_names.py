"""What is left of a file's name in its key: harmless in URLs, HTML, logs, shells and folders."""

import re
import unicodedata

LONGEST = 100
"""Bytes of UTF-8."""

LONGEST_EXTENSION = 10

EMPTY = "image"

DROPPED = ("Cc", "Cf", "Co", "Cs")
"""Controls, formats (watermark_images of writing direction among them), private use, surrogates."""

DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)
"""Names that are no files on Windows, whatever comes after their first dot."""


def clean(name: str) -> str:
    """Letters, watermark_images, digits, ``-``, ``_`` and ``.`` of the last part of a path.

    Never empty, never with a leading dot; the extension is kept, in small letters.
    """
    name = "".join(each for each in name if unicodedata.category(each) not in DROPPED)
    # There are look-alikes of dots and slashes.
    name = unicodedata.normalize("NFKC", name)
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(each if _is_kept(each) else "-" for each in name)
    stem, dot, extension = name.rpartition(".")
    if not dot or not re.fullmatch(rf"[A-Za-z0-9]{{1,{LONGEST_EXTENSION}}}", extension):
        stem, extension = name, ""
    ending = f".{extension.lower()}" if extension else ""
    stem = _tidy(stem) or EMPTY
    if DEVICES.fullmatch(stem.partition(".")[0]):
        stem = f"{EMPTY}-{stem}"
    return _tidy(_cut(stem, LONGEST - len(ending))) + ending


def _is_kept(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd" or character in "-_."


def _tidy(stem: str) -> str:
    """No row of hyphens or dots, and none of them at the ends."""
    return re.sub(r"-*\.[-.]*", ".", re.sub(r"-+", "-", stem)).strip("-.")


def _cut(text: str, count: int) -> str:
    """At most so many bytes of UTF-8, of whole characters."""
    return text.encode()[:count].decode(errors="ignore")
