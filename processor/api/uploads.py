"""Presigned POST uploads: keys, conditions and expiry.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

import base64
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import msgspec
from msgspec import UNSET, Meta, UnsetType

from processor.api import recipes
from processor.api.file_names import clean, original_name
from processor.api.http.decoding import decode
from processor.api.http.problems import Problem, ProblemError, bad_request
from processor.api.http.request import Request
from processor.api.http.response import Response, json_response
from processor.api.media_types import for_form
from processor.api.presigning import PresigningClients
from processor.change import timestamp
from processor.images import ImageError, Limits
from processor.storage.originals import NAME
from processor.telemetry.correlation import METADATA, folder_id
from processor.telemetry.log import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SECONDS = 600
"""Seconds for which a presigned POST is valid."""

SUPPORTED = (
    "Convert the image to a supported format, and upload that: JPEG, PNG, WebP, AVIF, HEIC, GIF, "
    "TIFF or BMP."
)

SUCCESS_STATUS = "204"
"""Status of S3's response to an upload: no content."""


class File(msgspec.Struct, forbid_unknown_fields=True):
    """A file to upload."""

    name: Annotated[str, Meta(max_length=20_000)]
    type: Annotated[str, Meta(max_length=255)] = ""
    size: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    recipe: Annotated[str, Meta(max_length=255)] | UnsetType = UNSET


class UploadRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``POST /uploads``."""

    files: Annotated[list[File], Meta(min_length=1, max_length=100)]


class Upload(msgspec.Struct):
    """A presigned POST."""

    name: str
    key: str
    url: str
    fields: dict[str, str]
    expires: str
    expires_in: int
    """Seconds from the response to ``expires``, for clients whose clock may be wrong."""


class Refusal(msgspec.Struct):
    """A file that cannot be uploaded, and why."""

    name: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Uploads:
    """The route ``/uploads``."""

    presigning: PresigningClients
    bucket: str
    """Bucket of the originals."""
    recipes: Collection[str]
    limits: Limits

    def create(self, request: Request) -> Response:
        """``POST /uploads``."""
        files = decode(request, UploadRequest).files
        s3 = self.presigning.for_sender(request)
        return json_response({"uploads": [self._upload(s3, file) for file in files]})

    def _upload(self, s3: "S3Client", file: File) -> Upload | Refusal:
        try:
            return self._presign(s3, file)
        except ProblemError as error:
            return Refusal(file.name, error.problem)

    def _presign(self, s3: "S3Client", file: File) -> Upload:
        """Return a presigned POST. Raises ``ProblemError`` for a file that could not be processed.

        S3 refuses a form with a field that no condition allows.
        """
        self._check_size(file.size)
        folder = base64.b32encode(secrets.token_bytes(10)).decode().lower()
        key = f"uploads/{folder}/{clean(file.name)}"
        correlation_id = folder_id(folder)
        fields = {
            "Content-Type": _media_type(file),
            "success_action_status": SUCCESS_STATUS,
            **self._recipe_metadata(file.recipe),
            f"x-amz-meta-{METADATA}": correlation_id,
            f"x-amz-meta-{NAME}": quote(original_name(file.name), safe=""),
        }
        expires = timestamp(datetime.now(UTC) + timedelta(seconds=SECONDS), "seconds")
        conditions: list[Any] = [{name: value} for name, value in fields.items()]
        post = s3.generate_presigned_post(
            self.bucket,
            key,
            Fields=fields,
            Conditions=[*conditions, ["content-length-range", 1, self.limits.max_bytes]],
            ExpiresIn=SECONDS,
        )
        logger.info("presigned", key=key, correlation_id=correlation_id, expires=expires)
        return Upload(file.name, key, post["url"], post["fields"], expires, SECONDS)

    def _check_size(self, size: int | UnsetType) -> None:
        if size is UNSET:
            return
        try:
            self.limits.check_bytes(size)
        except ImageError as error:
            if error.code == "empty":
                raise bad_request("empty", error.message) from error
            raise ProblemError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-many-bytes", error.message
            ) from error

    def _recipe_metadata(self, name: str | UnsetType) -> dict[str, str]:
        if name is UNSET:
            return {}
        recipes.check_name(name, self.recipes)
        return {"x-amz-meta-recipe": name}


def _media_type(file: File) -> str:
    media_type = for_form(file.type, clean(file.name))
    if media_type is None:
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported-type",
            f"Files of the type {file.type[:99]!r} are not supported. {SUPPORTED}",
        )
    return media_type
