"""Leave to upload: presigned POSTs, which S3 holds uploads against.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

import base64
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from processor.api.file_names import clean
from processor.api.http.decoding import decode
from processor.api.http.problems import (
    Problem,
    ProblemError,
    bad_request,
)
from processor.api.http.request import Request
from processor.api.http.response import Answer, answer
from processor.api.media_types import guess
from processor.api.signers import Signers
from processor.images import ImageError, Limits
from processor.telemetry.correlation import METADATA, folder_id
from processor.telemetry.log import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SECONDS = 600
"""How long a presigned POST can be used."""

ACCEPTED = (
    "Accepted: JPEG, PNG, WebP, AVIF, HEIC, GIF, TIFF and BMP. Save the picture as one of these, "
    "and upload that."
)

SUCCESS = "204"
"""What S3 answers then: no content."""


class File(msgspec.Struct, forbid_unknown_fields=True):
    """A file that somebody wants to upload."""

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


class Refusal(msgspec.Struct):
    """Why a file cannot be uploaded."""

    name: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Uploads:
    """Gives leave to upload to the raw bucket."""

    signers: Signers
    bucket: str
    recipes: Collection[str]
    limits: Limits

    def create(self, request: Request) -> Answer:
        """``POST /uploads``."""
        wanted = decode(request, UploadRequest)
        s3 = self.signers.of(request)
        return answer({"uploads": [self._answer(s3, file) for file in wanted.files]})

    def _answer(self, s3: "S3Client", file: File) -> Upload | Refusal:
        try:
            return self._presign(s3, file)
        except ProblemError as error:
            return Refusal(file.name, error.problem)

    def _presign(self, s3: "S3Client", file: File) -> Upload:
        """Leave for one file. Raises ``ProblemError`` if it would be refused anyway."""
        self._check_size(file.size)
        fields = {
            "Content-Type": _type_of(file),
            "success_action_status": SUCCESS,
            **self._recipe(file.recipe),
        }
        folder = base64.b32encode(secrets.token_bytes(10)).decode().lower()
        key = f"uploads/{folder}/{clean(file.name)}"
        correlation_id = folder_id(folder)
        fields[f"x-amz-meta-{METADATA}"] = correlation_id
        expires = datetime.now(UTC) + timedelta(seconds=SECONDS)
        conditions: list[Any] = [{name: value} for name, value in fields.items()]
        post = s3.generate_presigned_post(
            self.bucket,
            key,
            Fields=fields,
            Conditions=[*conditions, ["content-length-range", 1, self.limits.max_bytes]],
            ExpiresIn=SECONDS,
        )
        logger.info("presigned", key=key, correlation_id=correlation_id, expires=_written(expires))
        return Upload(file.name, key, post["url"], post["fields"], _written(expires))

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

    def _recipe(self, name: str | UnsetType) -> dict[str, str]:
        if name is UNSET:
            return {}
        check_recipe(name, self.recipes)
        return {"x-amz-meta-recipe": name}


def check_recipe(name: str, recipes: Collection[str]) -> None:
    """Refuse a recipe that there is not. Raises ``ProblemError``."""
    if name not in recipes:
        raise bad_request(
            "unknown-recipe",
            f"There is no recipe {name[:99]!r}. There are: {', '.join(sorted(recipes))}.",
        )


def _type_of(file: File) -> str:
    media_type = guess(file.type, clean(file.name))
    if media_type is None:
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported-type",
            f"Files of the type {file.type[:99]!r} are not accepted. {ACCEPTED}"
            if file.type
            else f"The name tells of no picture that is accepted. {ACCEPTED}",
        )
    return media_type


def _written(time: datetime) -> str:
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")
