"""Sandboxed objects: uploaded documents run no scripts in a browser.

On AWS, each bucket has an origin of its own. In an emulator, buckets by path share their origin
with REST APIs, and often with the AWS APIs.
"""

from typing import Any

from werkzeug import Response

from localstack_native.security.browsers import is_browser

_HEADERS = {
    # A document gets an opaque origin, and no scripts, forms or windows.
    "Content-Security-Policy": "sandbox",
    # An object with an image's content type is not shown as a document.
    "X-Content-Type-Options": "nosniff",
}


def sandbox_objects(
    chain: Any,  # noqa: ARG001
    context: Any,
    response: Response,
) -> None:
    """Add the headers to S3's response to a browser; they do not affect images on a page.

    Distributions are exempt: each has a host of its own.
    """
    headers = context.request.headers
    # A distribution forwards its viewer's headers. A page can't set Via.
    is_distribution = "(CloudFront)" in headers.get("Via", "")
    if is_browser(headers) and not is_distribution:
        response.headers.update(_HEADERS)
