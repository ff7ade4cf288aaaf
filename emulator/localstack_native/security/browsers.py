"""Detection of browser requests, navigations, REST API calls and browser-accessible S3 requests.

Any page that a user visits can make the browser send requests to loopback. A page can't remove the
headers that identify them: ``Sec-Fetch-*`` and ``Origin`` are forbidden header names, and
``User-Agent`` begins with ``Mozilla/`` in all browsers.

https://www.w3.org/TR/fetch-metadata/
https://fetch.spec.whatwg.org/#forbidden-request-header
"""

import re

from werkzeug.datastructures import Headers

_RESERVED = re.compile(r"/(?:_localstack|_emulator|_aws|_extension|restapis)(?:/|$)")
"""The emulator's own paths, on any host."""

_REST_API = re.compile(r"/(?:_aws/execute-api/[^/]+/|restapis/[^/]+/[^/]+/_user_request_(?:/|$))")
_REST_API_HOST = re.compile(r"[a-z0-9]+\.execute-api\..+")
_SIGNED = ("AWS4-", "AWS ")

NAVIGATION_HEADERS = ("Accept", "Sec-Fetch-Mode", "User-Agent")
"""The request headers that ``is_navigation`` reads, for ``Vary``."""


def is_browser(headers: Headers) -> bool:
    """Return whether a browser sent a request."""
    if "Origin" in headers or "Referer" in headers:
        return True
    if any(name.lower().startswith("sec-fetch-") for name in headers.keys()):  # noqa: SIM118
        return True
    agent = headers.get("User-Agent", "")
    # PowerShell's requests begin with Mozilla/ as well.
    return agent.startswith("Mozilla/") and "PowerShell" not in agent


def is_navigation(method: str, headers: Headers) -> bool:
    """Return whether a browser will show the response as a document, in a tab or in a frame.

    Browsers that send no ``Sec-Fetch-Mode`` accept text/html for documents only.
    """
    if mode := headers.get("Sec-Fetch-Mode"):
        return mode == "navigate"
    is_html = "text/html" in headers.get("Accept", "")
    return method in {"GET", "HEAD"} and is_html and is_browser(headers)


def is_rest_api(path: str, host: str) -> bool:
    """Return whether a request invokes a REST API (not an operation of API Gateway)."""
    if _REST_API.match(path):
        return True
    return bool(_REST_API_HOST.fullmatch(host)) and not _RESERVED.match(path)


def may_be_s3(path: str, headers: Headers) -> bool:
    """Return whether a request may be one to S3 that browsers are allowed to send.

    Such a request is presigned, a form, or anonymous: browsers sign no headers.
    """
    if _RESERVED.match(path) or "X-Amz-Target" in headers:
        return False
    return not headers.get("Authorization", "").startswith(_SIGNED)
