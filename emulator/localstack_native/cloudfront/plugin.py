"""Gateway handler that routes viewer requests to distributions."""

import logging
import re
from typing import Any
from urllib.parse import quote, urlsplit

from localstack.aws.api import RequestContext
from localstack.utils.urls import localstack_host
from rolo import Response
from rolo.gateway import HandlerChain

from localstack_native.cloudfront import store
from localstack_native.cloudfront.store import Distribution
from localstack_native.security.browsers import NAVIGATION_HEADERS, is_navigation
from localstack_native.security.hosts import AllowedHosts

LOG = logging.getLogger(__name__)
PATH = "/_aws/cloudfront/"

_HOST = re.compile(r"(?P<id>[a-z0-9]+)\.cloudfront\.(?P<domain>.+)")
_LOCAL_DOMAINS = {"localhost", "localhost.localstack.cloud"}
_AS_SENT = "".join(map(chr, range(0x21, 0x7F)))
"""Characters that are not encoded in a Location header."""
_UNKNOWN = "No distribution has this identifier."


def serve_viewers(chain: HandlerChain[Any], context: RequestContext, response: Response) -> None:
    """Serve a request to a distribution; leave all others to LocalStack.

    It runs before LocalStack's own handlers: cross-origin rules are the distribution's, and its
    host must not be taken for a bucket's.
    """
    path, _, query = _target(context).partition("?")
    if path.startswith(PATH):
        name, _, rest = path.removeprefix(PATH).partition("/")
        found, path, prefix = _by_id(name), f"/{rest}", f"{PATH}{name}"
        viewer = context.request
        # With another host name, the browser is on another machine, where *.localhost differs.
        is_here = AllowedHosts([localstack_host().host]).allow(viewer.host)
        if found and is_here and is_navigation(viewer.method, viewer.headers):
            _redirect(found, path, query, context, response)
        else:
            _respond(found, path, query, context, response, prefix)
        # A browser must not show as a document what it has cached as an image.
        response.vary.update(NAVIGATION_HEADERS)
    else:
        is_one, found = _by_host(_host(context))
        if not is_one:
            return
        _respond(found, path, query, context, response)
    # Not stop(): LocalStack would add its own CORS headers.
    chain.terminate()


def is_viewer(context: RequestContext) -> bool:
    """Return whether a request is addressed to a distribution, by path or by host."""
    return _target(context).startswith(PATH) or has_own_host(context)


def has_own_host(context: RequestContext) -> bool:
    """Return whether a request is addressed to a distribution's host or to an alias."""
    return _by_host(_host(context))[0]


def _host(context: RequestContext) -> str:
    host = context.request.host
    return (host.rpartition(":")[0] or host).lower()


def _target(context: RequestContext) -> str:
    """Return path and query as they were sent; a client of a proxy sends the host as well."""
    target = str(context.request.environ.get("RAW_URI") or context.request.path)
    if target.startswith("/"):
        return target
    absolute = urlsplit(target)
    return f"{absolute.path or '/'}?{absolute.query}"


def _by_id(id_: str) -> Distribution | None:
    wanted = id_.upper()
    return next((each for each in store.distributions() if each.id == wanted), None)


def _by_host(host: str) -> tuple[bool, Distribution | None]:
    """Return whether a host is a distribution's, and the distribution if it exists."""
    found = _HOST.fullmatch(host)
    if found and found["domain"] in _LOCAL_DOMAINS | {localstack_host().host}:
        return True, _by_id(found["id"])
    names = {host, f"*.{host.partition('.')[2]}"}
    for each in store.distributions():
        if names & {alias.lower() for alias in each.config["Aliases"].get("Items", ())}:
            return True, each
    return False, None


def _redirect(
    distribution: Distribution,
    path: str,
    query: str,
    context: RequestContext,
    response: Response,
) -> None:
    """Redirect a browser to the distribution's own host, where documents have their own origin.

    By path, all distributions, REST APIs and buckets share one origin. The redirect is temporary,
    because requests for other things than documents are served by path.
    """
    target = f"{path}?{query}" if query else path
    location = f"{context.request.scheme}://{distribution.domain_name}{quote(target, _AS_SENT)}"
    response.status_code = 307
    response.headers.clear()
    response.headers.update({"Location": location, "Cache-Control": "no-store"})
    response.data = b""


def _respond(
    distribution: Distribution | None,
    path: str,
    query: str,
    context: RequestContext,
    response: Response,
    prefix: str = "",
) -> None:
    from localstack_native.cloudfront import pages
    from localstack_native.cloudfront.edge import EDGE
    from localstack_native.cloudfront.messages import Query, Request

    viewer = context.request
    if distribution is None:
        served = pages.error_response(404, _UNKNOWN)
    else:
        request = Request(
            viewer.method,
            path,
            Query(query),
            viewer.headers,
            viewer.get_data(),
            viewer.remote_addr or "127.0.0.1",
            prefix,
        )
        try:
            served = EDGE.respond(distribution, request)
        except Exception:
            # After any error, LocalStack's other handlers must not serve the request.
            LOG.exception("CloudFront failed to serve %s %s", viewer.method, path)
            served = pages.error_response(500, "The emulator failed. See its log for the error.")
    response.status_code = served.status
    response.headers.clear()
    response.headers.extend(served.headers)
    response.response = [] if viewer.method == "HEAD" else _parts(served.body)
    response.call_on_close(served.close)


def _parts(body: Any) -> Any:
    return [body] if isinstance(body, bytes) else body


def serve_distributions() -> None:
    """Insert the handler of viewer requests, and that of requests to key value stores."""
    from localstack.aws import handlers

    from localstack_native.security import version_4a

    # The check of signatures is inserted later, and runs earlier.
    handlers.preprocess_request.handlers.insert(0, version_4a.accept)
    handlers.preprocess_request.handlers.insert(0, serve_viewers)
