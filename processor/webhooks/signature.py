"""Signatures of webhooks: HMAC-SHA256 over ID, timestamp and body.

The headers are those of Standard Webhooks, for which most languages have a library:
https://www.standardwebhooks.com
"""

import base64
import hmac
import secrets

PREFIX = "whsec_"
"""The beginning of a secret, which is base64."""

TOLERANCE_SECONDS = 300
"""Age of a request above which a receiver refuses it: it may be a replay of an attacker."""


def new_secret() -> str:
    """Return a random secret of 32 bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(secret: str, event: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers that sign a request.

    ``event`` is an ID, ``timestamp`` in seconds since 1970.
    """
    return {
        "webhook-id": event,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{_digest(secret, event, timestamp, body)}",
    }


def is_valid(secret: str, event: str, timestamp: int, body: bytes, signature: str) -> bool:
    """Return whether one of the signatures in the header is right; the age is not checked."""
    right = f"v1,{_digest(secret, event, timestamp, body)}"
    return any(hmac.compare_digest(right, each) for each in signature.split())


def _digest(secret: str, event: str, timestamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = b".".join((event.encode(), str(timestamp).encode(), body))
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
