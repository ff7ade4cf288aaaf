"""Endpoints of IAM: the last denials, and the decisions about a role.

They show what private requests named, and refuse web browsers themselves: the feature ``browsers``
may be disabled.
"""

from http import HTTPStatus
from typing import Any

from localstack.services.edge import ROUTER
from rolo import Request, Response

from localstack_native.access.authorizer import authorizer
from localstack_native.access.mode import mode
from localstack_native.security.browsers import is_browser


def serve() -> None:
    """Add ``GET /_emulator/iam/denials`` and ``GET /_emulator/iam/decisions``."""
    router: Any = ROUTER
    router.add("/_emulator/iam/denials", denials, methods=["GET"])
    router.add("/_emulator/iam/decisions", decisions, methods=["GET"])


def denials(request: Request, **_: object) -> Response:
    """Return the last denials; ``?after=NUMBER`` returns those after a number."""
    after = request.args.get("after", "0")
    if not after.isdecimal():
        return Response.for_json(
            {"message": f"after={after} is not a number."}, status=HTTPStatus.BAD_REQUEST
        )
    return _response(request, authorizer().trace.denials(int(after)))


def decisions(request: Request, **_: object) -> Response:
    """Return each kind of decision; ``?role=NAME`` returns those about a role."""
    return _response(request, authorizer().trace.decisions(request.args.get("role", "")))


def _response(request: Request, found: dict[str, Any]) -> Response:
    if is_browser(request.headers):
        return Response.for_json(
            {"message": "This is not for web browsers: any web page could request it."},
            status=HTTPStatus.FORBIDDEN,
        )
    return Response.for_json({"mode": mode(), **found})
