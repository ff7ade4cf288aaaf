"""Bodies of requests, read strictly: nothing is ignored, and nothing is guessed."""

import re
from http import HTTPStatus

import msgspec

from processor.api.http.problems import ProblemError, bad_request
from processor.api.http.request import Request
from processor.api.http.response import JSON
from processor.images.recipe.explain import explain

MAX_BODY = 256 * 1024
"""Bytes."""

ESCAPES = re.compile(
    rb"\\\\"
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
"""Backslashes, and what UTF-16 writes in pairs; the group is half of one, alone."""

NUMBERS = re.compile(
    rb'"(?:[^"\\]|\\.)*+(?:"|\Z)'
    rb"|(?<![\w.+-])(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![\w.+-])",
    re.DOTALL,
)
"""Strings, in which there are none, and numbers; the group is one of those."""

FRACTION = re.compile(rb"[.eE]")

EXACT = 2**53
"""Up to here, a float is the number that was written."""


def decode[T](request: Request, kind: type[T]) -> T:
    """Read a request's JSON as ``kind``. Raises ``ProblemError`` that says where it is wrong."""
    if request.media_type != JSON:
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "not-json",
            f"The content type is {request.media_type[:99]!r}; send {JSON}.",
        )
    body = request.body
    if len(body) > MAX_BODY:
        raise ProblemError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "body-too-large",
            f"The body has {len(body):,} bytes; at most {MAX_BODY:,} are taken.",
        )
    try:
        return msgspec.json.decode(whole(paired(body)), type=kind)
    except msgspec.ValidationError as error:
        raise bad_request(
            "invalid-request", f"The body is not as it should be: {explain(error, kind)}."
        ) from error
    except (msgspec.DecodeError, UnicodeError) as error:
        raise bad_request("invalid-json", f"The body is not JSON: {error}.") from error
    except RecursionError as error:
        raise bad_request("invalid-json", "The body is nested too deeply.") from error


def paired(body: bytes) -> bytes:
    """JSON in which U+FFFD stands for each half of a surrogate pair that is alone.

    JavaScript's strings may hold such halves, and names of files on Windows; UTF-8 cannot.
    """
    if b"\\u" not in body:
        return body
    return ESCAPES.sub(lambda found: rb"\ufffd" if found[1] else found[0], body)


def whole(body: bytes) -> bytes:
    """JSON in which whole numbers have no fraction: 600.0 is an integer to JSON Schema."""
    if not FRACTION.search(body):
        return body
    return NUMBERS.sub(_without_fraction, body)


def _without_fraction(found: re.Match[bytes]) -> bytes:
    number = float(found[1] or "nan")
    # Integers are as they should be, and may be longer than floats can tell.
    if not number.is_integer() or abs(number) > EXACT or not FRACTION.search(found[1]):
        return found[0]
    return b"%d" % number
