"""Event objects of functions: from requests and responses, and back.

Source: "CloudFront Functions event structure" and "Restrictions on edge functions" of the
CloudFront Developer Guide.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html
"""

import base64
import binascii
import http
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from werkzeug.datastructures import Headers

from localstack_native.cloudfront.messages import Query, Request, Response

_DISALLOWED = re.compile(
    r"connection|expect|keep-alive|proxy-(?:authenticate|authorization|connection)|trailer|upgrade"
    r"|x-accel-(?:buffering|charset|limit-rate|redirect)|x-amz-cf-.*"
    r"|x-amzn-(?:auth|cf-billing|cf-id|cf-xff|errortype|fle-profile|header-count|header-order"
    r"|lambda-integration-tag|requestid)|x-cache|x-edge-.*|x-forwarded-proto|x-real-ip"
)
"""Headers that functions do not see and can't set."""

_READ_ONLY = {
    "request": frozenset({"content-length", "host", "transfer-encoding", "via"}),
    "response": frozenset(
        {"content-encoding", "content-length", "transfer-encoding", "via", "warning"}
    ),
}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
_INVALID = re.compile(r"[\0\r\n]")

type Fields = dict[str, Any]


class InvalidResultError(ValueError):
    """A function returned something that is not a valid request or response."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The CloudFront function returned an invalid value: {reason}")


def event_of(type_: str, request: Request, domain: str, distribution: str, id_: str) -> Fields:
    """Return the event of a viewer request; a viewer response adds the response."""
    return {
        "version": "1.0",
        "context": {
            "distributionDomainName": domain,
            "distributionId": distribution,
            "eventType": type_,
            "requestId": id_,
        },
        "viewer": {"ip": request.address},
        "request": request_fields(request),
    }


def request_fields(request: Request) -> Fields:
    """Return a request as a function sees it: path and query as the viewer encoded them."""
    parts = [part.partition("=") for part in request.query.text.split("&") if part]
    return {
        "method": request.method,
        "uri": request.path,
        "querystring": _multiple((name, value) for name, _, value in parts),
        "headers": _headers(request.headers, "cookie"),
        "cookies": _multiple(_cookies(request.headers)),
    }


def response_fields(response: Response) -> Fields:
    """Return a response as a function sees it: without its body."""
    cookies: list[tuple[str, Fields]] = []
    for line in response.headers.getlist("Set-Cookie"):
        pair, _, attributes = line.partition(";")
        name, _, value = pair.strip().partition("=")
        found = {"value": value}
        if attributes.strip():
            found["attributes"] = attributes.strip()
        cookies.append((name, found))
    return {
        "statusCode": response.status,
        "statusDescription": _phrase(response.status),
        "headers": _headers(response.headers, "set-cookie"),
        "cookies": _grouped(cookies),
    }


def kind_of(result: Any) -> str:
    """Return whether a result is a ``request`` or a ``response``; raise for anything else."""
    if not isinstance(result, Mapping):
        raise InvalidResultError("it must be a request or a response object.")
    return "response" if "statusCode" in result else "request"


def check(result: Any) -> None:
    """Raise InvalidResultError for a result that is not valid, whatever the event was."""
    if kind_of(result) == "request":
        _check_request(result)
    else:
        _status(result)
        _body(result)
    _check_fields(result)


def changed_request(before: Fields, result: Fields, request: Request) -> Request:
    """Return the request that a function has changed."""
    check(result)
    if result["method"] != request.method:
        raise InvalidResultError("request.method is read-only.")
    headers = _changed_headers("request", before, result, request.headers)
    if result.get("cookies", {}) != before["cookies"]:
        headers.remove("Cookie")
        pairs = list(_pairs(result.get("cookies", {})))
        if pairs:
            headers["Cookie"] = "; ".join(f"{name}={each['value']}" for name, each in pairs)
    query = request.query
    if result.get("querystring", {}) != before["querystring"]:
        pairs = list(_pairs(result.get("querystring", {})))
        query = Query("&".join(f"{name}={each['value']}" for name, each in pairs))
    return replace(request, path=result["uri"], query=query, headers=headers)


def generated_response(result: Fields) -> Response:
    """Return the response that a function for viewer requests has made."""
    check(result)
    none: Fields = {"headers": {}, "cookies": {}}
    headers = _changed_headers("response", none, result, Headers())
    headers["Server"] = "CloudFront"
    _set_cookies(headers, result)
    return Response(_status(result), headers, _body(result) or b"", "FunctionGeneratedResponse")


def changed_response(before: Fields, result: Fields, response: Response) -> Response:
    """Return the response that a function for viewer responses has changed."""
    if kind_of(result) != "response":
        raise InvalidResultError("a function for viewer responses must return a response.")
    check(result)
    headers = _changed_headers("response", before, result, response.headers)
    if result.get("cookies", {}) != before["cookies"]:
        headers.remove("Set-Cookie")
        _set_cookies(headers, result)
    body = _body(result)
    if body is None:
        return replace(response, status=_status(result), headers=headers)
    response.close()
    headers.remove("Content-Encoding")
    headers["Content-Length"] = str(len(body))
    return replace(response, status=_status(result), headers=headers, body=body, close=lambda: None)


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return ""


def _multiple(pairs: Iterable[tuple[str, str]]) -> Fields:
    return _grouped((name, {"value": value}) for name, value in pairs)


def _grouped(pairs: Iterable[tuple[str, Fields]]) -> Fields:
    """Return fields by name; a name that comes several times has ``multiValue``."""
    values: dict[str, list[Fields]] = {}
    for name, each in pairs:
        values.setdefault(name, []).append(each)
    return {
        name: each[0] if len(each) == 1 else {**each[0], "multiValue": each}
        for name, each in values.items()
    }


def _headers(headers: Headers, without: str) -> Fields:
    return _multiple(
        (name.lower(), value)
        for name, value in headers
        if name.lower() != without and not _DISALLOWED.fullmatch(name.lower())
    )


def _cookies(headers: Headers) -> Iterator[tuple[str, str]]:
    for part in ";".join(headers.getlist("Cookie")).split(";"):
        name, _, value = part.strip().partition("=")
        if name:
            yield name, value


def _pairs(fields: Fields) -> Iterator[tuple[str, Fields]]:
    """Yield each name with each of its values."""
    for name, each in fields.items():
        for value in each.get("multiValue") or [each]:
            yield name, value


def _check_request(result: Mapping[str, Any]) -> None:
    uri = result.get("uri")
    if not isinstance(uri, str) or not uri.startswith("/"):
        raise InvalidResultError("request.uri must be a string that begins with /.")
    if _INVALID.search(uri) or " " in uri or "?" in uri:
        raise InvalidResultError("request.uri must be encoded, and have no query string.")
    if not isinstance(result.get("method"), str):
        raise InvalidResultError("request.method is missing.")


def _check_fields(result: Mapping[str, Any]) -> None:
    kind = kind_of(result)
    for group in ("headers", "cookies", "querystring"):
        fields = result.get(group)
        if fields is None:
            continue
        where = f"{kind}.{group}"
        if not isinstance(fields, Mapping):
            raise InvalidResultError(f"{where} must be an object.")
        for name, each in fields.items():
            _check_field(where, group, name, each)


def _check_field(where: str, group: str, name: str, each: Any) -> None:
    if group == "headers" and name != name.lower():
        raise InvalidResultError(f"{where} must have header names in lower case.")
    if group == "headers" and not _TOKEN.fullmatch(name):
        raise InvalidResultError(f"{where} has an invalid name: {name[:80]}")
    several = each.get("multiValue", []) if isinstance(each, Mapping) else None
    values = [each, *several] if isinstance(several, list) else [None]
    for value in values:
        text = value.get("value") if isinstance(value, Mapping) else None
        if not isinstance(text, str):
            raise InvalidResultError(f"{where}.{name[:80]} must have a value that is a string.")
        if _INVALID.search(text):
            raise InvalidResultError(f"{where}.{name[:80]} has an invalid character.")


def _changed_headers(kind: str, before: Fields, result: Fields, headers: Headers) -> Headers:
    """Return headers with a function's changes; other headers keep case and order."""
    old, new = before["headers"], result.get("headers") or {}
    own_line = "cookie" if kind == "request" else "set-cookie"
    for name in old.keys() | new.keys():
        if old.get(name) == new.get(name):
            continue
        if name in _READ_ONLY[kind]:
            raise InvalidResultError(f"{kind}.headers.{name} is read-only.")
        if name in new and _DISALLOWED.fullmatch(name):
            raise InvalidResultError(f"{kind}.headers.{name} is not allowed.")
        if name == own_line:
            raise InvalidResultError(f"{kind}.headers.{name} is not allowed: use {kind}.cookies.")
    changed = Headers(headers)
    for name in old.keys() - new.keys():
        changed.remove(name)
    for name, each in new.items():
        if old.get(name) != each:
            changed.remove(name)
            for value in each.get("multiValue") or [each]:
                changed.add(name.title(), value["value"])
    return changed


