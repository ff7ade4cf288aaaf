"""Associations: the functions that a behavior runs at viewer requests and viewer responses.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html
"""

import base64
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localstack_native.cloudfront import pages
from localstack_native.cloudfront.errors import error
from localstack_native.cloudfront.functions import events
from localstack_native.cloudfront.functions.models import Function, KeyValues, Stage, store_arns
from localstack_native.cloudfront.functions.runtime import FunctionError, Run, run
from localstack_native.cloudfront.messages import Request, Response
from localstack_native.cloudfront.policies import behaviors
from localstack_native.cloudfront.store import CloudFrontStore, Distribution, store_of

LOG = logging.getLogger(__name__)

_EVENTS = ("viewer-request", "viewer-response")
_PAGE = (
    "The CloudFront function associated with the CloudFront distribution is invalid or could not"
    " run. We can't connect to the server for this app or website at this time."
)

type Config = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Passed:
    """A request after its function, with the origin that the function has set."""

    request: Request
    origin: Mapping[str, Any] | None = None


def function_arns(config: Config) -> set[str]:
    """Return the ARNs of the functions in a distribution's configuration."""
    return {each["FunctionARN"] for behavior in behaviors(config) for each in _items(behavior)}


def check(store: CloudFrontStore, behavior: Config) -> None:
    """Raise InvalidFunctionAssociation for functions that a behavior can't have."""
    seen = set()
    for each in _items(behavior):
        type_, arn = each.get("EventType"), each.get("FunctionARN")
        if type_ not in _EVENTS:
            raise _invalid(f"A function's event type is one of {', '.join(_EVENTS)}, not {type_}.")
        if type_ in seen:
            raise _invalid(f"A behavior can have one function for {type_}.")
        seen.add(type_)
        function = _find(store, arn)
        if function is None:
            raise _invalid(f"The function {arn} does not exist.")
        if function.live is None:
            raise _invalid(f"The function {arn} is not published: call PublishFunction.")


def store_of_function(store: CloudFrontStore, stage: Stage) -> KeyValues | None:
    """Return the key value store of a function; None if it has none."""
    for arn in store_arns(stage.config):
        for each in store.key_value_stores.values():
            if each.arn == arn:
                return each.seen()
    return None


def new_request_id() -> str:
    """Return the identifier of a request, which functions and viewers see."""
    return base64.urlsafe_b64encode(secrets.token_bytes(42)).decode()


def viewer_request(
    distribution: Distribution, behavior: Config, request: Request, id_: str
) -> Passed | Response:
    """Return the request that the behavior's function makes of a request, or its response."""
    stage = _stage(distribution, behavior, "viewer-request")
    if stage is None:
        return Passed(request)
    event = _event(distribution, request, "viewer-request", id_)
    try:
        done = _run(distribution, stage, event)
        if events.kind_of(done.result) == "response":
            return events.generated_response(done.result)
        changed = events.changed_request(event["request"], done.result, request)
    except (FunctionError, events.InvalidResultError) as failure:
        return _failure(distribution, failure)
    return Passed(changed, done.origin)


def viewer_response(
    distribution: Distribution, behavior: Config, request: Request, response: Response, id_: str
) -> Response:
    """Return the response that the behavior's function makes of a response.

    It must not run for errors (400 and above), and for responses of a function.
    """
    stage = _stage(distribution, behavior, "viewer-response")
    if stage is None:
        return response
    event = _event(distribution, request, "viewer-response", id_)
    event["response"] = events.response_fields(response)
    try:
        done = _run(distribution, stage, event)
        return events.changed_response(event["response"], done.result, response)
    except (FunctionError, events.InvalidResultError) as failure:
        response.close()
        return _failure(distribution, failure)


def _event(distribution: Distribution, request: Request, type_: str, id_: str) -> dict[str, Any]:
    return events.event_of(type_, request, distribution.domain_name, distribution.id, id_)


def _run(distribution: Distribution, stage: Stage, event: Mapping[str, Any]) -> Run:
    store = store_of_function(store_of(distribution.account), stage)
    done = run(stage.compiled, event, store)
    for line in done.logs:
        LOG.info("%s: %s", distribution.id, line)
    return done


def _failure(distribution: Distribution, failure: Exception) -> Response:
    """Return the error page for a function that failed.

    It is 502 for an invalid result, and 503 for a function that could not run.
    """
    kind = "FunctionValidationError"
    if isinstance(failure, FunctionError):
        kind = failure.kind
        for line in failure.logs:
            LOG.info("%s: %s", distribution.id, line)
    LOG.warning("%s: %s: %s", distribution.id, kind, failure)
    response = pages.error_response(502 if kind == "FunctionValidationError" else 503, _PAGE)
    response.source = kind
    return response


def _stage(distribution: Distribution, behavior: Config, type_: str) -> Stage | None:
    for each in _items(behavior):
        if each["EventType"] == type_:
            function = _find(store_of(distribution.account), each["FunctionARN"])
            return function.live if function else None
    return None


def _find(store: CloudFrontStore, arn: Any) -> Function | None:
    return next((each for each in store.functions.values() if each.arn == arn), None)


def _items(behavior: Config) -> list[dict[str, Any]]:
    return (behavior.get("FunctionAssociations") or {}).get("Items") or []


def _invalid(message: str) -> Exception:
    return error("InvalidFunctionAssociation", message)
