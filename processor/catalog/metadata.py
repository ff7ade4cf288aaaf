"""Metadata that people edit: alternative text, title, tags, focal point and free fields.

Edits write these fields of an entry alone, and claims write all others: neither waits for the
other, and neither replaces what the other has written.
"""

import secrets
from collections.abc import Collection, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from processor.catalog import conditions
from processor.catalog.entries import Catalog, Entry
from processor.catalog.published import missing_original
from processor.change import now
from processor.errors import LostClaimError

UNEDITED = "0"
"""ETag of metadata that was never edited."""

MAX_FIELDS = 30
"""Free fields of an image."""

LINE = r"^[^\u0000-\u001f\u007f]*$"
CHARACTERS = "characters, without control characters"
AltText = Annotated[
    str, Meta(max_length=1000, pattern=LINE, description=f"up to 1000 {CHARACTERS}")
]
Title = Annotated[str, Meta(max_length=200, pattern=LINE, description=f"up to 200 {CHARACTERS}")]
Tag = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=r"^[^\s\u0000-\u001f\u007f,]([^\u0000-\u001f\u007f,]*[^\s\u0000-\u001f\u007f,])?$",
        description="without commas, control characters, and spaces at the ends",
    ),
]
FieldName = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_-]{0,39}$",
        description="up to 40 of a-z, 0-9, - and _, the first a letter",
    ),
]
FieldValue = Annotated[
    str, Meta(max_length=500, pattern=LINE, description=f"up to 500 {CHARACTERS}")
]


class FocalPoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The point that crops keep, as fractions of the upright original from its top left."""

    x: Annotated[float, Meta(ge=0, le=1)]
    y: Annotated[float, Meta(ge=0, le=1)]


class Edit(msgspec.Struct, forbid_unknown_fields=True):
    """The fields to change. What is left out stays, null removes."""

    alt: AltText | UnsetType | None = UNSET
    """Alternative text. Empty: the image is decorative."""
    title: Title | UnsetType | None = UNSET
    tags: Annotated[list[Tag], Meta(max_length=50)] | UnsetType | None = UNSET
    """All tags. Of those that differ in case alone, the first stays."""
    focal_point: FocalPoint | UnsetType | None = UNSET
    fields: dict[FieldName, FieldValue | None] | UnsetType | None = UNSET
    """Free fields by name; others stay. Null removes one, or all."""


class EditConflictError(Exception):
    """The metadata has changed since it was read."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.etag = etag
        """The present one."""


class TooManyFieldsError(ValueError):
    """An edit that would leave more than ``MAX_FIELDS`` free fields."""


class OriginalDeletedError(Exception):
    """A new focal point for an image whose original was deleted; its text says why."""


def etag_of(entry: Entry) -> str:
    """Return the ETag of an entry's metadata, without quotes: each edit changes it."""
    return entry.get("edit", UNEDITED)


def save(catalog: Catalog, entry: Entry, edit: Edit, etags: Collection[str] | None) -> Entry:
    """Write an edit of an entry's metadata, and return the entry as it is now.

    An edit that names no field writes nothing.

    ``etags`` are those that the editor may have seen; None accepts any. Raises
    ``EditConflictError``, ``TooManyFieldsError``, ``OriginalDeletedError``, and ``LookupError`` if
    the image was deleted.
    """
    while etags is None or etag_of(entry) in etags:
        time = now()
        changed = _changed(entry, edit)
        if not changed:
            return entry
        written = {name: each for name, each in changed.items() if each is not None}
        try:
            return conditions.update(
                catalog,
                entry["filename"],
                {**written, "edit": secrets.token_hex(8), "edited": time, "updated": time},
                changed.keys() - written.keys(),
                conditions.unedited(entry),
            )
        except LostClaimError:
            there = catalog.get(entry["filename"])
            if there is None or there["status"] == "deleted":
                raise LookupError(entry["filename"]) from None
            entry = there
    raise EditConflictError(etag_of(entry))


def is_out_of_focus(entry: Mapping[str, Any]) -> bool:
    """Return whether an image's renditions follow another focal point than it has now."""
    return entry["status"] == "done" and entry.get("focal_point") != entry.get(
        "rendered_focal_point"
    )


def _changed(entry: Entry, edit: Edit) -> dict[str, Any]:
    """Return the new values of fields; None removes one."""
    given: dict[str, Any] = {
        name: msgspec.to_builtins(each)
        for name in edit.__struct_fields__
        if (each := getattr(edit, name)) is not UNSET
    }
    is_moved = "focal_point" in given and given["focal_point"] != entry.get("focal_point")
    if is_moved and (error := missing_original(entry)):
        raise OriginalDeletedError(str(error))
    if "tags" in given:
        tags = {each.lower(): each for each in reversed(given["tags"] or ())}
        given["tags"] = [each for each in given["tags"] or () if tags[each.lower()] == each]
        given["tags"] = list(dict.fromkeys(given["tags"])) or None
    if given.get("fields"):
        fields = {**entry.get("fields", {}), **given["fields"]}
        fields = {name: each for name, each in fields.items() if each is not None}
        if len(fields) > MAX_FIELDS:
            raise TooManyFieldsError(
                f"The image would have {len(fields)} free fields. It can have at most "
                f"{MAX_FIELDS}: remove some by setting them to null."
            )
        given["fields"] = fields or None
    elif given.get("fields") == {}:
        del given["fields"]
    return given
