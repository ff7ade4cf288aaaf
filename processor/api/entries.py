"""Catalog entries of existing images, or the problem ``not-found``."""

from http import HTTPStatus

from processor.api.http.problems import ProblemError
from processor.catalog.entries import Catalog, Entry
from processor.catalog.published import is_original_deleted
from processor.errors import DELETED


def find_entry(catalog: Catalog, key: str) -> Entry | None:
    """Return the entry of an image; None where it never existed or is deleted."""
    entry = catalog.get(key)
    return entry if entry and entry["status"] != "deleted" else None


def existing_entry(catalog: Catalog, key: str) -> Entry:
    """Return the entry of an image. Raises ``ProblemError`` (``not-found``)."""
    if entry := find_entry(catalog, key):
        return entry
    raise not_found(key)


def check_original(entry: Entry | None) -> None:
    """Raise ``ProblemError`` (``original-deleted``) if the original was deleted on purpose."""
    if entry and is_original_deleted(entry):
        raise ProblemError(HTTPStatus.CONFLICT, "original-deleted", str(DELETED))


def not_found(key: str) -> ProblemError:
    """Return the problem of a key without an image."""
    return ProblemError(
        HTTPStatus.NOT_FOUND,
        "not-found",
        f"No image has the key {key!r}. Percent-encode the whole key in the path. A new upload has "
        "no entry until its processing starts.",
    )
