"""Images over HTTP: list, get, reprocess, download the original, delete."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import quote

import msgspec
from botocore.exceptions import ClientError

from processor.api.entries import existing_entry, find_entry, not_found
from processor.api.file_names import clean
from processor.api.http import cursor
from processor.api.http.decoding import decode
from processor.api.http.problems import ProblemError, bad_request
from processor.api.http.request import Request
from processor.api.http.response import Response, json_response
from processor.api.image_schema import image_of
from processor.api.media_types import accepted
from processor.api.presigning import PresigningClients
from processor.api.process_request import ProcessRequest, requested_recipe
from processor.api.workflow import Workflow
from processor.catalog.entries import BATCH, Catalog, Entry, Place, Status, share_of
from processor.change import timestamp
from processor.pipeline.recipe_book import RecipeBook
from processor.settings import VariantMode
from processor.sqs.reprocess import ReprocessQueue
from processor.storage.renditions import MISSING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

STATUSES: tuple[Status, ...] = tuple(status for status in get_args(Status) if status != "deleted")

DEFAULT_LIMIT, MAX_LIMIT = 24, 100
"""Images in a page."""

MAX_PAGE_BYTES = 1_000_000
"""Size after which a page ends: a Lambda response has at most 6 MB."""

SCAN_LIMIT = 1_000
"""Default of ``Images.scan_limit``."""

ORIGINAL_SECONDS = 300
"""Seconds for which the URL of an original is valid."""


@dataclass(frozen=True, slots=True)
class Images:
    """The routes ``/images`` and below, apart from review and workflow."""

    s3: "S3Client"
    presigning: PresigningClients
    bucket: str
    """Bucket of the originals."""
    catalog: Catalog
    reprocess: ReprocessQueue
    workflow: Workflow
    recipes: RecipeBook
    site_url: str
    variants: VariantMode
    signs_variants: bool
    originals_allowed: bool
    scan_limit: int
    """Entries that a search by status or label reads before it ends its page."""

    def list(self, request: Request) -> Response:
        """``GET /images``."""
        parameters = request.parameters("status", "label", "limit", "cursor")
        status = _status(parameters.get("status"))
        label = _label(parameters.get("label"))
        limit = _limit(parameters.get("limit"))
        last = cursor.decode(parameters["cursor"]) if "cursor" in parameters else None
        images: list[msgspec.Raw] = []
        size = 0
        # One more image than the page holds shows whether another page follows.
        batch = BATCH if label else limit + 1
        places = self.catalog.places(last, status=status, page=share_of(batch))
        for read, (place, entry) in enumerate(self.catalog.read(places, page=batch)):
            if len(images) == limit or size > MAX_PAGE_BYTES or read == self.scan_limit:
                return _page(images, last)
            last = place
            # The index follows the table with a delay.
            if entry["status"] in ((status,) if status else STATUSES) and (
                label is None or label in entry.get("label_names", ())
            ):
                images.append(msgspec.Raw(msgspec.json.encode(self._image(entry))))
                size += len(images[-1])
        return _page(images, None)

    def get(self, request: Request) -> Response:
        """``GET /images/{key}``."""
        return json_response(self._image(existing_entry(self.catalog, request.key)))

    def delete(self, request: Request) -> Response:
        """``DELETE /images/{key}``: removes the original; S3's event makes the pipeline follow."""
        key = request.key
        if self._uploaded(key):
            self.s3.delete_object(Bucket=self.bucket, Key=key)
        elif entry := find_entry(self.catalog, key):
            # Without an object to delete, S3 sends no event.
            self.reprocess.enqueue(key, entry["timestamp"])
        else:
            raise not_found(key)
        return json_response({"key": key}, HTTPStatus.ACCEPTED)

    def process(self, request: Request) -> Response:
        """``POST /images/{key}/process``."""
        key = request.key
        by_workflow = _workflow(request.parameters("workflow").get("workflow"))
        recipe = requested_recipe(decode(request, ProcessRequest), self.recipes)
        if not (time := self._uploaded(key)):
            raise not_found(key)
        uploaded = timestamp(time)
        if by_workflow:
            return self.workflow.start(key, uploaded, recipe)
        version = self.reprocess.enqueue(key, uploaded, recipe)
        return json_response({"key": key, "version": version}, HTTPStatus.ACCEPTED)

    def original(self, request: Request) -> Response:
        """``GET /images/{key}/original``."""
        key = request.key
        if not self.originals_allowed:
            raise ProblemError(
                HTTPStatus.FORBIDDEN,
                "originals-off",
                "Originals cannot be downloaded, because the template's parameter Originals is "
                "off. Set it to on to allow downloads.",
            )
        if not (head := self._head(key)):
            raise not_found(key)
        expires = datetime.now(UTC) + timedelta(seconds=ORIGINAL_SECONDS)
        # Another type, such as HTML, could run scripts in the browser that opens the URL.
        media_type = accepted(head.get("ContentType", "")) or "application/octet-stream"
        url = self.presigning.for_sender(request).generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self.bucket,
                "Key": key,
                "ResponseContentType": media_type,
                "ResponseContentDisposition": _disposition(key),
            },
            ExpiresIn=ORIGINAL_SECONDS,
        )
        return json_response(
            {"url": url, "expires": timestamp(expires, "seconds"), "expires_in": ORIGINAL_SECONDS}
        )

    def _image(self, entry: Entry) -> dict[str, Any]:
        return image_of(entry, self.site_url, self.variants, is_signable=self.signs_variants)

    def _uploaded(self, key: str) -> datetime | None:
        """Return when an original was stored; None if it does not exist.

        A listing tells that without the permission to read originals, which HeadObject needs.
        """
        # The key itself is the first with this prefix.
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=key, MaxKeys=1)
        for each in found.get("Contents", ()):
            if each["Key"] == key:
                return each["LastModified"]
        return None

    def _head(self, key: str) -> "HeadObjectOutputTypeDef | None":
        """Return the S3 metadata of an original; None if it does not exist.

        Only with ``originals_allowed`` may the function read originals.
        """
        try:
            head = self.s3.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            # S3 responds with 400 to keys that as paths lead out of the bucket.
            if error.response["Error"]["Code"] in (*MISSING, "400"):
                return None
            raise
        # With the bucket in the path, the key "/" leads to the bucket itself.
        return head if dict(head).get("LastModified") else None


