"""Limits of key value stores.

Source: "Quotas on key value stores" of the CloudFront Developer Guide.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
"""

from collections.abc import Mapping
from typing import Any

KEY = 512
"""Bytes of a key."""

VALUE = 1024
"""Bytes of a value."""

STORE = 5 * 1024 * 1024
"""Bytes of all keys and values."""


class QuotaError(ValueError):
    """A store would have too many bytes."""


def checked(pairs: Mapping[Any, Any]) -> dict[str, str]:
    """Return the pairs of a store. Raises ValueError, or QuotaError if they are too many."""
    size = 0
    for key, value in pairs.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise TypeError("Keys and values must be strings.")
        key_bytes, value_bytes = len(key.encode()), len(value.encode())
        if not 1 <= key_bytes <= KEY:
            raise ValueError(f"A key has 1 to {KEY} bytes. It has {key_bytes}: {key[:80]}")
        if value_bytes > VALUE:
            raise ValueError(f"A value has at most {VALUE} bytes. That of {key} has {value_bytes}.")
        size += key_bytes + value_bytes
    if size > STORE:
        raise QuotaError(f"A key value store has at most {STORE} bytes. It would have {size}.")
    return dict(pairs)
