"""The way of a viewer's request from LocalStack's gateway to a distribution."""

import logging
import re
from typing import Any
from urllib.parse import urlsplit

from localstack.aws.api import RequestContext
from localstack.runtime import hooks
from localstack.utils.urls import localstack_host
from rolo import Response
from rolo.gateway import HandlerChain

from darkroom_emulator.cloudfront import store
from darkroom_emulator.cloudfront.store import Distribution

LOG = logging.getLogger(__name__)
PATH = "/_aws/cloudfront/"

_HOST = re.compile(r"(?P<id>[a-z0-9]+)\.cloudfront\.(?P<domain>.+)")
_LOCAL_DOMAINS = {"localhost", "localhost.localstack.cloud"}
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
    else:
        is_one, found = _by_host(_host(context))
        if not is_one:
            return
    _answer(found, path, query, context, response)
    # Not stop(): LocalStack would add its own headers for requests that cross origins.
    chain.terminate()


def is_viewer(context: RequestContext) -> bool:
    """Return whether a request is one to a distribution, or to the address of one."""
    return _target(context).startswith(PATH) or _by_host(_host(context))[0]


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
