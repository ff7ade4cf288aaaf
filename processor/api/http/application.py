"""HTTP application: from an API Gateway event to a response, by a table of routes.

Kept beside Powertools' event handler: API Gateway has matched the route already (``resource`` names
it), and importing the handler would double Powertools' part of a cold start.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004

from processor.api.http.cors import Cors
from processor.api.http.problems import ProblemError
from processor.api.http.request import Request
from processor.api.http.response import Response, problem_response
from processor.errors import TRANSIENT_AWS_ERRORS
from processor.telemetry.correlation import upload_id

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

Operation = Callable[[Request], Response]
Routes = Mapping[str, Mapping[str, Operation]]
"""Operations by path template, then by method."""

RETRY_SECONDS = 2

UNAVAILABLE = ProblemError(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "unavailable",
    "A service behind the API is overloaded or did not respond. "
    f"Try again in {RETRY_SECONDS} seconds.",
    {"Retry-After": str(RETRY_SECONDS)},
)
INTERNAL = ProblemError(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "internal",
    "The request failed because of an error in the API. The function's log has the details.",
)


@dataclass(frozen=True, slots=True)
class Application:
    """A REST API in one function."""

    routes: Routes
    cors: Cors
    logger: "Logger"

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return the function's output for an event, and log the request."""
        started = time.perf_counter()
        request = Request.from_event(event)
        response = self._respond(request)
        self.logger.info(
            "request",
            method=request.method,
            resource=request.resource,
            status=response.status.value,
            ms=round((time.perf_counter() - started) * 1000),
            **_image_fields(request),
        )
        return response.for_api_gateway(self.cors.headers(request))

    def _respond(self, request: Request) -> Response:
        try:
            return self._dispatch(request)
        except ProblemError as error:
            return problem_response(error)
        except (ClientError, ConnectionError, HTTPClientError) as error:
            if not isinstance(error, ClientError) or _is_transient(error):
                self.logger.warning("unavailable", reason=str(error))
                return problem_response(UNAVAILABLE)
            self.logger.exception("internal")
        except Exception:
            self.logger.exception("internal")
        return problem_response(INTERNAL)

    def _dispatch(self, request: Request) -> Response:
        operations = self.routes.get(request.resource)
        if operations is None:
            raise ProblemError(
                HTTPStatus.NOT_FOUND,
                "not-found",
                f"The API has no such path. Use one of: {', '.join(self.routes)}.",
            )
        methods = ", ".join([*operations, "OPTIONS"])
        if request.method == "OPTIONS":
            allowed = {"Allow": methods, **self.cors.preflight_headers(request, methods)}
            return Response(HTTPStatus.NO_CONTENT, headers=allowed)
        operation = operations.get(request.method)
        if operation is None:
            raise ProblemError(
                HTTPStatus.METHOD_NOT_ALLOWED,
                "method-not-allowed",
                f"The path does not allow the method {request.method!r}. Use one of: {methods}.",
                {"Allow": methods},
            )
        self.cors.check(request)
        return operation(request)


def _image_fields(request: Request) -> dict[str, Any]:
    """Return the log fields of the image that a request names."""
    if "key" not in request.path:
        return {}
    try:
        key = request.key
    except ProblemError:
        return {}
    upload = upload_id(key)
    return {"key": key, **({"correlation_id": upload} if upload else {})}


def _is_transient(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error.response["Error"]["Code"] in TRANSIENT_AWS_ERRORS or status in (429, 503)
