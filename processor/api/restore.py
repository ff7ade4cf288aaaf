"""Restore over HTTP: a deleted image, or an older version of one that exists."""

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from processor.api.http.decoding import decode
from processor.api.http.problems import ProblemError
from processor.api.http.request import Request
from processor.api.http.response import Response, json_response
from processor.catalog.entries import Catalog
from processor.change import now
from processor.sqs.reprocess import new_request
from processor.storage.renditions import Renditions
from processor.storage.versions import Code, RestoreError, choose, history, restore

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

STATUSES: dict[Code, HTTPStatus] = {
    "archived": HTTPStatus.CONFLICT,
    "not-deleted": HTTPStatus.CONFLICT,
    "nothing-to-restore": HTTPStatus.NOT_FOUND,
    "too-many-bytes": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "undelete-off": HTTPStatus.CONFLICT,
    "unknown-version": HTTPStatus.NOT_FOUND,
    "version-expired": HTTPStatus.GONE,
}


class RestoreRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``POST /images/{key}/restore``."""

    version_id: Annotated[str, Meta(min_length=1, max_length=1024)] | None = None
    """S3's ID of the version; None is the newest of a deleted image."""


@dataclass(frozen=True, slots=True)
class Restore:
    """The route ``/images/{key}/restore``."""

    s3: "S3Client"
    bucket: str
    """Bucket of the originals."""
    catalog: Catalog
    renditions: Renditions
    days: int
    """How long deleted originals can be restored; 0 if the bucket is not versioned."""

    def restore(self, request: Request) -> Response:
        """``POST /images/{key}/restore``: copies a version onto the key; the pipeline follows."""
        key = request.key
        wanted = decode(request, RestoreRequest).version_id
        try:
            versions = history(self.s3, self.bucket, key) if self.days else []
            version = choose(key, versions, wanted, self.days, datetime.now(UTC))
            entry = self.catalog.get(key)
            after = self.renditions.newest_sequencer(key, entry)
            created = restore(self.s3, self.bucket, version, entry)
        except RestoreError as error:
            raise ProblemError(STATUSES[error.code], error.code, str(error)) from error
        return json_response(
            {
                "key": key,
                "version": new_request(key, now(), after).sequencer,
                "version_id": created,
                "restored_from": version.id,
            },
            HTTPStatus.ACCEPTED,
        )
