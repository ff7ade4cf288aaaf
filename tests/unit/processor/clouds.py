"""S3 and DynamoDB played by memory, as far as the pipeline uses them.

Every call is shown to a guard before it happens, and again after it, so that a test can let
something else happen first, let it fail, or lose its answer.
"""

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from types import SimpleNamespace
from typing import Any, Concatenate, Protocol

from botocore.exceptions import ClientError

from processor.catalog.attributes import deserialize, serialize


class Guard(Protocol):
    """Sees every call, and may raise."""

    def before(self, operation: str) -> None:
        """Nothing has happened yet."""

    def after(self) -> None:
        """The service has done what it was asked for."""


class NoGuard:
    """Lets a call happen when it is made."""

    def before(self, operation: str) -> None:
        """Go on."""

    def after(self) -> None:
        """Go on."""


class Guarded(Protocol):
    """A service with a guard."""

    guard: Guard


def call[S: Guarded, **P, T](
    method: Callable[Concatenate[S, P], T],
) -> Callable[Concatenate[S, P], T]:
    """Show a method to the guard, by the name that AWS has for it."""
    operation = "".join(word.capitalize() for word in method.__name__.split("_"))

    @wraps(method)
    def guarded(self: S, /, *arguments: P.args, **named: P.kwargs) -> T:
        self.guard.before(operation)
        answer = method(self, *arguments, **named)
        self.guard.after()
        return answer

    return guarded


def error(code: str, operation: str = "Operation", message: str = "") -> ClientError:
    """What boto3 raises when a service refuses."""
    return ClientError({"Error": {"Code": code, "Message": message or code}}, operation)


@dataclass(frozen=True)
class Stored:
    """An object of S3."""

    data: bytes
    metadata: dict[str, str] = field(default_factory=dict)
    content_type: str = ""
    cache_control: str = ""
    content_encoding: str = ""
    version_id: str = ""
    """Of an object in a versioned bucket."""

    @property
    def sequencer(self) -> str:
        """For which change a rendition or a variant was made."""
        version = self.metadata.get("version", "")
        return self.metadata.get("sequencer", version.partition(" ")[0])

    @property
    def etag(self) -> str:
        """The ETag, with its quotes."""
        return f'"{hashlib.md5(self.data).hexdigest()}"'  # noqa: S324 (S3's own choice)


