"""Function URLs: events, responses and errors as on AWS.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
"""

import json
import re
from typing import Any

from localstack.aws.api import RequestContext
from localstack.services.edge import ROUTER
from rolo import Response
from rolo.gateway import HandlerChain
from werkzeug.exceptions import NotFound

from localstack_native.access import mode
from localstack_native.awslambda.plugins import REQUEST_BYTES
from localstack_native.security import trust

_HOST = re.compile(r"[a-z0-9-]+\.lambda-url\.[a-z0-9-]+\..+", re.IGNORECASE)


def serve(chain: HandlerChain[Any], context: RequestContext, response: Response) -> None:
    """Serve a request to a function URL; leave all others to LocalStack.

    It runs before LocalStack's own handlers, which refuse origins of pages, respond to OPTIONS
    requests, and add CORS headers. CloudFront sends requests of pages here.
    """
    if not _HOST.fullmatch(context.request.host):
        return
    try:
        response.update_from(ROUTER.dispatch(context.request))
    except NotFound:
        return  # Lambda is not loaded
    chain.terminate()


def handle(invoke: Any, self: Any, request: Any, api_id: str, region: str, **more: Any) -> Any:
    """Respond to a request to a function URL, if its policies allow the request."""
    from localstack.aws.api.lambda_ import TooManyRequestsException

    # CloudFront has judged its own requests, as the service principal of a distribution.
    is_judged = trust.is_token(request.headers.get(trust.JUDGED, ""))
    if mode.mode() != "off" and not is_judged:
        from localstack_native.access import function_urls

        if reason := function_urls.refusal(request, api_id, region):
            return _error(403, {"Message": reason}, "AccessDeniedException")
    if len(request.get_data()) > REQUEST_BYTES:
        large = {"Message": f"Request must be smaller than {REQUEST_BYTES} bytes"}
        return _error(413, large, "RequestEntityTooLargeException")
    try:
        return invoke(self, request, api_id, region, **more)
    except TooManyRequestsException:
        throttled = {
            "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
            "Type": "User",
            "message": "Rate Exceeded.",
        }
        return _error(429, throttled, "TooManyRequestsException")


def event(make: Any, api_id: str, request: Any) -> dict[str, Any]:
    """Return the event of a request: path and query as they were sent, cookies, addresses."""
    made: dict[str, Any] = make(api_id, request)
    target = str(request.environ.get("RAW_URI") or request.full_path)
    if not target.startswith("/"):
        target = f"/{target.partition('://')[2].partition('/')[2]}"
    path, _, query = target.partition("?")
    http = made["requestContext"]["http"]
    made["rawPath"] = http["path"] = path
    made["rawQueryString"] = query
    address = request.remote_addr or "127.0.0.1"
    http["sourceIp"] = address
    headers: dict[str, str] = made["headers"]
    headers.pop(trust.JUDGED, None)
    forwarded = request.headers.get("X-Forwarded-For")
    headers["x-forwarded-for"] = f"{forwarded}, {address}" if forwarded else address
    headers["x-forwarded-proto"] = "https"
    if cookies := headers.pop("cookie", None):
        made["cookies"] = [each.strip() for each in cookies.split(";") if each.strip()]
    if not made["queryStringParameters"]:
        del made["queryStringParameters"]
    return made


def response(make: Any, result: Any) -> Any:
    """Return the response of a function, with the cookies that it sets."""
    made = make(result)
    try:
        payload = json.loads(result.payload)
    except ValueError:
        return made
    cookies = payload.get("cookies") if isinstance(payload, dict) else None
    for each in cookies if isinstance(cookies, list) else ():
        made.headers.add("Set-Cookie", str(each))
    return made


def _error(status: int, body: dict[str, str], code: str) -> Response:
    made = Response(json.dumps(body), status, mimetype="application/json")
    made.headers["x-amzn-ErrorType"] = code
    return made
