"""Listings whose keys are URL-encoded (``encoding-type=url``, as boto3 asks for by itself)."""

import base64
from typing import Any
from urllib.parse import quote

from localstack.services.s3 import provider

TEXTS = (
    "Prefix", "Delimiter", "StartAfter", "Marker", "NextMarker", "KeyMarker", "NextKeyMarker",
)  # fmt: skip
LISTS = {
    "Contents": "Key",
    "Versions": "Key",
    "DeleteMarkers": "Key",
    "CommonPrefixes": "Prefix",
}


def encoded(answer: Any, encoding_type: str | None) -> Any:
    """Encode a listing that was made of plain keys.

    LocalStack compares encoded keys with the encoded key that a page begins after. Those are in
    another order than the keys themselves, so that pages lack some.
    """
    if not encoding_type:
        return answer
    for name in TEXTS:
        if answer.get(name):
            answer[name] = quote(answer[name])
    for name, field in LISTS.items():
        for each in answer.get(name) or ():
            each[field] = quote(each[field])
    answer["EncodingType"] = encoding_type
    return answer


def take_any_token() -> None:
    """Let a page begin at any key; LocalStack fails at those that are not ASCII."""
    module: Any = provider
    module.decode_continuation_token = key_of_token


def key_of_token(token: str | None) -> str:
    """Return the key that LocalStack has made a continuation token of."""
    return base64.b64decode(token or "", altchars=b"._").decode()
