"""Pictures: listed, looked at, processed anew, deleted."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import quote

import msgspec
from botocore.exceptions import ClientError

from processor.api import cursor
from processor.api.file_names import clean
from processor.api.http.decoding import decode
from processor.api.http.problems import (
    ProblemError,
    bad_request,
    not_found,
)
from processor.api.http.request import Request
from processor.api.http.response import Answer, answer
from processor.api.image_schema import describe
from processor.api.media_types import accepted
from processor.api.process_request import ProcessRequest, recipe_of
from processor.api.review import Workflows
from processor.api.signers import Signers
from processor.catalog.entries import (
    SHARDS,
    Catalog,
    Entry,
    Place,
    Status,
    share_of,
)
from processor.catalog.search import Search
from processor.pipeline.recipe_book import RecipeBook
from processor.sqs.reprocess import ReprocessQueue
from processor.storage.renditions import MISSING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

STATUSES: tuple[Status, ...] = tuple(status for status in get_args(Status) if status != "deleted")

USUAL, MOST = 24, 100
"""Pictures of a page."""

MOST_BYTES = 1_000_000
"""Of a page, before its last picture: Lambda's answers end at 6 MB."""

LOOKED_AT = 1_000
"""Entries after which a search for a status or a label ends its page, as soon as it may."""

ORIGINAL_SECONDS = 300
"""How long the URL of an original can be used."""


@dataclass(frozen=True, slots=True)
class Images:
    """The routes below ``/images``."""

    s3: "S3Client"
    signers: Signers
    bucket: str
    """That of the originals."""
    catalog: Catalog
    reprocess: ReprocessQueue
    workflows: Workflows
    recipes: RecipeBook
    site_url: str
    gives_originals: bool

    def list(self, request: Request) -> Answer:
        """``GET /images``."""
        parameters = request.parameters("status", "label", "limit", "cursor")
        status = _status(parameters.get("status"))
        label = _label(parameters.get("label"))
        limit = _limit(parameters.get("limit"))
        last = cursor.read(parameters["cursor"]) if "cursor" in parameters else None
        images: list[msgspec.Raw] = []
        size = 0
        # One more than the page holds tells whether there is another.
        page = math.ceil(LOOKED_AT / SHARDS) if status or label else share_of(limit + 1)
        search = Search(self.catalog, last, status, label, page)
        for place, entry in search:
            if len(images) == limit or size > MOST_BYTES:
                return _page(images, last)
            last = place
            if entry is None:
                if search.looked_at >= LOOKED_AT:
                    return _page(images, last)
            elif entry["status"] in STATUSES:
                images.append(msgspec.Raw(msgspec.json.encode(describe(entry, self.site_url))))
                size += len(images[-1])
        return _page(images, None)

    def get(self, request: Request) -> Answer:
        """``GET /images/{key}``."""
        entry = self._entry(request.key)
        if entry is None:
            raise not_found(request.key)
        return answer(describe(entry, self.site_url))

    def delete(self, request: Request) -> Answer:
        """``DELETE /images/{key}``: S3 tells the pipeline, which removes the rest."""
        key = request.key
        if self._head(key):
            self.s3.delete_object(Bucket=self.bucket, Key=key)
        elif entry := self._entry(key):
            # Nobody would tell it otherwise.
            self.reprocess.enqueue(key, entry["timestamp"])
        else:
            raise not_found(key)
        return answer({"key": key}, HTTPStatus.ACCEPTED)

    def process(self, request: Request) -> Answer:
        """``POST /images/{key}/process``."""
        key = request.key
        by_workflow = _workflow(request.parameters("workflow").get("workflow"))
        recipe = recipe_of(decode(request, ProcessRequest), self.recipes)
        head = self._head(key)
        if head is None:
            raise not_found(key)
        written = _written(head["LastModified"], "milliseconds")
        if by_workflow:
            return self.workflows.start(key, written, recipe)
        version = self.reprocess.enqueue(key, written, recipe)
        return answer({"key": key, "version": version}, HTTPStatus.ACCEPTED)

    def original(self, request: Request) -> Answer:
        """``GET /images/{key}/original``."""
        key = request.key
        if not self.gives_originals:
            raise ProblemError(
                HTTPStatus.FORBIDDEN,
                "originals-off",
                "Originals are not given out here: the template's parameter Originals is off.",
            )
        head = self._head(key)
        if head is None:
            raise not_found(key)
        expires = datetime.now(UTC) + timedelta(seconds=ORIGINAL_SECONDS)
        # Another type, such as HTML, might do harm in the browser of who follows the link.
        media_type = accepted(head.get("ContentType", "")) or "application/octet-stream"
        url = self.signers.of(request).generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self.bucket,
                "Key": key,
                "ResponseContentType": media_type,
                "ResponseContentDisposition": _disposition(key),
            },
            ExpiresIn=ORIGINAL_SECONDS,
        )
        return answer({"url": url, "expires": _written(expires, "seconds")})

    def _entry(self, key: str) -> Entry | None:
        entry = self.catalog.get(key)
        return entry if entry and entry["status"] != "deleted" else None

    def _head(self, key: str) -> "HeadObjectOutputTypeDef | None":
        """What S3 knows of an original; None if it is not there."""
        try:
            head = self.s3.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            # S3 calls keys bad that lead out of the bucket when they are read as paths.
            if error.response["Error"]["Code"] in (*MISSING, "400"):
                return None
            raise
        # Where buckets are in the path, the key "/" leads to the bucket itself.
        return head if dict(head).get("LastModified") else None


def _page(images: list[Any], last: Place | None) -> Answer:
    return answer({"images": images, "next": cursor.write(last) if last else None})


def _status(word: str | None) -> Status | None:
    if word is None:
        return None
    for status in STATUSES:
        if word == status:
            return status
    raise bad_request(
        "invalid-parameter",
        f"There is no status {word[:99]!r}; there are: {', '.join(STATUSES)}.",
    )


def _label(word: str | None) -> str | None:
    if word is not None and not word.strip():
        raise bad_request("invalid-parameter", "label is empty: name what is to be in a picture.")
    return word.strip().lower() if word is not None else None


def _workflow(word: str | None) -> bool:
    if word not in (None, "full"):
        raise bad_request(
            "invalid-parameter", f"There is no workflow {word[:99]!r}; there is: full."
        )
    return word is not None


def _limit(number: str | None) -> int:
    if number is None:
        return USUAL
    if not (number.isascii() and number.isdigit() and len(number) < 9 and 1 <= int(number) <= MOST):
        raise bad_request(
            "invalid-parameter", f"The limit is {number[:99]!r}; write a number from 1 to {MOST}."
        )
    return int(number)


def _disposition(key: str) -> str:
    """Show it in the browser, and save it under the last part of its key (RFC 6266)."""
    name = clean(key)
    plain = "".join(each if each.isascii() else "-" for each in name)
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _written(time: datetime, precision: str) -> str:
    return time.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
