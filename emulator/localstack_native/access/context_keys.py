"""Condition keys of a request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from localstack.aws.api import RequestContext

_CREATIONS = frozenset({"CompleteMultipartUpload", "CopyObject", "PostObject", "PutObject"})
"""Operations of S3 that create an object.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
"""
_WRITES = _CREATIONS | {"CreateMultipartUpload", "UploadPart", "UploadPartCopy"}
"""Operations of S3 that need ``s3:PutObject``."""

_PRECONDITIONS = ("if-match", "if-none-match")

type Keys = dict[str, str | list[str]]


class LazyKeys(Mapping[str, "str | list[str]"]):
    """Condition keys that are computed when a policy reads one: most have no conditions."""

    def __init__(self, compute: Callable[[], Keys]) -> None:
        self._compute = compute
        self._found: Keys | None = None

    def _read(self) -> Keys:
        if self._found is None:
            self._found = self._compute()
        return self._found

    def __getitem__(self, key: str) -> str | list[str]:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def of_any_request(context: RequestContext) -> Keys:
    """Return the keys of every request.

    The emulator has no trusted certificate: a request counts as one over HTTPS unless
    ``X-Forwarded-Proto`` says otherwise.
    """
    headers = context.request.headers
    forwarded = headers.get("X-Forwarded-Proto", "https").lower()
    values: Keys = {
        "aws:SecureTransport": str(forwarded == "https").lower(),
        "aws:SourceIp": context.request.remote_addr or "127.0.0.1",
        "aws:CurrentTime": datetime.now(UTC).isoformat(),
        "aws:EpochTime": str(int(time.time())),
    }
    if region := getattr(context, "region", None):
        values["aws:RequestedRegion"] = region
    for key, header in (("aws:Referer", "Referer"), ("aws:UserAgent", "User-Agent")):
        if header in headers:
            values[key] = headers[header]
    return values


def of_tags(request: Mapping[str, Any]) -> Keys:
    """Return the keys of the tags in a request."""
    tags = _tags(request)
    keys: Keys = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    removed = request.get("TagKeys") or request.get("tagKeys") or ()
    if names := [*tags, *(str(each) for each in removed)]:
        keys["aws:TagKeys"] = names
    return keys


def of_s3(context: RequestContext, request: Mapping[str, Any]) -> Keys:
    """Return the keys of a request to S3.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
    """
    keys: Keys = {}
    for key, name in (
        ("s3:VersionId", "VersionId"),
        ("s3:prefix", "Prefix"),
        ("s3:delimiter", "Delimiter"),
        ("s3:max-keys", "MaxKeys"),
        ("s3:x-amz-acl", "ACL"),
        ("s3:LocationConstraint", "LocationConstraint"),
    ):
        if (value := request.get(name)) is not None:
            keys[key] = str(value)
    headers = context.request.headers
    for name, value in headers.items():
        if name.lower().startswith("x-amz-"):
            keys.setdefault(f"s3:{name.lower()}", value)
    operation = context.operation.name if context.operation else ""
    if operation in _WRITES:
        keys |= {f"s3:{name}": headers[name] for name in _PRECONDITIONS if name in headers}
        keys["s3:ObjectCreationOperation"] = str(operation in _CREATIONS).lower()
    return keys


def _tags(request: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags that a request sets, whose form depends on the service."""
    found = next(
        (value for name in ("Tags", "tags", "TagSet") if (value := request.get(name))), None
    )
    if isinstance(found, Mapping):
        items = found.get("Items")  # CloudFront
        if not isinstance(items, list):
            return {str(key): str(value) for key, value in found.items()}
        found = items
    return {
        str(each.get("Key", each.get("key", ""))): str(each.get("Value", each.get("value", "")))
        for each in found or ()
        if isinstance(each, Mapping)
    }
