"""JSON request bodies, decoded strictly: unknown fields and wrong types are errors."""

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
"""Escaped backslashes and surrogates; the group is a surrogate without its other half."""

NUMBERS = re.compile(
    rb'"(?:[^"\\]|\\.)*+(?:"|\Z)'
    rb"|(?<![\w.+-])(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![\w.+-])",
    re.DOTALL,
)
"""Strings, which are skipped, and numbers; the group is a number."""

FRACTION = re.compile(rb"[.eE]")

MAX_EXACT_FLOAT = 2**53
"""Up to here, a float holds every integer exactly."""


def decode[T](request: Request, kind: type[T]) -> T:
    """Return a request's JSON body as ``kind``.

    Raises ``ProblemError``, with the path of an invalid value.
    """
    if request.media_type != JSON:
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "not-json",
            f"The content type is {request.media_type[:99]!r}. Send JSON, with content-type: "
            f"{JSON}.",
        )
    body = request.body
    if len(body) > MAX_BODY:
        raise ProblemError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "body-too-large",
            f"The body has {len(body):,} bytes. Send at most {MAX_BODY:,} bytes.",
        )
    try:
        return msgspec.json.decode(with_integers(with_paired_surrogates(body)), type=kind)
    except msgspec.ValidationError as error:
        detail = f"The body is invalid: {explain(error, kind)}."
        raise bad_request("invalid-request", detail) from error
    except (msgspec.DecodeError, UnicodeError) as error:
        raise bad_request("invalid-json", f"The body is not JSON: {error}.") from error
    except RecursionError as error:
        raise bad_request("invalid-json", "The body is nested too deeply.") from error


def with_paired_surrogates(body: bytes) -> bytes:
    """Return JSON with U+FFFD in the place of each surrogate without its other half.

    JavaScript strings and file names on Windows may hold them; UTF-8 cannot.
    """
    if b"\\u" not in body:
        return body
    return ESCAPES.sub(lambda found: rb"\ufffd" if found[1] else found[0], body)


def with_integers(body: bytes) -> bytes:
    """Return JSON with whole numbers written without a fraction.

    To JSON Schema 600.0 is an integer, to msgspec it is not.
    """
    if not FRACTION.search(body):
        return body
    return NUMBERS.sub(_without_fraction, body)


def _without_fraction(found: re.Match[bytes]) -> bytes:
    number = float(found[1] or "nan")
    # Numbers without a fraction stay as they are: they may have more digits than a float.
    if not number.is_integer() or abs(number) > MAX_EXACT_FLOAT or not FRACTION.search(found[1]):
        return found[0]
    return b"%d" % number
