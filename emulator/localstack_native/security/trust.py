"""Internal request token: marks requests that this process sends to itself.

Such a request may have a viewer's headers, or no real signature. The token is secret, and the guard
removes it before other handlers run.
"""

import secrets
from typing import Any

HEADER = "x-emulator-internal"
JUDGED = "x-emulator-judged"
"""The header of a request to a function URL that has been judged before: its value is the token."""

TOKEN = secrets.token_urlsafe(24)


def integration_headers(headers_of: Any, **named: Any) -> dict[str, str]:
    """Return the headers of API Gateway's AWS integrations, whose signature is fake, with it."""
    return {**headers_of(**named), HEADER: TOKEN}


def is_token(value: str) -> bool:
    """Return whether a value of ``HEADER`` is this process's token."""
    return secrets.compare_digest(value.encode(), TOKEN.encode())
