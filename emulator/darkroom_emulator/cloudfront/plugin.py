"""The way of a viewer's request from LocalStack's gateway to a distribution."""

import logging
import re
from typing import Any
from urllib.parse import quote, urlsplit

from localstack.aws.api import RequestContext
from localstack.runtime import hooks
from localstack.utils.urls import localstack_host
from rolo import Response
from rolo.gateway import HandlerChain

from darkroom_emulator.cloudfront import store
from darkroom_emulator.cloudfront.store import Distribution
from darkroom_emulator.security.browsers import NAVIGATION_HEADERS, is_navigation
from darkroom_emulator.security.hosts import AllowedHosts

LOG = logging.getLogger(__name__)
PATH = "/_aws/cloudfront/"

_HOST = re.compile(r"(?P<id>[a-z0-9]+)\.cloudfront\.(?P<domain>.+)")
_LOCAL_DOMAINS = {"localhost", "localhost.localstack.cloud"}
_AS_SENT = "".join(map(chr, range(0x21, 0x7F)))
"""The characters that stand in a Location header as they are."""
_UNKNOWN = "There is no distribution with this identifier."


def answer_viewers(chain: HandlerChain[Any], context: RequestContext, response: Response) -> None:
    """Answer a request to a distribution; let all others pass.

    It comes before all that LocalStack does with a request: what a distribution answers to other
    origins is the distribution's matter alone, and no host of one may be taken for a bucket's.
    """
    path, _, query = _target(context).partition("?")
    if path.startswith(PATH):
        name, _, rest = path.removeprefix(PATH).partition("/")
        found, path = _by_id(name), f"/{rest}"
        viewer = context.request
        # By another name, a browser is on another machine, where *.localhost is another place.
        is_here = AllowedHosts([localstack_host().host]).allow(viewer.host)
        if found and is_here and is_navigation(viewer.method, viewer.headers):
            _redirect(found, path, query, context, response)
        else:
            _answer(found, path, query, context, response)
        # A browser must not show as a document what it keeps of this address as an image.
        response.vary.update(NAVIGATION_HEADERS)
    else:
        is_one, found = _by_host(_host(context))
        if not is_one:
            return
        _answer(found, path, query, context, response)
    # Not stop(): LocalStack would add its own headers for requests that cross origins.
    chain.terminate()


def is_viewer(context: RequestContext) -> bool:
    """Return whether a request is one to a distribution, or to the address of one."""
    return _target(context).startswith(PATH) or has_own_host(context)


def has_own_host(context: RequestContext) -> bool:
    """Return whether a request is addressed to a distribution's name, or to one of its aliases."""
    return _by_host(_host(context))[0]


def _host(context: RequestContext) -> str:
    host = context.request.host
    return (host.rpartition(":")[0] or host).lower()


def _target(context: RequestContext) -> str:
    """Return path and query as they were sent; who asks a proxy sends the host with them."""
    target = str(context.request.environ.get("RAW_URI") or context.request.path)
    if target.startswith("/"):
        return target
    absolute = urlsplit(target)
    return f"{absolute.path or '/'}?{absolute.query}"


def _by_id(id_: str) -> Distribution | None:
    wanted = id_.upper()
    return next((each for each in store.distributions() if each.id == wanted), None)


def _by_host(host: str) -> tuple[bool, Distribution | None]:
    """Tell whether a host is a distribution's, and return that, if there is one."""
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
    """Send a browser to the distribution's own host, and so its documents to an origin of theirs.

    At the address by path, all distributions, REST APIs and buckets are one origin. The redirect is
    temporary: the same address is served to what is no document.
    """
    target = f"{path}?{query}" if query else path
    location = f"{context.request.scheme}://{distribution.domain_name}{quote(target, _AS_SENT)}"
    response.status_code = 307
    response.headers.clear()
    response.headers.update({"Location": location, "Cache-Control": "no-store"})
    response.data = b""


def _answer(
    distribution: Distribution | None,
    path: str,
    query: str,
    context: RequestContext,
    response: Response,
) -> None:
    from darkroom_emulator.cloudfront import pages
    from darkroom_emulator.cloudfront.edge import EDGE
    from darkroom_emulator.cloudfront.messages import Query, Request

    viewer = context.request
    if distribution is None:
        answer = pages.refusal(404, _UNKNOWN)
    else:
        request = Request(
            viewer.method,
            path,
            Query(query),
            viewer.headers,
            viewer.get_data(),
            viewer.remote_addr or "127.0.0.1",
        )
        try:
            answer = EDGE.answer(distribution, request)
        except Exception:
            # Whatever it was: the request must not be taken for one to LocalStack.
            LOG.exception("CloudFront failed to answer %s %s", viewer.method, path)
            answer = pages.refusal(500, "The emulator failed; its log says why.")
    response.status_code = answer.status
    response.headers.clear()
    response.headers.extend(answer.headers)
    response.response = [] if viewer.method == "HEAD" else _parts(answer.body)
    response.call_on_close(answer.close)


def _parts(body: Any) -> Any:
    return [body] if isinstance(body, bytes) else body


@hooks.on_infra_start()
def serve_distributions() -> None:
    """Let viewers in."""
    from localstack.aws import handlers

    handlers.preprocess_request.handlers.insert(0, answer_viewers)
