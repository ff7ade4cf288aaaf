"""Metadata over HTTP: an image's alternative text, title, tags, focal point and free fields."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from processor.api.entries import check_original, existing_entry, not_found
from processor.api.http.decoding import decode
from processor.api.http.problems import ProblemError, bad_request
from processor.api.http.request import Request
from processor.api.http.response import Response, json_response
from processor.catalog.entries import Catalog, Entry
from processor.catalog.metadata import (
    Edit,
    EditConflictError,
    OriginalDeletedError,
    TooManyFieldsError,
    etag_of,
    is_out_of_focus,
    save,
)
from processor.sqs.reprocess import ReprocessQueue

IF_MATCH = re.compile(r'\s*"[^"]*"\s*(,\s*"[^"]*"\s*)*')
"""A list of strong entity tags (RFC 9110, 13.1.1)."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """``PATCH /images/{key}``."""

    catalog: Catalog
    reprocess: ReprocessQueue
    describe: Callable[[Entry], dict[str, Any]]
    """Returns an entry as the schema ``Image``."""

    def edit(self, request: Request) -> Response:
        """``PATCH /images/{key}``: a new focal point has the cropped renditions rendered again."""
        edit = decode(request, Edit)
        key = request.key
        entry = existing_entry(self.catalog, key)
        etags = _etags(request, etag_of(entry))
        try:
            entry = save(self.catalog, entry, edit, etags)
        except EditConflictError as error:
            raise ProblemError(
                HTTPStatus.PRECONDITION_FAILED,
                "edited",
                f'Somebody else has edited the metadata: its ETag is "{error.etag}". Get the '
                "image again, and repeat the edit with its `metadata_etag` in If-Match.",
            ) from error
        except TooManyFieldsError as error:
            raise bad_request("invalid-request", str(error)) from error
        except OriginalDeletedError:
            check_original(existing_entry(self.catalog, key))
            raise
        except LookupError:
            raise not_found(key) from None
        is_pending = is_out_of_focus(entry)
        if is_pending:
            # Also after a request that has died between the edit and this message.
            self.reprocess.refocus(key, entry["timestamp"])
        status = HTTPStatus.ACCEPTED if is_pending else HTTPStatus.OK
        return json_response(self.describe(entry), status)


def _etags(request: Request, etag: str) -> list[str] | None:
    """Return the ETags in If-Match; None for any. Raises ``ProblemError`` without the header."""
    header = request.headers.get("if-match", "")
    if header.strip() == "*":
        return None
    if not IF_MATCH.fullmatch(header):
        raise ProblemError(
            HTTPStatus.PRECONDITION_REQUIRED,
            "if-match-required",
            "The header If-Match is missing, or is not a list of ETags in quotation marks. Send "
            f'the ETag that you have edited, so that no other edit is lost; it is "{etag}" now. '
            "* replaces any.",
        )
    return re.findall(r'"([^"]*)"', header)
