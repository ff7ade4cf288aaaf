"""One edge location: what a distribution answers its viewers."""

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from werkzeug.datastructures import Headers

from darkroom_emulator.cloudfront import headers, pages, policies
from darkroom_emulator.cloudfront.behaviors import behavior_of
from darkroom_emulator.cloudfront.cache import Cache
from darkroom_emulator.cloudfront.conditions import narrowed
from darkroom_emulator.cloudfront.fetching import Errand, Fetcher
from darkroom_emulator.cloudfront.forwarding import VIA
from darkroom_emulator.cloudfront.messages import Answer, OriginError, Query, Request
from darkroom_emulator.cloudfront.settings import settings_of
from darkroom_emulator.cloudfront.store import Distribution, store_of

CACHE_BYTES = int(os.environ.get("EMULATOR_CLOUDFRONT_CACHE_BYTES") or 256 * 1024 * 1024)
POP = "LOC50-P1"

_LOOP = 10

type Config = Mapping[str, Any]


class Edge:
    """The way of a request through a distribution.

    1. **Behavior.** ``/`` stands for the default root object. The first cache behavior whose
       path pattern has the path counts, or else the default one.
    2. **Viewer.** The behavior's protocol policy redirects or refuses; a method that it does not
       allow is refused.
    3. **Cache key.** The path, and of query string, headers, cookies and Accept-Encoding what the
       cache policy names.
    4. **Freshness.** What is kept and fresh is a *hit*. For what is stale the origin is asked
       whether it is still the same (a *refresh hit*). All else is a *miss*.
    5. **Origin.** It is sent what the cache policy and the origin request policy name. Viewers who
       want the same object at the same time wait for one request.
    6. **Error response.** An error that the distribution has a page for is replaced.
    7. **Headers.** Conditions and ranges are answered from the whole object; then the response
       headers policy is applied, and CloudFront's own headers are set.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowCloudFrontWorks.html
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehavior.html
    """

    def __init__(self, cache: Cache) -> None:
        self._fetcher = Fetcher(cache)

    def forget(self, distribution: str, patterns: list[str]) -> None:
        """Forget what an invalidation's paths cover, at once."""
        self._fetcher.forget(distribution, patterns)

    def answer(self, distribution: Distribution, request: Request) -> Answer:
        """Return what a viewer gets."""
        config = distribution.config
        if not config["Enabled"]:
            refused = pages.refusal(403, "The distribution is disabled.")
            return _signed(distribution, request, refused)
        if ", ".join(request.headers.getlist("Via")).count("(CloudFront)") >= _LOOP:
            reason = "The request has come through too many distributions: is one its own origin?"
            return _signed(distribution, request, pages.refusal(403, reason))
        if request.path == "/" and (root := config["DefaultRootObject"]):
            request = replace(request, path=f"/{root}")
        behavior = behavior_of(config, request.path)
        fetched = _turned_away(behavior, request) or self._fetched(distribution, behavior, request)
        answer = self._with_error_page(distribution, request, fetched)
        if answer is fetched and request.method in {"GET", "HEAD"}:
            answer = narrowed(answer, request.headers)
        if policy := behavior.get("ResponseHeadersPolicyId"):
            found = policies.find(policies.RESPONSE_HEADERS, store_of(distribution.account), policy)
            headers.apply(found.config, request.headers, answer.headers)
        return _signed(distribution, request, answer)

    def _fetched(self, distribution: Distribution, behavior: Config, request: Request) -> Answer:
        chosen, failover = _origins(distribution.config, behavior["TargetOriginId"])
        cached = behavior["AllowedMethods"]["CachedMethods"]["Items"]
        errand = Errand(
            distribution,
            chosen,
            failover,
            settings_of(store_of(distribution.account), behavior),
            request,
            frozenset({"GET", "HEAD", *cached}),
        )
        try:
            return self._fetcher.get(errand)
        except OriginError as error:
            return pages.refusal(error.status, str(error))

    def _with_error_page(
        self, distribution: Distribution, request: Request, answer: Answer
    ) -> Answer:
        """Return the page that the distribution has for an error, if it has one.

        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html
        """
        for each in (distribution.config.get("CustomErrorResponses") or {}).get("Items") or ():
            path = each.get("ResponsePagePath")
            if each["ErrorCode"] != answer.status or not path:
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
                return answer
            answer.close()
            return replace(page, status=int(each["ResponseCode"]), source="Error")
        return answer


def _turned_away(behavior: Config, request: Request) -> Answer | None:
    """Return the answer to a request that goes no further, by its protocol or its method.

    There is no certificate that a browser would trust, so that every request counts as one over
    HTTPS unless it says that it came otherwise.
    """
    is_plain = request.headers.get("X-Forwarded-Proto", "").lower() == "http"
    if is_plain and behavior["ViewerProtocolPolicy"] == "https-only":
        return pages.refusal(403, "The distribution does not allow HTTP: use HTTPS.")
    if is_plain and behavior["ViewerProtocolPolicy"] == "redirect-to-https":
        query = f"?{request.query.text}" if request.query.text else ""
        location = f"https://{request.headers.get('Host', '')}{request.path}{query}"
        return pages.redirect(301 if request.method in {"GET", "HEAD"} else 307, location)
    if request.method not in behavior["AllowedMethods"]["Items"]:
        return pages.refusal(
            403,
            "This distribution is not configured to allow the HTTP request method that was used"
            " for this request.",
        )
    if request.body and request.method in {"GET", "HEAD"}:
        return pages.refusal(403, "A GET request must not have a body.")
    return None


def _origins(config: Config, target: str) -> tuple[tuple[Config, ...], frozenset[int]]:
    """Return the origins of a target in the order to ask them, and the statuses to go on after.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html
    """
    by_id = {origin["Id"]: origin for origin in config["Origins"]["Items"]}
    for group in (config.get("OriginGroups") or {}).get("Items") or ():
        if group["Id"] == target:
            members = tuple(by_id[each["OriginId"]] for each in group["Members"]["Items"])
            return members, frozenset(group["FailoverCriteria"]["StatusCodes"]["Items"])
    return (by_id[target],), frozenset()


def _for_page(asked: Headers) -> Headers:
    """Return the headers that ask for an error's page: those of no particular object."""
    kept = Headers(asked)
    for name in [name for name, _ in asked]:
        if name.lower().startswith(("if-", "range")):
            kept.remove(name)
    return kept


def _signed(distribution: Distribution, request: Request, answer: Answer) -> Answer:
    """Set the headers that CloudFront signs its answers with."""
    if answer.status >= 400:
        answer.source = "Error"
    answer.headers["X-Cache"] = f"{answer.source} from cloudfront"
    own = VIA.format(distribution.id.lower())
    answer.headers["Via"] = ", ".join([*answer.headers.getlist("Via"), own])
    answer.headers["X-Amz-Cf-Pop"] = POP
    answer.headers["X-Amz-Cf-Id"] = base64.urlsafe_b64encode(secrets.token_bytes(42)).decode()
    if isinstance(answer.body, bytes) and answer.status not in {204, 304}:
        if request.method != "HEAD":
            answer.headers["Content-Length"] = str(len(answer.body))
        elif answer.body:
            answer.headers.setdefault("Content-Length", str(len(answer.body)))
    return answer


EDGE = Edge(Cache(CACHE_BYTES))
"""The one edge location that there is."""
