"""HTML form uploads (presigned POST): fields, signature and policy.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html
"""

import base64
import binascii
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.api.s3 import AccessDenied, InvalidArgument
from localstack.http import Request
from localstack.services.s3.constants import S3_HOST_ID
from localstack.services.s3.presigned_url import create_signature_does_not_match_sig_v2
from werkzeug.datastructures import ImmutableMultiDict

from localstack_native.access import form_policy, regions, signature
from localstack_native.access.credentials import AccessError, signing_key
from localstack_native.access.form_order import fields_before_the_file

_FILENAME = "${filename}"
_V4_FIELDS = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature")
_V2_FIELDS = ("AWSAccessKeyId", "Signature")
_SCOPE_PARTS = 5
# LocalStack expects these names, and lower case for all others. S3 accepts any case.
_NAMES = {
    name.lower(): name
    for name in (
        "Cache-Control", "Content-Type", "Content-Disposition", "Content-Encoding", "Expires",
    )
}  # fmt: skip


def skip_policy_check(_: Any, *_arguments: Any) -> None:
    """Skip LocalStack's check of a form's policy, which refuses valid forms: it was checked."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form that uploads a file."""

    fields: Mapping[str, str]
    """The fields by lower-case name, with the object's final key."""
    size: int
    """The file's size in bytes."""

    @property
    def is_signed(self) -> bool:
        """Whether the form has a policy; a form without one is anonymous."""
        return "policy" in self.fields

    @property
    def access_key_id(self) -> str:
        """The access key of a signed form."""
        credential = self.fields.get("x-amz-credential") or self.fields.get("awsaccesskeyid", "")
        return credential.partition("/")[0]


def read(request: Request) -> Form | None:
    """Return the form of a request; None for another content type.

    The request's form is replaced by the checked fields, which LocalStack reads later. Raises
    MalformedPOSTRequest, and InvalidArgument for a form without a key or a file.
    """
    if "multipart/form-data" not in request.headers.get("Content-Type", ""):
        return None
    pairs = fields_before_the_file(request)
    names = Counter(name.lower() for name, _ in pairs)
    if (not names and not request.files) or any(
        count > 1 for name, count in names.items() if not name.startswith("x-ignore-")
    ):
        raise AccessError(
            "MalformedPOSTRequest",
            "The body of your POST request is not well-formed multipart/form-data.",
            400,
        )
    fields = {name.lower(): value for name, value in pairs}
    if not fields.get("key"):
        raise _missing("key")
    files = request.files.getlist("file")
    if len(files) + ("file" in fields) != 1:
        raise InvalidArgument(
            "POST requires exactly one file upload per request.",
            ArgumentName="file",
            ArgumentValue=str(len(files)),
            HostId=S3_HOST_ID,
        )
    if files:
        size = files[0].stream.seek(0, 2)
        files[0].stream.seek(0)
        # S3 uses the part of a path after the last slash or backslash.
        files[0].filename = (files[0].filename or "").replace("\\", "/").rpartition("/")[2]
        fields["key"] = fields["key"].replace(_FILENAME, files[0].filename)
    else:
        size = len(fields["file"].encode())
    storage: Any = request.__dict__
    storage["form"] = ImmutableMultiDict(
        {_NAMES.get(name, name): value for name, value in fields.items()}
    )
    return Form(fields, size)


def check(form: Form, context: RequestContext, bucket: str) -> None:
    """Check signature, region and conditions of a form with a policy; accept a form without one.

    Raises S3's errors: AccessDenied, InvalidArgument, InvalidAccessKeyId, InvalidToken,
    ExpiredToken, SignatureDoesNotMatch, and those of the policy's conditions.
    """
    if not form.is_signed:
        return
    _check_signature(form.fields)
    regions.check_form(context, form.fields.get("x-amz-credential", ""), bucket)
    try:
        document = base64.b64decode(form.fields["policy"])
    except binascii.Error:
        document = b""
    form_policy.check(document, {**form.fields, "bucket": bucket}, form.size)


def _check_signature(fields: Mapping[str, str]) -> None:
    token = fields.get("x-amz-security-token")
    if _has(fields, _V4_FIELDS):
        access_key_id, *scope = fields["x-amz-credential"].rsplit("/", _SCOPE_PARTS - 1)
        if fields["x-amz-algorithm"] != signature.ALGORITHM:
            raise _wrong("X-Amz-Algorithm", fields["x-amz-algorithm"])
        if scope[2:] != ["s3", "aws4_request"] or scope[0] != fields["x-amz-date"][:8]:
            raise _wrong("X-Amz-Credential", fields["x-amz-credential"])
        key = signing_key(access_key_id, token)
        given = fields["x-amz-signature"]
        right = signature.v4_of_text(key.secret, scope, fields["policy"])
    elif _has(fields, _V2_FIELDS):
        access_key_id, given = fields["awsaccesskeyid"], fields["signature"]
        key = signing_key(access_key_id, token)
        right = signature.v2_of_text(key.secret, fields["policy"])
    else:
        raise AccessDenied("Access Denied", HostId=S3_HOST_ID)
    if not compare_digest(given.encode(), right.encode()):
        raise create_signature_does_not_match_sig_v2(given, fields["policy"], access_key_id)


def _has(fields: Mapping[str, str], names: tuple[str, ...]) -> bool:
    """Return whether a form has all of these fields; raise InvalidArgument if it has only some."""
    missing = [name for name in names if name.lower() not in fields]
    if missing and len(missing) < len(names):
        raise _missing(missing[0])
    return not missing


def _missing(name: str) -> InvalidArgument:
    return InvalidArgument(
        f"Bucket POST must contain a field named '{name}'.  If it is specified, please check the"
        " order of the fields.",
        ArgumentName=name,
        ArgumentValue="",
        HostId=S3_HOST_ID,
    )


def _wrong(name: str, value: str) -> InvalidArgument:
    return InvalidArgument(
        f"The value of {name} is not valid.",
        ArgumentName=name,
        ArgumentValue=value,
        HostId=S3_HOST_ID,
    )
