"""Searches by the index: for terms, and for similar images."""

from collections.abc import Sequence

from darkroom.cloud import Cloud
from processor.catalog.entries import BATCH, Entry, Place
from processor.catalog.terms import distance_between, hashes_of, terms_of


def with_terms(cloud: Cloud, terms: Sequence[str], limit: int) -> list[Entry]:
    """Return up to ``limit`` entries with all terms, the latest upload first."""
    found: list[Entry] = []
    after: Place | None = None
    while len(found) < limit:
        places, after = cloud.index.find(terms, after, min(limit, BATCH))
        entries = (entry for _, entry in cloud.catalog.read(places))
        # The index follows the catalog with a delay.
        found += (entry for entry in entries if terms_of(entry).issuperset(terms))
        if after is None:
            break
    return found[:limit]


def similar_to(cloud: Cloud, entry: Entry, most: int) -> list[tuple[int, Entry]]:
    """Return the entries within ``most`` bits of another one, with the number of bits, in order."""
    hashes = hashes_of(entry)
    found = cloud.index.similar(hashes, most)
    found.pop(entry["filename"], None)
    entries = cloud.entries(found).values()
    near = ((distance_between(hashes, hashes_of(each)), each) for each in entries)
    return sorted(
        (pair for pair in near if pair[0] <= most), key=lambda pair: (pair[0], pair[1]["filename"])
    )
