"""Listings whose keys are URL-encoded (``encoding-type=url``, as boto3 asks for by itself)."""

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
