"""Where a page of the listing ends: a text that clients hand back without reading it."""

import base64
import re
from datetime import datetime

import msgspec

from processor.api.http.problems import ProblemError, bad_request
from processor.catalog.entries import Place
from processor.change import KEY_BYTES

LONGEST = 4096


class _Cursor(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    timestamp: str
    filename: str


def write(place: Place) -> str:
    """The cursor of a place."""
    packed = msgspec.msgpack.encode(_Cursor(*place))
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def read(cursor: str) -> Place:
    """The place of a cursor. Raises ``ProblemError``."""
    if not re.fullmatch(rf"[A-Za-z0-9_-]{{1,{LONGEST}}}", cursor):
        raise _wrong()
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        found = msgspec.msgpack.decode(packed, type=_Cursor)
        is_sound = datetime.fromisoformat(found.timestamp).tzinfo is not None
    except (ValueError, msgspec.MsgspecError) as error:
        raise _wrong() from error
    if not is_sound or not 0 < len(found.filename.encode()) <= KEY_BYTES:
        raise _wrong()
    return Place(found.timestamp, found.filename)


def _wrong() -> ProblemError:
    return bad_request(
        "invalid-cursor",
        "The cursor is not one that this API gave. Take `next` of the page before as it is, or "
        "leave cursor out to begin anew.",
    )
