"""Which pages of other sites may call: cross-origin resource sharing, by the Fetch standard."""

from collections.abc import Collection
from dataclasses import dataclass
from http import HTTPStatus

from processor.api.http.problems import ProblemError
from processor.api.http.request import Request
from processor.api.http.response import JSON

HEADERS = "content-type, x-api-key, authorization, x-amz-date, x-amz-security-token"
SECONDS = 3600
"""How long a browser may remember what it was told."""


@dataclass(frozen=True, slots=True)
class Cors:
    """Knows the origins that may call."""

    origins: Collection[str]

    def check(self, request: Request) -> None:
        """Refuse a browser's POST that it sends without a preflight. Raises ``ProblemError``.

        Any page may send a form or a text to any site: only the answer is kept from it. JSON takes
        a preflight, and every other method that changes something does, too.
        https://fetch.spec.whatwg.org/#cors-safelisted-request-header
        """
        if request.method == "POST" and "origin" in request.headers and request.media_type != JSON:
            raise ProblemError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                "not-json",
                "A page's POST has to be JSON, so that the browser asks first whether the page may "
                f"send it. Send content-type: {JSON}.",
            )

    def headers(self, request: Request) -> dict[str, str]:
        """What every answer says."""
        if not self.origins:
            return {}
        origin = request.headers.get("origin", "")
        allowed = {"Access-Control-Allow-Origin": origin} if origin in self.origins else {}
        exposed = {"Access-Control-Expose-Headers": "retry-after"} if allowed else {}
        return {"Vary": "Origin", **allowed, **exposed}

    def preflight(self, request: Request, methods: str) -> dict[str, str]:
        """What a browser is told that asks whether it may send a request of these methods."""
        if request.headers.get("origin", "") not in self.origins:
            return {}
        return {
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": HEADERS,
            "Access-Control-Max-Age": str(SECONDS),
        }
