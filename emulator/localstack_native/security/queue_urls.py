"""Requests to queue URLs, which LocalStack sends again to itself: they keep their signer's key.

LocalStack signs them with the key's ID and the secret of its internal requests.
"""

from typing import Any

from localstack.aws.connect import connect_to as connect

from localstack_native.access.credentials import find_for_headers


def connect_to(*, region_name: str, aws_access_key_id: str, aws_secret_access_key: str) -> Any:
    """Return clients that sign with the key of a request, which is known: it was verified."""
    keys = find_for_headers(aws_access_key_id)
    return connect(
        region_name=region_name,
        aws_access_key_id=aws_access_key_id,
        aws_secret_access_key=keys[0].secret if keys else aws_secret_access_key,
        aws_session_token=keys[0].token if keys else None,
    )
