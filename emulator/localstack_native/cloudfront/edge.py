"""Edge location: the processing of viewer requests by a distribution."""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from werkzeug.datastructures import Headers

from localstack_native.cloudfront import headers, pages, policies, signed_requests
from localstack_native.cloudfront.behaviors import behavior_of
from localstack_native.cloudfront.cache import Cache
from localstack_native.cloudfront.conditions import narrowed
from localstack_native.cloudfront.fetching import Fetcher, OriginFetch
from localstack_native.cloudfront.forwarding import VIA
from localstack_native.cloudfront.functions import associations, origin_changes
from localstack_native.cloudfront.messages import OriginError, Query, Request, Response
from localstack_native.cloudfront.settings import settings_of
from localstack_native.cloudfront.store import Distribution, store_of

CACHE_BYTES = int(os.environ.get("EMULATOR_CLOUDFRONT_CACHE_BYTES") or 256 * 1024 * 1024)
POP = "LOC50-P1"

_LOOP = 10

type Config = Mapping[str, Any]


class Edge:
    """The edge location, which serves each viewer request in these steps.

    1. **Behavior.** ``/`` is replaced by the default root object. The first cache behavior whose
       path pattern matches applies, or else the default one.
    2. **Viewer.** The behavior's protocol policy redirects or refuses the request. Methods that it
       does not allow, and requests that are not signed as it demands, are refused. Its function for
       viewer requests changes the rest, or responds.
    3. **Cache key.** It consists of the path, and of the parts of query string, headers, cookies
       and Accept-Encoding that the cache policy names.
    4. **Freshness.** A fresh entry is a *hit*. A stale one is revalidated at the origin (a *refresh
       hit*). Everything else is a *miss*.
    5. **Origin.** It receives what the cache policy and the origin request policy name.
       Simultaneous requests for one object are collapsed into one.
    6. **Error response.** An error is replaced by the distribution's page for it.
    7. **Headers.** Conditions and ranges are evaluated on the whole object. Then the response
       headers policy, the function for viewer responses, and CloudFront's own headers are applied.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowCloudFrontWorks.html
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehavior.html
    """

    def __init__(self, cache: Cache) -> None:
        self._fetcher = Fetcher(cache)

    def invalidate(self, distribution: str, patterns: list[str]) -> None:
        """Remove the entries that an invalidation's paths match, immediately."""
        self._fetcher.invalidate(distribution, patterns)

    def respond(self, distribution: Distribution, request: Request) -> Response:
        """Return the response to a viewer's request."""
        config, id_ = distribution.config, associations.new_request_id()
        if not config["Enabled"]:
            response = pages.error_response(403, "The distribution is disabled.")
            return _finished(distribution, request, response, id_)
        if ", ".join(request.headers.getlist("Via")).count("(CloudFront)") >= _LOOP:
            reason = (
                f"The request has passed {_LOOP} distributions. Check whether a distribution is its"
                " own origin."
            )
            return _finished(distribution, request, pages.error_response(403, reason), id_)
        behavior = behavior_of(config, _with_root(config, request).path)
        rejected = _rejected(behavior, request) or signed_requests.refusal(
            distribution, behavior, request
        )
        if rejected:
            passed: associations.Passed | Response = rejected
        else:
            request = signed_requests.unsigned(behavior, request)
            passed = associations.viewer_request(distribution, behavior, request, id_)
        if isinstance(passed, Response):
            if passed is rejected:
                passed = self._with_error_page(distribution, request, passed)
                _apply_policy(distribution, behavior, request, passed)
            return _finished(distribution, request, passed, id_)
        request = _with_root(config, passed.request)
        fetched = self._fetched(distribution, behavior, request, passed.origin)
        response = self._with_error_page(distribution, request, fetched)
        if response is fetched and request.method in {"GET", "HEAD"}:
            response = narrowed(response, request.headers)
        _apply_policy(distribution, behavior, request, response)
        if fetched.status < 400:  # an error page's status may be lower
            response = associations.viewer_response(
                distribution, behavior, passed.request, response, id_
            )
        return _finished(distribution, request, response, id_)

    def _fetched(
        self,
        distribution: Distribution,
        behavior: Config,
        request: Request,
        changes: Config | None = None,
    ) -> Response:
        chosen, failover = _origins(distribution.config, behavior["TargetOriginId"])
        if changes:
            try:
                chosen, failover = origin_changes.applied(
                    distribution.config, chosen, failover, changes
                )
            except OriginError as error:
                return pages.error_response(error.status, str(error))
        cached = behavior["AllowedMethods"]["CachedMethods"]["Items"]
        fetch = OriginFetch(
            distribution,
            chosen,
            failover,
            settings_of(store_of(distribution.account), behavior),
            request,
            frozenset({"GET", "HEAD", *cached}),
        )
        try:
            return self._fetcher.get(fetch)
        except OriginError as error:
            return pages.error_response(error.status, str(error))

    def _with_error_page(
        self, distribution: Distribution, request: Request, response: Response
    ) -> Response:
        """Return the distribution's page for an error, or the response if it has none.

        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html
        """
        for each in (distribution.config.get("CustomErrorResponses") or {}).get("Items") or ():
            path = each.get("ResponsePagePath")
            if each["ErrorCode"] != response.status or not path:
                continue
            wanted = replace(
                request,
                method="GET",
                path=path,
                query=Query(""),
                body=b"",
                headers=_for_page(request.headers),
            )
            behavior = behavior_of(distribution.config, path)
            page = self._fetched(distribution, behavior, wanted)
            if page.status != 200:
                page.close()
                return response
            response.close()
            return replace(page, status=int(each["ResponseCode"]), source="Error")
        return response


