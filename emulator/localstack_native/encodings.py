"""Request bodies with a Content-Encoding, and request bodies that can't be parsed.

LocalStack decodes gzip while it parses a request, so a body that is no gzip is an internal error.
Here a body is decoded before, and one that can't be is refused as AWS does: REST APIs return 415,
and services their own error.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-make-request-with-compressed-payload.html
"""

import gzip
import io
import zlib
from collections.abc import Set as AbstractSet
from typing import Any, NoReturn

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.protocol.parser import OperationNotFoundParserError, ProtocolParserError
from localstack.aws.protocol.service_router import (
    determine_aws_protocol,
    determine_aws_service_model,
)
from rolo import Response
from rolo.gateway import HandlerChain

from localstack_native.security.browsers import is_rest_api
from localstack_native.security.hosts import name_of

MOST_BYTES = 100 * 1024**2
"""Size of a decoded body: more than the largest request, a function's code, has."""

_GZIP = frozenset({"gzip", "x-gzip"})
_OF_APIS = _GZIP | {"deflate"}
_ERRORS = (OSError, EOFError, zlib.error)


def decode(
    _: Any, _self: Any, chain: HandlerChain[Any], context: RequestContext, response: Response
) -> None:
    """Decode a request's body. Bodies to S3 and to function URLs are passed unchanged.

    Services know gzip only, and ignore other encodings. REST APIs refuse encodings that they do not
    know.
    """
    request: Any = context.request
    header = request.headers.get("Content-Encoding", "").lower()
    codings = [each for each in map(str.strip, header.split(",")) if each not in {"", "identity"}]
    is_api = is_rest_api(request.path, name_of(request.host))
    known = _OF_APIS if is_api else _GZIP
    if not codings or _is_opaque(context) or not (is_api or known.issuperset(codings)):
        return
    sent: bytes = request.get_data(cache=False)
    try:
        body = sent
        for coding in reversed(codings):
            body = _decoded(body, coding, known)
    except _ERRORS:
        request.stream = io.BytesIO(sent)
        _refuse(chain, context, response, header, is_api=is_api)
    else:
        request.stream = io.BytesIO(body)
        request.headers["Content-Encoding"] = "identity"


def parse(parse: Any, self: Any, context: RequestContext) -> Any:
    """Parse a service's request. Raises the service's error for a body that can't be parsed."""
    try:
        return parse(self, context)
    except OperationNotFoundParserError:
        raise
    except ProtocolParserError as error:
        _raise(context, str(error), error)


def _is_opaque(context: RequestContext) -> bool:
    """Return whether a request is for S3, which stores the encoding, or for a function's URL."""
    if context.service:
        return bool(context.service.service_name == "s3")
    request: Any = context.request
    credential: str = request.headers.get("Authorization") or request.args.get(
        "X-Amz-Credential", ""
    )
    return bool(
        "/s3/aws4_request" in credential
        or credential.startswith("AWS ")
        or "AWSAccessKeyId" in request.args
        or ".lambda-url." in request.host
    )


def _decoded(body: bytes, coding: str, known: AbstractSet[str]) -> bytes:
    """Return the decoded body. Raises one of ``_ERRORS``."""
    if coding not in known:
        raise zlib.error
    if not body:
        return body
    if coding in _GZIP:
        decoded = gzip.GzipFile(fileobj=io.BytesIO(body)).read(MOST_BYTES + 1)
    else:
        stream = zlib.decompressobj()
        decoded = stream.decompress(body, MOST_BYTES + 1)
        if not stream.eof:
            raise EOFError
    if len(decoded) > MOST_BYTES:
        raise EOFError
    return decoded


def _refuse(
    chain: HandlerChain[Any],
    context: RequestContext,
    response: Response,
    header: str,
    *,
    is_api: bool,
) -> None:
    request: Any = context.request
    body = request.stream
    if not is_api:  # this may read the body
        context.service = determine_aws_service_model(request)
        body.seek(0)
        request.stream = body
    reason = (
        f"The request body can't be decoded with {header}, which the header Content-Encoding names."
        " Send the body in this encoding, or remove the header."
    )
    if is_api:
        response.status_code = 415
        response.set_json({"message": "Unsupported Media Type"})
        response.headers["x-amzn-ErrorType"] = "UnsupportedMediaTypeException"
        chain.stop()
    elif context.service is None:
        response.status_code = 400
        response.set_json({"message": reason})
        chain.stop()
    elif context.service.service_name != "s3":
        context.protocol = determine_aws_protocol(request, context.service)
        _raise(context, reason, None)


def _raise(context: RequestContext, reason: str, cause: Exception | None) -> NoReturn:
    """Raise the error of the request's service for its body."""
    service = context.service
    assert service is not None
    # The error is serialized in an operation's form, but no operation is parsed yet.
    named = context.request.headers.get("X-Amz-Target", "").rpartition(".")[2]
    names = service.operation_names
    context.operation = service.operation_model(named if named in names else names[0])
    code = "SerializationException"
    if context.protocol in {"query", "ec2"}:
        code = "MissingAction" if "Missing Action" in reason else "MalformedInput"
    elif service.service_name == "s3":
        code = "MalformedXML"
    raise CommonServiceException(code, reason, 400, sender_fault=True) from cause
