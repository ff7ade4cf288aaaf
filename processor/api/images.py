"""Images over HTTP: list, get, reprocess, download the original, delete."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import quote

import msgspec
from botocore.exceptions import ClientError

from processor.api.changes import Changes
from processor.api.entries import check_original, existing_entry, find_entry, not_found
from processor.api.file_names import clean, original_name
from processor.api.http import cursor
from processor.api.http.decoding import decode
from processor.api.http.problems import ProblemError, bad_request
from processor.api.http.request import Request
from processor.api.http.response import Response, json_response
from processor.api.image_schema import image_of
from processor.api.media_types import accepted
from processor.api.numbers import number
from processor.api.presigning import PresigningClients
from processor.api.process_request import ProcessRequest, requested_recipe
from processor.api.workflow import Workflow
from processor.catalog.entries import Catalog, Entry, Place, Status, share_of
from processor.catalog.index import Index
from processor.catalog.terms import (
    MAX_DISTANCE,
    distance_between,
    hashes_of,
    label_term,
    tag_term,
    terms_of,
    word_terms,
)
from processor.change import now, timestamp
from processor.pipeline.recipe_book import RecipeBook
from processor.settings import VariantMode
from processor.sqs.reprocess import ReprocessQueue
from processor.storage.originals import name_of
from processor.storage.renditions import MISSING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

STATUSES: tuple[Status, ...] = tuple(status for status in get_args(Status) if status != "deleted")

DEFAULT_LIMIT, MAX_LIMIT = 24, 100
"""Images in a page."""

MAX_PAGE_BYTES = 1_000_000
"""Size after which a page ends: a Lambda response has at most 6 MB."""

PAGE = ("status", "label", "tag", "q", "limit", "cursor")
"""Query parameters of a page of images."""

CHANGES = ("since", "wait", "limit")
"""Query parameters of a page of changes."""

MAX_WORDS = 8
"""Words of a text search."""

MAX_SIMILAR = 100
"""Images that a search for similar ones returns, at most."""

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
    index: Index
    changes: Changes
    deletes_originals: bool
    retention_days: int
    """Days after which a lifecycle rule deletes originals; 0: never."""
    """Whether the pipeline deletes originals after processing."""

    def list(self, request: Request) -> Response:
        """``GET /images``: a page of images, or with ``since`` of changes."""
        parameters = request.parameters(*dict.fromkeys((*PAGE, *CHANGES)))
        if "since" in parameters or "wait" in parameters:
            if "since" not in parameters or parameters.keys() - {*CHANGES}:
                raise bad_request(
                    "invalid-search",
                    "With since, only wait and limit can be sent, and wait needs since. Send the "
                    "others in a request of their own.",
                )
            return self.changes.get(request, parameters)
        status = _status(parameters.get("status"))
        terms = _terms(parameters)
        limit = number("limit", parameters.get("limit"), DEFAULT_LIMIT, 1, MAX_LIMIT)
        last = cursor.decode(parameters["cursor"]) if "cursor" in parameters else None
        after: Place | None = None
        # One more image than the page holds shows whether another page follows.
        places: Iterable[Place]
        if terms:
            places, after = self.index.find(terms, last, limit + 1)
        else:
            places = self.catalog.places(last, status=status, page=share_of(limit + 1))
        images: list[msgspec.Raw] = []
        size = 0
        for place, entry in self.catalog.read(places, page=limit + 1):
            if len(images) == limit or size > MAX_PAGE_BYTES:
                return _page(images, last)
            last = place
            # The indexes follow the table with a delay.
            is_wanted = entry["status"] in ((status,) if status else STATUSES)
            if is_wanted and (not terms or terms_of(entry).issuperset(terms)):
                images.append(msgspec.Raw(msgspec.json.encode(self.describe(entry))))
                size += len(images[-1])
        return _page(images, after)

    def similar(self, request: Request) -> Response:
        """``GET /images/{key}/similar``."""
        parameters = request.parameters("distance")
        most = number("distance", parameters.get("distance"), MAX_DISTANCE, 0, MAX_DISTANCE)
        entry = existing_entry(self.catalog, request.key)
        hashes = hashes_of(entry)
        if not hashes:
            raise ProblemError(
                HTTPStatus.CONFLICT,
                "no-hash",
                "The image has no perceptual hash. Its status must be done, and its recipe must "
                "not turn the analysis off.",
            )
        found = self.index.similar(hashes, most)
        found.pop(request.key, None)
        nearest = sorted(found, key=lambda key: (found[key], key))[:MAX_SIMILAR]
        places = (Place("", key) for key in nearest)
        images = [
            {"distance": distance, "image": self.describe(each)}
            for _, each in self.catalog.read(places)
            # The index follows the table with a delay.
            if (distance := distance_between(hashes, hashes_of(each))) <= most
        ]
        return json_response({"key": request.key, "similar": images})

    def get(self, request: Request) -> Response:
        """``GET /images/{key}``."""
        return json_response(self.describe(existing_entry(self.catalog, request.key)))

    def delete(self, request: Request) -> Response:
        """``DELETE /images/{key}``: removes the original; S3's event makes the pipeline follow."""
        key = request.key
        entry = find_entry(self.catalog, key)
        if time := self._uploaded(key):
            self.s3.delete_object(Bucket=self.bucket, Key=key)
        elif entry is None:
            raise not_found(key)
        if time is None or self.deletes_originals:
            # S3 sends no event without an object, or one that is taken for the pipeline's own.
            uploaded = entry["timestamp"] if entry else now()
            self.reprocess.discard(key, uploaded)
        return json_response({"key": key}, HTTPStatus.ACCEPTED)

    def process(self, request: Request) -> Response:
        """``POST /images/{key}/process``."""
        key = request.key
        by_workflow = _workflow(request.parameters("workflow").get("workflow"))
        recipe = requested_recipe(decode(request, ProcessRequest), self.recipes)
        if not (time := self._uploaded(key)):
            check_original(find_entry(self.catalog, key), self.retention_days)
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
            check_original(find_entry(self.catalog, key), self.retention_days)
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
                "ResponseContentDisposition": _disposition(name_of(head["Metadata"]) or clean(key)),
            },
            ExpiresIn=ORIGINAL_SECONDS,
        )
        return json_response(
            {"url": url, "expires": timestamp(expires, "seconds"), "expires_in": ORIGINAL_SECONDS}
        )

    def describe(self, entry: Entry) -> dict[str, Any]:
        """Return an entry as the schema ``Image``."""
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


def _terms(parameters: Mapping[str, str]) -> list[str]:
    """Return the terms that images must have, each once."""
    terms: list[str] = []
    for name, term in (("label", label_term), ("tag", tag_term)):
        if name in parameters:
            if not parameters[name].strip():
                raise bad_request(
                    "invalid-parameter", f"The {name} is empty. Use a name such as cat."
                )
            terms.append(term(parameters[name]))
    if "q" in parameters:
        words = word_terms(parameters["q"])
        if not 1 <= len(words) <= MAX_WORDS:
            raise bad_request(
                "invalid-search",
                f"The text q has {len(words)} words. Use 1 to {MAX_WORDS} words of letters or "
                "digits.",
            )
        terms += words
    return list(dict.fromkeys(terms))


def _workflow(word: str | None) -> bool:
    if word not in (None, "full"):
        raise bad_request(
            "invalid-parameter", f"The workflow {word[:99]!r} does not exist. Use: full."
        )
    return word is not None


def _disposition(name: str) -> str:
    """Return a Content-Disposition (RFC 6266): inline, saved under the last part of a name."""
    plain = "".join(each if each.isascii() else "-" for each in clean(name))
    name = original_name(name)
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
