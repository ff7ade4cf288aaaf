"""Terms of the index: what an entry is found by, and how it is written as text.

A *posting* is an entry's place under a term, such as ``label#dog``. A *member* is one of its
perceptual hashes in a bucket of similar ones.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, NamedTuple, cast

from processor.catalog.entries import Entry, Place

MAX_WORDS = 40
"""Words of an entry, at most; more are not indexed."""

WORD_LENGTH = 40
"""Characters of a word that are compared."""

UPLOAD_FOLDER = re.compile(r"uploads/[a-z2-7]{16}/")
"""What the API puts before a file's name."""

HASH_BITS = 64
BANDS = 4
BAND_DIGITS = HASH_BITS // BANDS // 4
"""Hexadecimal digits of a band. Each value of a band has a bucket."""

MAX_DISTANCE = 8
"""Largest distance that a search finds. If up to 7 bits differ, one of 4 bands has at most one of
them, and its bucket is read. With 8, that fails for 4%: two in each band."""


class Posting(NamedTuple):
    """An item of the index: an entry's place under a term."""

    term: str
    place: str


class Member(NamedTuple):
    """A perceptual hash and its entry's key, in the bucket of one of the hash's bands."""

    bucket: str
    text: str
    """The hash's 16 digits, and the key."""


def words(text: str) -> list[str]:
    """Return the words of a text: letters and digits without case and accents, in order."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    return list(dict.fromkeys(each[:WORD_LENGTH] for each in re.findall(r"[^\W_]+", plain)))


def label_term(label: str) -> str:
    """Return the term of a label."""
    return f"label#{label.strip().lower()}"


def tag_term(tag: str) -> str:
    """Return the term of a tag."""
    return f"tag#{tag.strip().casefold()}"


def word_terms(text: str) -> list[str]:
    """Return the terms of a text's words."""
    return [f"word#{each}" for each in words(text)]


def terms_of(entry: Entry) -> set[str]:
    """Return the terms that an entry is found by; none of a deleted original."""
    if entry["status"] == "deleted":
        return set()
    known = cast("dict[str, Any]", entry)
    labels, tags = known.get("label_names") or [], known.get("tags") or []
    names = [_name(entry["filename"]), _name(known.get("name", "")), known.get("title", "")]
    texts = (*names, *tags, *labels)
    found = list(dict.fromkeys(term for text in texts for term in word_terms(text)))
    return {*map(label_term, labels), *map(tag_term, tags), *found[:MAX_WORDS]}


def postings_of(entry: Entry) -> set[Posting]:
    """Return an entry's postings."""
    place = written(Place(entry["timestamp"], entry["filename"]))
    return {Posting(term, place) for term in terms_of(entry)}


def members_of(entry: Entry) -> set[Member]:
    """Return the members of the buckets of an entry's perceptual hashes."""
    return {
        Member(bucket, digits + entry["filename"])
        for digits in hashes_of(entry)
        for bucket in _buckets(digits)
    }


def key_of(item: Posting | Member) -> str:
    """Return the key of the image that an item of the index belongs to."""
    if isinstance(item, Member):
        return item.text[HASH_BITS // 4 :]
    return place_of(item.place).filename


def hashes_of(entry: Entry) -> list[str]:
    """Return an entry's perceptual hashes; none of an image that is not done."""
    analysis = entry.get("analysis") or {}
    if entry["status"] != "done":
        return []
    # Entries of earlier versions have only the first.
    return [analysis[name] for name in ("phash", "phash_inner") if name in analysis]


def neighbors(digits: str) -> Iterator[str]:
    """Yield the buckets of similar hashes: those of a hash's bands, with up to one bit changed."""
    for band, bucket in enumerate(_bands(digits)):
        yield _bucket(band, bucket)
        for bit in range(4 * BAND_DIGITS):
            yield _bucket(band, f"{int(bucket, 16) ^ 1 << bit:0{BAND_DIGITS}x}")


def distance_between(hashes: Iterable[str], others: Iterable[str]) -> int:
    """Return the number of bits that differ in the nearest two hashes."""
    pairs = product([int(each, 16) for each in hashes], [int(each, 16) for each in others])
    return min(((one ^ other).bit_count() for one, other in pairs), default=HASH_BITS)


def distances(hashes: Iterable[str], members: Iterable[str], most: int) -> dict[str, int]:
    """Return the keys of members within ``most`` bits of one of the hashes, with their distance."""
    asked = [int(each, 16) for each in hashes]
    found: dict[str, int] = {}
    for text in members:
        digits, key = text[: HASH_BITS // 4], text[HASH_BITS // 4 :]
        distance = min((int(digits, 16) ^ each).bit_count() for each in asked)
        if distance <= most:
            found[key] = min(distance, found.get(key, distance))
    return found


def written(place: Place) -> str:
    """Return a place as the sort key of a posting: by time, then by key."""
    return f"{place.timestamp}#{place.filename}"


def place_of(text: str) -> Place:
    """Return the place that a posting's sort key is."""
    timestamp, _, filename = text.partition("#")
    return Place(timestamp, filename)


def _name(key: str) -> str:
    """Return a key without what says nothing: the API's folder, and the extension."""
    return re.sub(r"\.[^./]{1,5}$", "", UPLOAD_FOLDER.sub("", key, count=1))


def _buckets(digits: str) -> list[str]:
    return [_bucket(band, value) for band, value in enumerate(_bands(digits))]


def _bands(digits: str) -> list[str]:
    return re.findall("." * BAND_DIGITS, digits)


def _bucket(band: int, value: str) -> str:
    return f"phash#{band}#{value}"