def _set_cookies(headers: Headers, result: Fields) -> None:
    for name, each in _pairs(result.get("cookies") or {}):
        attributes = each.get("attributes")
        line = f"{name}={each['value']}"
        headers.add("Set-Cookie", f"{line}; {attributes}" if attributes else line)


def _status(result: Mapping[str, Any]) -> int:
    status = result["statusCode"]
    if isinstance(status, str) and status.isdigit():
        status = int(status)
    is_number = isinstance(status, int) and not isinstance(status, bool)
    if not is_number or not 100 <= status <= 599:
        raise InvalidResultError("response.statusCode must be a number from 100 to 599.")
    return int(status)


def _body(result: Mapping[str, Any]) -> bytes | None:
    """Return the body that a function has set; None if it has set none."""
    body = result.get("body")
    if body is None:
        return None
    if isinstance(body, str):
        return body.encode("utf-8", "replace")
    data = body.get("data") if isinstance(body, Mapping) else None
    if not isinstance(data, str):
        raise InvalidResultError("response.body must be a string, or have data and encoding.")
    match body.get("encoding", "text"):
        case "text":
            return data.encode("utf-8", "replace")
        case "base64":
            try:
                return base64.b64decode(data, validate=True)
            except binascii.Error as error:
                raise InvalidResultError("response.body.data is not Base64.") from error
    raise InvalidResultError("response.body.encoding must be text or base64.")