def _page(images: list[msgspec.Raw], last: Place | None) -> Response:
    return json_response({"images": images, "next": cursor.encode(last) if last else None})


def _status(word: str | None) -> Status | None:
    if word is None:
        return None
    for status in STATUSES:
        if word == status:
            return status
    raise bad_request(
        "invalid-parameter",
        f"The status {word[:99]!r} does not exist. Use one of: {', '.join(STATUSES)}.",
    )


def _label(word: str | None) -> str | None:
    if word is not None and not word.strip():
        raise bad_request("invalid-parameter", "The label is empty. Use a name such as cat.")
    return word.strip().lower() if word is not None else None


def _workflow(word: str | None) -> bool:
    if word not in (None, "full"):
        raise bad_request(
            "invalid-parameter", f"The workflow {word[:99]!r} does not exist. Use: full."
        )
    return word is not None


def _limit(number: str | None) -> int:
    if number is None:
        return DEFAULT_LIMIT
    if not (
        number.isascii() and number.isdigit() and len(number) < 9 and 1 <= int(number) <= MAX_LIMIT
    ):
        raise bad_request(
            "invalid-parameter",
            f"The limit {number[:99]!r} is invalid. Use a number from 1 to {MAX_LIMIT}.",
        )
    return int(number)


def _disposition(key: str) -> str:
    """Return a Content-Disposition (RFC 6266): inline, saved under the last part of the key."""
    name = clean(key)
    plain = "".join(each if each.isascii() else "-" for each in name)
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
