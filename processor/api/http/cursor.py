"""Pagination cursors: the place where a page of the listing ends, as an opaque text."""

import base64
import re
from datetime import datetime

import msgspec

from processor.api.http.problems import ProblemError, bad_request
from processor.catalog.entries import Place
from processor.change import KEY_BYTES

MAX_LENGTH = 4096


class _Cursor(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    timestamp: str
    filename: str


def encode(place: Place) -> str:
    """Return the cursor of a place."""
    packed = msgspec.msgpack.encode(_Cursor(*place))
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode(cursor: str) -> Place:
    """Return the place of a cursor. Raises ``ProblemError``."""
    if not re.fullmatch(rf"[A-Za-z0-9_-]{{1,{MAX_LENGTH}}}", cursor):
        raise _invalid()
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        place = Place(*msgspec.structs.astuple(msgspec.msgpack.decode(packed, type=_Cursor)))
        has_zone = datetime.fromisoformat(place.timestamp).tzinfo is not None
    except (ValueError, msgspec.MsgspecError) as error:
        raise _invalid() from error
    if not has_zone or not 0 < len(place.filename.encode()) <= KEY_BYTES:
        raise _invalid()
    return place


def _invalid() -> ProblemError:
    return bad_request(
        "invalid-cursor",
        "The cursor is invalid. Send the `next` of the previous page unchanged, or omit the cursor "
        "to get the first page.",
    )
