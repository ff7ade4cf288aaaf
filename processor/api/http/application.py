"""From an event to an answer: routes, errors, and a line in the log."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004

from processor.api.http.cors import Cors
from processor.api.http.problems import ProblemError
from processor.api.http.request import Request
from processor.api.http.response import Answer, refuse
from processor.telemetry.correlation import upload_id
from processor.telemetry.log import logger

Operation = Callable[[Request], Answer]
Routes = Mapping[str, Mapping[str, Operation]]
"""Operations by the template of their path, and by their method."""

RETRY_SECONDS = 2

OVERLOADED = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Codes of AWS services for what passes by itself, beside those of HTTP."""


@dataclass(frozen=True, slots=True)
class Application:
    """Answers the events of a REST API."""

    routes: Routes
    cors: Cors

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to an event, in the form that API Gateway wants."""
        started = time.perf_counter()
        request = Request.of(event)
        answer = self._answer(request)
        logger.info(
            "request",
            method=request.method,
            resource=request.resource,
            status=answer.status.value,
            ms=round((time.perf_counter() - started) * 1000),
            **_picture(request),
        )
        return answer.for_gateway(self.cors.headers(request))

    def _answer(self, request: Request) -> Answer:
        try:
            return self._dispatch(request)
        except ProblemError as error:
            return refuse(error)
        except (ClientError, ConnectionError, HTTPClientError) as error:
            if not isinstance(error, ClientError) or _is_overloaded(error):
                logger.warning("unavailable", reason=str(error))
                return refuse(_UNAVAILABLE)
            logger.exception("internal")
        except Exception:
            logger.exception("internal")
        return refuse(_INTERNAL)

    def _dispatch(self, request: Request) -> Answer:
        operations = self.routes.get(request.resource)
        if operations is None:
            raise ProblemError(
                HTTPStatus.NOT_FOUND,
                "not-found",
                f"There is nothing here. There are: {', '.join(self.routes)}.",
            )
        methods = ", ".join([*operations, "OPTIONS"])
        if request.method == "OPTIONS":
            allowed = {"Allow": methods, **self.cors.preflight(request, methods)}
            return Answer(HTTPStatus.NO_CONTENT, headers=allowed)
        operation = operations.get(request.method)
        if operation is None:
            raise ProblemError(
                HTTPStatus.METHOD_NOT_ALLOWED,
                "method-not-allowed",
                f"This path knows {methods}.",
                {"Allow": methods},
            )
        self.cors.check(request)
        return operation(request)


_UNAVAILABLE = ProblemError(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "unavailable",
    "A service behind the API is overloaded or does not answer. Try again in a moment.",
    {"Retry-After": str(RETRY_SECONDS)},
)
_INTERNAL = ProblemError(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "internal",
    "Something went wrong here that is not the request's fault. It is in the function's log.",
)


def _picture(request: Request) -> dict[str, Any]:
    """Which picture a request is about, for the log."""
    try:
        key = request.key if "key" in request.path else None
    except ProblemError:
        return {}
    if key is None:
        return {}
    upload = upload_id(key)
    return {"key": key, **({"correlation_id": upload} if upload else {})}


def _is_overloaded(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = error.response["Error"]["Code"]
    # The answer to a HEAD has no body: the status is its code.
    return code in OVERLOADED or code in ("429", "500", "502", "503", "504") or status in (429, 503)
