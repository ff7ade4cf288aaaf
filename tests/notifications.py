"""Notifications of S3, from its example."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

EXAMPLE = Path(__file__).parent / "events" / "s3-put.json"


def notification(bucket: str, key: str, etag: str = "0" * 32) -> dict[str, Any]:
    """Return S3's notification of a created object."""
    event: dict[str, Any] = json.loads(EXAMPLE.read_text())
    s3 = event["Records"][0]["s3"]
    s3["bucket"]["name"] = bucket
    s3["object"].update(key=quote_plus(key), eTag=etag)
    return event
