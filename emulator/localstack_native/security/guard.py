"""Request guards: handlers that refuse foreign hosts, browser requests and wrong signatures.

They run before LocalStack's handlers.

1. **Host.** A foreign host name is refused with 421.
2. **Browsers** may reach CloudFront distributions, REST APIs, and S3 by presigned or anonymous
   requests and forms, which ``access/`` checks later. Their other requests are refused with 403.
3. **Signatures.** A wrong signature is recorded. When LocalStack has parsed the request, it is
   refused with an error in the service's protocol. Unsigned queries (``/?Action=…``), which any
   link can send, are refused immediately.
"""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from localstack.aws.api import RequestContext
from localstack.aws.handlers import serve_localstack_resources
from localstack.http import Request
from localstack.services.edge import ROUTER
from localstack.services.sqs.utils import is_sqs_queue_url
from rolo import Response
from rolo.gateway import HandlerChain
from werkzeug.exceptions import HTTPException

from localstack_native.cloudfront.plugin import has_own_host, is_viewer
from localstack_native.security import browsers, signatures, trust
from localstack_native.security.hosts import AllowedHosts, name_of

if TYPE_CHECKING:
    from localstack_native.security.signatures import Fault

LOG = logging.getLogger(__name__)

_NOT_FOR_BROWSERS = (
    "The emulator does not serve this to web browsers, because any web page could request it."
    " Browsers can reach CloudFront distributions, REST APIs, and presigned or public S3 objects."
    " Use a command-line client or an SDK. EMULATOR_FEATURES=all,-browsers disables this check.\n"
)
_FOREIGN_HOST = (
    "The emulator does not serve the host {host}. It serves localhost, *.localhost, loopback"
    " addresses and LOCALSTACK_HOST. Add other host names to EMULATOR_HOSTS, separated by commas.\n"
)
_UNSIGNED_QUERY = (
    '<?xml version="1.0"?>\n<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>'
    "<Message>{message}</Message></Error></ErrorResponse>\n"
)


class BrowserGuard:
    """Refuses foreign hosts, and browser requests to everything that is not for browsers."""

    def __init__(self, hosts: AllowedHosts) -> None:
        self._hosts = hosts

    def check(self, chain: HandlerChain[Any], context: RequestContext, response: Response) -> None:
        """Refuse a request before any other handler runs."""
        request = context.request
        if _is_trusted(context):
            return
        host, is_to_edge = request.headers.get("Host", ""), is_viewer(context)
        # An alias may be any name. With a distribution's path, the host may be a rebound name.
        if host and not (has_own_host(context) or self._hosts.allow(host)):
            _refuse(chain, context, response, 421, _FOREIGN_HOST.format(host=host[:253]))
        elif not browsers.is_browser(request.headers):
            return
        elif not (is_to_edge or browsers.is_rest_api(request.path, name_of(host))):
            if not _may_be_s3(request):
                _refuse(chain, context, response, 403, _NOT_FOR_BROWSERS)
            _note(context, is_browser=True)

    def check_service(
        self, chain: HandlerChain[Any], context: RequestContext, response: Response
    ) -> None:
        """Refuse a browser's request that LocalStack routes to another service than S3."""
        if not getattr(context, "is_browser", False):
            return
        if context.service is None or context.service.service_name != "s3":
            _refuse(chain, context, response, 403, _NOT_FOR_BROWSERS)


class SignatureGuard:
    """Refuses requests whose signature is wrong or missing."""

    def check(self, chain: HandlerChain[Any], context: RequestContext, response: Response) -> None:
        """Record the fault of a signature, calculated from the unparsed request."""
        request = context.request
        if _is_trusted(context) or is_viewer(context):
            return
        if browsers.is_rest_api(request.path, name_of(request.headers.get("Host", ""))):
            return  # REST APIs have their own authorizers
        fault = signatures.fault_of(request)
        is_signed = signatures.is_signed(request)
        _note(context, signature_fault=fault, was_signed=is_signed)
        is_query = request.method in {"GET", "HEAD"} and "Action" in request.args
        if not (is_query or is_sqs_queue_url(request.path)):
            return
        # LocalStack serves queue URLs before it knows the service.
        if fault is None and not is_signed:
            fault = "missing"
        if fault is not None:
            code, message = signatures.query_error(fault)
            text = _UNSIGNED_QUERY.format(code=code, message=message)
            _refuse(chain, context, response, 403, text, "text/xml")

    def check_service(
        self,
        chain: HandlerChain[Any],  # noqa: ARG002
        context: RequestContext,
        response: Response,  # noqa: ARG002
    ) -> None:
        """Raise the service's error for a recorded fault, or for a missing signature."""
        if context.service is None or _is_trusted(context):
            return
        fault: Fault | None = getattr(context, "signature_fault", None)
        if fault is None and _needs_signature(context):
            fault = "missing"
        if fault is not None:
            raise signatures.error_for(fault, context)


def _needs_signature(context: RequestContext) -> bool:
    """Return whether the request is refused without a signature; ``access/`` decides for S3."""
    service, operation = context.service, context.operation
    if service is None or operation is None or service.service_name == "s3":
        return False
    return operation.auth_type != "none" and not getattr(context, "was_signed", False)


def _may_be_s3(request: Request) -> bool:
    if not browsers.may_be_s3(request.path, request.headers):
        return False
    routers: list[Any] = [ROUTER, serve_localstack_resources.resources]
    return not any(_routes(router, request) for router in routers)


def _routes(router: Any, request: Request) -> bool:
    """Return whether a LocalStack router serves a path, with this or another method."""
    matcher = router.url_map.bind(server_name=request.host)
    methods: tuple[str, ...] = (request.method, "GET", "POST")
    return any(_matches(matcher.match, request.path, method) for method in methods)


def _matches(match: Callable[..., Any], path: str, method: str) -> bool:
    try:
        match(path, method=method)
    except HTTPException:
        return False
    return True


def _is_trusted(context: RequestContext) -> bool:
    """Return whether this process sent the request; remove the token from it."""
    if trust.HEADER in context.request.headers:
        is_ours = trust.is_token(context.request.headers[trust.HEADER])
        del context.request.headers[trust.HEADER]
        _note(context, is_trusted=is_ours)
    return bool(getattr(context, "is_trusted", False))


def _note(context: RequestContext, **facts: Any) -> None:
    for name, value in facts.items():
        setattr(context, name, value)


def _refuse(
    chain: HandlerChain[Any],
    context: RequestContext,
    response: Response,
    status: int,
    text: str,
    media_type: str = "text/plain",
) -> None:
    """Respond with an error. No other handler runs, so no CORS header lets a page read it."""
    headers = context.request.headers
    LOG.warning(
        "Refused with %d: %s %s (Host %s, Origin %s, Referer %s)",
        status, context.request.method, context.request.path[:200],
        *(headers.get(name, "-")[:200] for name in ("Host", "Origin", "Referer")),
    )  # fmt: skip
    response.status_code = status
    response.headers.clear()
    response.headers["Content-Type"] = f"{media_type}; charset=utf-8"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.set_data(text)
    chain.terminate()