def _rejected(behavior: Config, request: Request) -> Response | None:
    """Return a redirect or error for a request with a refused protocol or method, else None.

    The emulator has no certificate that browsers trust. So a request counts as one over HTTPS
    unless ``X-Forwarded-Proto`` is ``http``.
    """
    is_plain = request.headers.get("X-Forwarded-Proto", "").lower() == "http"
    if is_plain and behavior["ViewerProtocolPolicy"] == "https-only":
        return pages.error_response(403, "The distribution does not allow HTTP: use HTTPS.")
    if is_plain and behavior["ViewerProtocolPolicy"] == "redirect-to-https":
        query = f"?{request.query.text}" if request.query.text else ""
        host = request.headers.get("Host", "")
        location = f"https://{host}{request.prefix}{request.path}{query}"
        return pages.redirect(301 if request.method in {"GET", "HEAD"} else 307, location)
    if request.method not in behavior["AllowedMethods"]["Items"]:
        return pages.error_response(
            403,
            "This distribution is not configured to allow the HTTP request method that was used"
            " for this request.",
        )
    if request.body and request.method in {"GET", "HEAD"}:
        return pages.error_response(403, "A GET request must not have a body.")
    return None


def _origins(config: Config, target: str) -> tuple[tuple[Config, ...], frozenset[int]]:
    """Return a target's origins in failover order, and the statuses that cause a failover.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html
    """
    by_id = {origin["Id"]: origin for origin in config["Origins"]["Items"]}
    for group in (config.get("OriginGroups") or {}).get("Items") or ():
        if group["Id"] == target:
            members = tuple(by_id[each["OriginId"]] for each in group["Members"]["Items"])
            return members, frozenset(group["FailoverCriteria"]["StatusCodes"]["Items"])
    return (by_id[target],), frozenset()


def _for_page(request_headers: Headers) -> Headers:
    """Return the headers for the request of an error page: without conditions and range."""
    kept = Headers(request_headers)
    for name in [name for name, _ in request_headers]:
        if name.lower().startswith(("if-", "range")):
            kept.remove(name)
    return kept


def _with_root(config: Config, request: Request) -> Request:
    """Return the request, with the default root object for ``/``."""
    root = config["DefaultRootObject"]
    return replace(request, path=f"/{root}") if request.path == "/" and root else request


def _apply_policy(
    distribution: Distribution, behavior: Config, request: Request, response: Response
) -> None:
    """Apply the behavior's response headers policy."""
    if policy := behavior.get("ResponseHeadersPolicyId"):
        found = policies.find(policies.RESPONSE_HEADERS, store_of(distribution.account), policy)
        headers.apply(found.config, request.headers, response.headers)


def _finished(
    distribution: Distribution, request: Request, response: Response, id_: str
) -> Response:
    """Return the response with CloudFront's own headers."""
    if response.status >= 400 and not response.source.startswith("Function"):
        response.source = "Error"
    response.headers["X-Cache"] = f"{response.source} from cloudfront"
    own = VIA.format(distribution.id.lower())
    response.headers["Via"] = ", ".join([*response.headers.getlist("Via"), own])
    response.headers["X-Amz-Cf-Pop"] = POP
    response.headers["X-Amz-Cf-Id"] = id_
    if isinstance(response.body, bytes) and response.status not in {204, 304}:
        if request.method != "HEAD":
            response.headers["Content-Length"] = str(len(response.body))
        elif response.body:
            response.headers.setdefault("Content-Length", str(len(response.body)))
    return response


EDGE = Edge(Cache(CACHE_BYTES))
"""The only edge location."""
