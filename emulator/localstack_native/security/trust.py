"""Internal request token: marks requests that this process sends to itself.

Such a request may have a viewer's headers, or no real signature. The token is secret, and the guard
removes it before other handlers run.
"""

import secrets
from typing import Any

HEADER = "x-emulator-internal"
TOKEN = secrets.token_urlsafe(24)


def mark_api_gateway() -> None:
    """Add the token to requests of API Gateway's AWS integrations, whose signature is fake."""
    from localstack.services.apigateway.next_gen.execute_api.integrations import aws

    module: Any = aws
    headers_of = module.get_internal_mocked_headers

    def marked(**named: Any) -> dict[str, str]:
        return {**headers_of(**named), HEADER: TOKEN}

    module.get_internal_mocked_headers = marked


def is_token(value: str) -> bool:
    """Return whether a value of ``HEADER`` is this process's token."""
    return secrets.compare_digest(value.encode(), TOKEN.encode())
