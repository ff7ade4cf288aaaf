"""Origin requests: the headers, cookies and query strings of a viewer request that are forwarded.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html#request-custom-headers-behavior
"""

from dataclasses import replace

from werkzeug.datastructures import Headers

from localstack_native.cloudfront.cache import Key
from localstack_native.cloudfront.messages import HOP_BY_HOP, Query, Request
from localstack_native.cloudfront.settings import Settings

USER_AGENT = "Amazon CloudFront"
VIA = "1.1 {}.cloudfront.net (CloudFront)"

_ALWAYS = frozenset({"content-type", "content-md5", "date"})
_CONDITIONS = frozenset(
    {"if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "range"}
)
# Each has rules of its own.
_SPECIAL = HOP_BY_HOP | _CONDITIONS | {
    "accept-encoding", "authorization", "content-length", "cookie", "expect", "via",
    "x-forwarded-for", "x-forwarded-proto",
}  # fmt: skip


def key_of(distribution: str, request: Request, settings: Settings) -> Key:
    """Return the cache key of a request."""
    policy = settings.key
    return Key(
        distribution,
        request.path,
        policy.query_of(request.query),
        "OPTIONS" if request.method == "OPTIONS" else "GET",
        tuple(
            sorted(
                (name.lower(), value)
                for name, value in request.headers
                if name.lower() not in _SPECIAL - {"authorization"}
                and policy.headers.takes(name.lower())
            )
        ),
        policy.cookie(request.headers),
        settings.encodings_for(request.headers),
    )


def forwarded(distribution: str, request: Request, settings: Settings, *, whole: bool) -> Request:
    """Return the request for the origin.

    ``whole`` leaves out the viewer's conditions and range, to get the whole object.
    """
    sent = (settings.key, settings.sent)
    headers = Headers()
    for name, value in request.headers:
        lower = name.lower()
        if lower in _CONDITIONS and not whole:
            headers.add(name, value)
        if lower in _SPECIAL:
            continue
        if lower in _ALWAYS or any(each.headers.takes(lower) for each in sent):
            headers.add(name, value)
    _add_authorization(headers, request, settings)
    _add_encoding(headers, request, settings)
    cookie = "; ".join(
        part.strip()
        for part in ";".join(request.headers.getlist("Cookie")).split(";")
        if part.strip() and any(each.cookies.takes(part.strip().partition("=")[0]) for each in sent)
    )
    if cookie:
        headers["Cookie"] = cookie
    headers.setdefault("User-Agent", USER_AGENT)
    via = [*request.headers.getlist("Via"), VIA.format(distribution.lower())]
    headers["Via"] = ", ".join(via)
    headers["X-Forwarded-For"] = ", ".join(
        [*request.headers.getlist("X-Forwarded-For"), request.address]
    )
    query = request.query.only(lambda name: any(each.query.takes(name) for each in sent))
    return replace(request, headers=headers, query=Query(query.text))


def _add_authorization(headers: Headers, request: Request, settings: Settings) -> None:
    """Forward Authorization with uncacheable methods, or if the cache key contains it."""
    if "Authorization" not in request.headers:
        return
    is_cached = request.method in {"GET", "HEAD"}
    if (
        not is_cached
        or settings.key.headers.takes("authorization")
        or settings.sent.headers.behavior == "allViewer"
    ):
        headers["Authorization"] = request.headers["Authorization"]


def _add_encoding(headers: Headers, request: Request, settings: Settings) -> None:
    if settings.encodings:
        if accepted := settings.encodings_for(request.headers):
            headers["Accept-Encoding"] = accepted
    elif "Accept-Encoding" in request.headers and any(
        each.headers.takes("accept-encoding") for each in (settings.key, settings.sent)
    ):
        headers["Accept-Encoding"] = request.headers["Accept-Encoding"]
