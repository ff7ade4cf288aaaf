"""Listings with URL-encoded keys (``encoding-type=url``, boto3's default)."""

import base64
from typing import Any
from urllib.parse import quote

TEXTS = (
    "Prefix", "Delimiter", "StartAfter", "Marker", "NextMarker", "KeyMarker", "NextKeyMarker",
)  # fmt: skip
LISTS = {
    "Contents": "Key",
    "Versions": "Key",
    "DeleteMarkers": "Key",
    "CommonPrefixes": "Prefix",
}


def encoded(response: Any, encoding_type: str | None) -> Any:
    """Return a listing of plain keys with its keys encoded.

    LocalStack compares encoded keys with the page's encoded start key. Encoded keys have another
    order than plain ones, so its pages lack keys.
    """
    if not encoding_type:
        return response
    for name in TEXTS:
        if response.get(name):
            response[name] = quote(response[name])
    for name, field in LISTS.items():
        for each in response.get(name) or ():
            each[field] = quote(each[field])
    response["EncodingType"] = encoding_type
    return response


def key_of_token(_: Any, token: str | None) -> str:
    """Return the key in a continuation token; LocalStack fails at non-ASCII keys."""
    return base64.b64decode(token or "", altchars=b"._").decode()
