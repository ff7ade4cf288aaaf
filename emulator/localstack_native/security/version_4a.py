"""Requests with signatures of version 4A, which LocalStack does not know.

Clients of ``cloudfront-keyvaluestore`` sign with version 4A. LocalStack finds the service, the
region and the caller in signatures of version 4 only. So the header, which has been verified
before, is replaced by one in the form of version 4. The signature in it is not valid, and nothing
verifies it again.
"""

import re
from typing import Any

from localstack.aws.api import RequestContext
from rolo import Response
from rolo.gateway import HandlerChain

from localstack_native.access.signature import ALGORITHM, ASYMMETRIC

_HEADER = re.compile(rf"{ASYMMETRIC}\s+Credential=([^/,]+)/([^/,]+)/([^/,]+)/aws4_request(.*)")
_REGION = "us-east-1"
"""The region of requests to global services."""


def accept(
    chain: HandlerChain[Any],  # noqa: ARG001
    context: RequestContext,
    response: Response,  # noqa: ARG001
) -> None:
    """Give a request that version 4A signs the header of version 4."""
    found = _HEADER.fullmatch(context.request.headers.get("Authorization", ""))
    if found is None or found[3] == "s3":
        return
    key, date, service, rest = found.groups()
    scope = f"{key}/{date}/{_REGION}/{service}/aws4_request"
    context.request.headers["Authorization"] = f"{ALGORITHM} Credential={scope}{rest}"
