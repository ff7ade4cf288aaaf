"""Cross-origin resource sharing (CORS): which other sites' pages may call the API.

Kept beside Powertools' ``CORSConfig``, which sends no ``Vary: Origin`` and lets a page POST a form
or a text without a preflight request. https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from collections.abc import Collection
from dataclasses import dataclass
from http import HTTPStatus

from processor.api.http.problems import ProblemError
from processor.api.http.request import Request
from processor.api.http.response import JSON

ALLOWED_HEADERS = (
    "content-type, if-match, x-api-key, authorization, x-amz-date, x-amz-security-token"
)
PREFLIGHT_MAX_AGE = 3600
"""Seconds for which a browser may cache a preflight response."""


@dataclass(frozen=True, slots=True)
class Cors:
    """CORS for a set of allowed origins."""

    origins: Collection[str]

    def check(self, request: Request) -> None:
        """Raise ``ProblemError`` for a POST that a browser sends without a preflight request.

        Any page may POST a form or a text to any site; the browser only hides the response from it.
        JSON needs a preflight request, and so do the other methods that change something.
        https://fetch.spec.whatwg.org/#cors-safelisted-request-header
        """
        if request.method == "POST" and "origin" in request.headers and request.media_type != JSON:
            raise ProblemError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                "not-json",
                f"The content type is {request.media_type[:99]!r}. A web page must send JSON, so "
                f"that the browser sends a preflight request first. Send content-type: {JSON}.",
            )

    def headers(self, request: Request) -> dict[str, str]:
        """Return the CORS headers of any response to a request."""
        if not self.origins:
            return {}
        origin = request.headers.get("origin", "")
        if origin not in self.origins:
            return {"Vary": "Origin"}
        return {
            "Vary": "Origin",
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": "retry-after",
        }

    def preflight_headers(self, request: Request, methods: str) -> dict[str, str]:
        """Return the further headers of a response to a preflight request."""
        if request.headers.get("origin", "") not in self.origins:
            return {}
        return {
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": ALLOWED_HEADERS,
            "Access-Control-Max-Age": str(PREFLIGHT_MAX_AGE),
        }
