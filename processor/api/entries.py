"""Catalog entries of existing images, or the problem ``not-found``."""

import time
from http import HTTPStatus
from typing import cast

from processor.api.http.problems import Code, ProblemError
from processor.catalog.entries import Catalog, Entry
from processor.catalog.published import missing_original


def find_entry(catalog: Catalog, key: str) -> Entry | None:
    """Return the entry of an image; None where it never existed or is deleted."""
    entry = catalog.get(key)
    return entry if entry and entry["status"] != "deleted" else None


def existing_entry(catalog: Catalog, key: str) -> Entry:
    """Return the entry of an image. Raises ``ProblemError`` (``not-found``)."""
    if entry := find_entry(catalog, key):
        return entry
    raise not_found(key)


def check_original(entry: Entry | None, days: int = 0) -> None:
    """Raise ``ProblemError`` if the original was deleted on purpose, or by a lifecycle rule.

    ``days`` are those of the rule, for an original that is known to be missing.
    """
    if entry and (error := missing_original(entry, days, time.time())):
        raise ProblemError(HTTPStatus.CONFLICT, cast("Code", error.code), str(error))


def not_found(key: str) -> ProblemError:
    """Return the problem of a key without an image."""
    return ProblemError(
        HTTPStatus.NOT_FOUND,
        "not-found",
        f"No image has the key {key!r}. Percent-encode the whole key in the path. A new upload has "
        "no entry until its processing starts.",
    )
