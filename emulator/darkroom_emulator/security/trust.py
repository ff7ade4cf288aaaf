"""The mark of requests that this process sends to itself on somebody's behalf.

Such a request may carry a viewer's headers, or no real signature. Nobody else knows the token, and
the guard removes it before anything else sees the request.
"""

import secrets
from typing import Any

HEADER = "x-emulator-internal"
TOKEN = secrets.token_urlsafe(24)


def mark_api_gateway() -> None:
    """Mark the requests of API Gateway's AWS integrations: LocalStack makes up a signature."""
    from localstack.services.apigateway.next_gen.execute_api.integrations import aws

    module: Any = aws
    headers_of = module.get_internal_mocked_headers

    def marked(**named: Any) -> dict[str, str]:
        return {**headers_of(**named), HEADER: TOKEN}

    module.get_internal_mocked_headers = marked


def is_token(value: str) -> bool:
    """Return whether a value of ``HEADER`` is this process's."""
    return secrets.compare_digest(value.encode(), TOKEN.encode())
