"""A versioned bucket in memory, with the operations that list and restore versions."""

from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

from tests.unit.processor.clouds import error

BEGIN = datetime(2026, 5, 1, 12, tzinfo=UTC)


class VersionedBucket:
    """The bucket ``raw``. Each write and delete comes an hour after the one before."""

    def __init__(self, begin: datetime = BEGIN) -> None:
        self.time = begin
        self.page_size = 1000
        self.written: list[dict[str, Any]] = []
        """Versions and delete markers, the oldest first."""
        self.copies: list[dict[str, Any]] = []
        self.failure: Exception | None = None

    def put(self, key: str, size: int = 1, version_id: str = "", **head: Any) -> str:
        """Add a version, with fields of HeadObject; return its ID."""
        head = {"Metadata": {}, **head}
        return self._add(key, {"Size": size, "ETag": f'"{size}"', "head": head}, version_id)

    def delete(self, key: str) -> str:
        """Add a delete marker; return its ID."""
        return self._add(key, {})

    def _add(self, key: str, fields: dict[str, Any], version_id: str = "") -> str:
        version_id = version_id or f"v{len(self.written) + 1}"
        self.written.append(
            {"Key": key, "VersionId": version_id, "LastModified": self.time, **fields}
        )
        self.time += timedelta(hours=1)
        return version_id

    def get_paginator(self, operation: str) -> "VersionedBucket":
        """Return the paginator of ListObjectVersions."""
        assert operation == "list_object_versions"
        return self

    def paginate(self, Bucket: str, Prefix: str, KeyMarker: str = "") -> list[dict[str, Any]]:  # noqa: N803
        """Return the pages of ListObjectVersions: the latest of a key first."""
        assert Bucket == "raw"
        latest = {each["Key"]: each["VersionId"] for each in self.written}
        latest_first = self.written[::-1]
        listed = [
            {**each, "IsLatest": latest[each["Key"]] == each["VersionId"]}
            for each in sorted(latest_first, key=lambda each: each["Key"].encode())
            if each["Key"].startswith(Prefix) and each["Key"].encode() > KeyMarker.encode()
        ]
        return [
            {
                "Versions": [each for each in page if "Size" in each],
                "DeleteMarkers": [each for each in page if "Size" not in each],
            }
            for page in batched(listed, self.page_size, strict=False)
        ] or [{}]

    def head_object(self, Bucket: str, Key: str, VersionId: str) -> dict[str, Any]:  # noqa: N803
        """HeadObject of a version."""
        assert Bucket == "raw"
        return dict(self._find(Key, VersionId)["head"])

    def copy_object(self, **request: Any) -> dict[str, Any]:
        """CopyObject of a version onto its key."""
        if self.failure:
            raise self.failure
        source = request["CopySource"]
        assert (source["Bucket"], source["Key"]) == (request["Bucket"], request["Key"])
        version = self._find(source["Key"], source["VersionId"])
        self.copies.append(request)
        return {"VersionId": self.put(source["Key"], version["Size"], **version["head"])}

    def _find(self, key: str, version_id: str) -> dict[str, Any]:
        for each in self.written:
            if (each["Key"], each["VersionId"]) == (key, version_id):
                return each
        raise error("NoSuchVersion")
