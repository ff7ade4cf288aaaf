"""Sandboxed objects: what somebody uploaded runs no script in the browser that opens it.

On AWS, the objects of a bucket are at an origin that holds nothing else. In an emulator, buckets by
path share their origin with REST APIs, and often with the API of AWS itself.
"""

from typing import Any

from localstack.runtime import hooks
from werkzeug import Response

from darkroom_emulator.security.browsers import is_browser

_HEADERS = {
    # A document of its own opaque origin, without scripts, forms and windows.
    "Content-Security-Policy": "sandbox",
    # And no document at all where the content type says that it is an image.
    "X-Content-Type-Options": "nosniff",
}


def sandbox_objects(
    chain: Any,  # noqa: ARG001
    context: Any,
    response: Response,
) -> None:
    """Add the headers to what S3 returns to a browser; images on a page are shown as before.

    Distributions and website endpoints serve pages that run: each is at a host of its own.
    """
    headers = context.request.headers
    # A distribution asks with the headers of its viewer. No page can set this one.
    is_distribution = "(CloudFront)" in headers.get("Via", "")
    is_website = ".s3-website" in context.request.host
    if is_browser(headers) and not is_distribution and not is_website:
        response.headers.update(_HEADERS)


@hooks.on_infra_start()
def sandbox_uploads() -> None:
    """Add the headers to the responses of S3."""
    from localstack.aws import handlers

    handlers.modify_service_response.append("s3", sandbox_objects)