class FakeS3:
    """Objects by bucket and key."""

    def __init__(self, guard: Guard | None = None) -> None:
        self.guard: Guard = guard or NoGuard()
        self.objects: dict[tuple[str, str], Stored] = {}
        self.history: list[tuple[str, Stored]] = []
        """All that was ever put, by key."""
        self.delete_version: Callable[[str, str], None] = lambda _, __: None
        """Deletes a version of the raw bucket, by its key and ID."""
        self.versions: dict[str, list[tuple[str, bytes | None]]] = {}
        """IDs and bytes of the versions of the raw bucket, the oldest first; delete markers have
        none."""
        self.turned_back: list[str] = []
        """Keys at which something older replaced what was newer, though its bytes told so."""

    def in_bucket(self, bucket: str) -> dict[str, Stored]:
        """The objects of one bucket by key."""
        return {key: each for (where, key), each in self.objects.items() if where == bucket}

    @call
    def get_object(self, Bucket: str, Key: str, IfMatch: str | None = None) -> dict[str, Any]:  # noqa: N803
        """GetObject."""
        there = self._there(Bucket, Key, "NoSuchKey")
        if IfMatch:
            self._check(there, IfMatch)
        return {
            "Body": io.BytesIO(there.data),
            "ContentType": there.content_type,
            "ContentLength": len(there.data),
            "Metadata": there.metadata,
            "ETag": there.etag,
            **({"ContentEncoding": there.content_encoding} if there.content_encoding else {}),
            **({"VersionId": there.version_id} if there.version_id else {}),
        }

    @call
    def head_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        """HeadObject, which has no error codes of its own."""
        there = self._there(Bucket, Key, "404")
        return {
            "Metadata": there.metadata,
            "ETag": there.etag,
            "ContentLength": len(there.data),
            "ContentType": there.content_type,
        }

    @call
    def put_object(  # noqa: D102
        self,
        *,
        Bucket: str,  # noqa: N803
        Key: str,  # noqa: N803
        Body: bytes,  # noqa: N803
        Metadata: dict[str, str] | None = None,  # noqa: N803
        IfMatch: str | None = None,  # noqa: N803
        IfNoneMatch: str | None = None,  # noqa: N803
        ContentType: str = "",  # noqa: N803
        CacheControl: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        there = self.objects.get((Bucket, Key))
        if IfNoneMatch and there:
            raise error("PreconditionFailed", "PutObject")
        if IfMatch:
            self._check(there, IfMatch)
        written = Stored(Body, Metadata or {}, ContentType, CacheControl)
        # A condition on the ETag cannot tell bytes that were there before from the same again.
        was_here = any(
            key == Key and each.etag == there.etag and each.sequencer <= written.sequencer
            for key, each in self.history
            if there
        )
        if there and there.sequencer > written.sequencer and not was_here:
            self.turned_back.append(Key)
        self.history.append((Key, written))
        self.objects[Bucket, Key] = written
        return {"ETag": written.etag}

    @call
    def delete_object(
        self,
        Bucket: str,  # noqa: N803
        Key: str,  # noqa: N803
        IfMatch: str | None = None,  # noqa: N803
        VersionId: str | None = None,  # noqa: N803
    ) -> None:
        """DeleteObject with the condition that general purpose buckets know since 2025.

        Without it, it succeeds whether there was one or not.
        """
        if VersionId:
            self.delete_version(Key, VersionId)
            return
        if IfMatch:
            self._check(self.objects.get((Bucket, Key)), IfMatch)
        self.objects.pop((Bucket, Key), None)

    @call
    def delete_objects(self, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        """DeleteObjects."""
        assert 0 < len(Delete["Objects"]) <= 1000
        for each in Delete["Objects"]:
            self.objects.pop((Bucket, each["Key"]), None)
        return {}

    def get_paginator(self, operation: str) -> Any:
        """Pages of ListObjectsV2, and of ListObjectVersions."""
        if operation == "list_object_versions":
            return SimpleNamespace(paginate=self.list_object_versions)
        assert operation == "list_objects_v2"
        return self

    @call
    def list_object_versions(
        self,
        Bucket: str,  # noqa: N803
        Prefix: str,  # noqa: N803
        PaginationConfig: dict[str, int],  # noqa: N803
    ) -> list[dict[str, Any]]:
        """ListObjectVersions: one page, the latest of a key first."""
        assert (Bucket, PaginationConfig) == ("raw", {"PageSize": 10})
        found = [
            {"Key": key, "VersionId": version_id}
            for key, versions in sorted(self.versions.items())
            if key.startswith(Prefix)
            for version_id, data in reversed(versions)
            if data is not None
        ]
        return [{"Versions": found} if found else {}]

    def paginate(self, **named: str) -> list[dict[str, Any]]:
        """One page."""
        return [self.list_objects_v2(**named)]

    @call
    def list_objects_v2(
        self,
        Bucket: str,  # noqa: N803
        Prefix: str,  # noqa: N803
        Delimiter: str,  # noqa: N803
    ) -> dict[str, Any]:
        """ListObjectsV2; without contents where there are none."""
        found = [
            {"Key": key, "ETag": each.etag}
            for key, each in sorted(self.in_bucket(Bucket).items())
            if key.startswith(Prefix) and Delimiter not in key.removeprefix(Prefix)
        ]
        return {"Contents": found} if found else {}

    def _there(self, bucket: str, key: str, missing: str) -> Stored:
        if (bucket, key) not in self.objects:
            raise error(missing)
        return self.objects[bucket, key]

    @staticmethod
    def _check(there: Stored | None, etag: str) -> None:
        if there is None:
            raise error("NoSuchKey")
        if there.etag != etag:
            raise error("PreconditionFailed")


class FakeSqs:
    """A queue that only takes messages."""

    def __init__(self, guard: Guard | None = None) -> None:
        self.guard: Guard = guard or NoGuard()
        self.sent: list[tuple[str, float]] = []
        """Bodies, and the seconds until each is visible."""

    @call
    def send_message(self, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> None:  # noqa: N803
        """SendMessage."""
        assert QueueUrl == "queue"
        assert 0 <= DelaySeconds <= 900
        self.sent.append((MessageBody, DelaySeconds))


class FakeDynamoDB:
    """Items by ``filename``, and the few expressions that the catalog writes."""

    def __init__(self, guard: Guard | None = None) -> None:
        self.guard: Guard = guard or NoGuard()
        self.items: dict[str, dict[str, Any]] = {}

    @call
    def get_item(
        self,
        TableName: str,  # noqa: N803, ARG002
        Key: dict[str, Any],  # noqa: N803
        *,
        ConsistentRead: bool,  # noqa: N803
    ) -> dict[str, Any]:
        """GetItem."""
        assert ConsistentRead
        item = self.items.get(deserialize(Key)["filename"])
        return {"Item": serialize(item)} if item else {}

    @call
    def update_item(
        self,
        *,
        TableName: str,  # noqa: N803, ARG002
        Key: dict[str, Any],  # noqa: N803
        UpdateExpression: str,  # noqa: N803
        ConditionExpression: str,  # noqa: N803
        ExpressionAttributeNames: dict[str, str],  # noqa: N803
        ExpressionAttributeValues: dict[str, Any],  # noqa: N803
        ReturnValues: str,  # noqa: N803
    ) -> dict[str, Any]:
        """UpdateItem, which creates what does not exist."""
        assert ReturnValues == "ALL_NEW"
        # DynamoDB refuses names and values that no expression uses, and long expressions.
        written = f"{UpdateExpression} {ConditionExpression}"
        assert len(UpdateExpression) <= 4096
        assert set(re.findall(r"#\w+", written)) == ExpressionAttributeNames.keys()
        assert set(re.findall(r":\w+", written)) == ExpressionAttributeValues.keys()
        key = deserialize(Key)["filename"]
        there = self.items.get(key, {})
        names, values = ExpressionAttributeNames, deserialize(ExpressionAttributeValues)
        if not _holds(ConditionExpression, there, names, values):
            raise error("ConditionalCheckFailedException", "UpdateItem")
        changes, _, removed = UpdateExpression.removeprefix("SET ").partition(" REMOVE ")
        gone = {names[each] for each in removed.split(", ") if each}
        new = dict(each.split(" = ") for each in changes.split(", "))
        self.items[key] = {
            **{name: each for name, each in there.items() if name not in gone},
            **{names[name]: values[value] for name, value in new.items()},
            "filename": key,
        }
        return {"Attributes": serialize(self.items[key])}


def _holds(
    condition: str, item: dict[str, Any], names: dict[str, str], values: dict[str, Any]
) -> bool:
    """Evaluate a condition of equalities, and of fields that are missing, joined by AND."""
    return all(_is_so(clause, item, names, values) for clause in condition.split(" AND "))


def _is_so(
    clause: str, item: dict[str, Any], names: dict[str, str], values: dict[str, Any]
) -> bool:
    if found := re.fullmatch(r"attribute_(not_)?exists\((#\w+)\)", clause):
        return (names[found[2]] in item) == (found[1] is None)
    name, compare, value = clause.split()
    return bool(item.get(names[name]) == values[value]) == (compare == "=")
