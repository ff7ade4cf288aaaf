"""HTTP requests, as API Gateway passes them to a function (Lambda proxy integration).

API Gateway decodes query parameters, but not path parameters.
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from processor.api.http.problems import bad_request
from processor.change import KEY_BYTES

BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
SIGNATURE = "x-amz-"
"""Prefix of the query parameters that belong to an AWS signature, in lower case."""


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of an event that the operations use."""

    method: str
    resource: str
    """The path template: ``/images/{key}``."""
    headers: Mapping[str, str]
    """Headers by lower-case name."""
    query: Mapping[str, list[str]]
    path: Mapping[str, str]
    """Path parameters, percent-encoded."""
    raw_body: str
    is_base64: bool

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "Request":
        """Return the request of a REST API's proxy event."""
        headers = {
            name.lower(): values[-1]
            for name, values in _multiple(event, "headers", "multiValueHeaders").items()
        }
        return cls(
            method=event.get("httpMethod") or "",
            resource=event.get("resource") or "",
            headers=headers,
            query=_multiple(event, "queryStringParameters", "multiValueQueryStringParameters"),
            path=event.get("pathParameters") or {},
            raw_body=event.get("body") or "",
            is_base64=bool(event.get("isBase64Encoded")),
        )

    @property
    def key(self) -> str:
        """The S3 key in the path, decoded. Raises ``ProblemError``."""
        encoded = self.path.get("key") or ""
        if BAD_ESCAPE.search(encoded):
            raise bad_request(
                "invalid-key",
                "The key in the path has a % that is not followed by two hexadecimal digits. "
                "Percent-encode the whole key: % becomes %25.",
            )
        try:
            key = unquote(encoded, errors="strict")
            count = len(key.encode())
        except UnicodeError as error:
            raise bad_request(
                "invalid-key", "The key in the path is not UTF-8. Percent-encode the key's UTF-8."
            ) from error
        if not 0 < count <= KEY_BYTES:
            raise bad_request(
                "invalid-key",
                f"The key in the path has {count} bytes. A key has 1 to {KEY_BYTES} bytes.",
            )
        if "\0" in key:
            raise bad_request(
                "invalid-key", "The key in the path has a NUL character, which keys cannot have."
            )
        return key

    @property
    def is_from_browser(self) -> bool:
        """Whether a browser sent the request: with ``Origin``, or a GET with fetch metadata.

        https://www.w3.org/TR/fetch-metadata/
        """
        return "origin" in self.headers or "sec-fetch-site" in self.headers

    @property
    def media_type(self) -> str:
        """The body's media type in lower case, without parameters; empty without a header."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def body(self) -> bytes:
        """The body as the client sent it. Raises ``ProblemError``."""
        if not self.is_base64:
            return self.raw_body.encode(errors="replace")
        try:
            return base64.b64decode(self.raw_body, validate=True)
        except (binascii.Error, ValueError) as error:
            raise bad_request(
                "invalid-json", "The body is not valid base64, though the event marks it as such."
            ) from error

    def parameters(self, *names: str) -> dict[str, str]:
        """Return the query parameters. Raises ``ProblemError`` for unknown and repeated ones."""
        found: dict[str, str] = {}
        for name, values in self.query.items():
            if name.lower().startswith(SIGNATURE):
                continue
            if name not in names:
                raise bad_request(
                    "invalid-parameter",
                    f"The query parameter {name[:99]!r} is unknown. Use: {', '.join(names)}.",
                )
            if len(values) > 1:
                raise bad_request(
                    "invalid-parameter",
                    f"The query parameter {name} occurs {len(values)} times. Send it once.",
                )
            found[name] = values[0]
        return found


def _multiple(event: Mapping[str, Any], single: str, multiple: str) -> dict[str, list[str]]:
    """Return headers or parameters with all their values; some callers send one value of each."""
    values = {name: [value] for name, value in (event.get(single) or {}).items()}
    values |= {name: each for name, each in (event.get(multiple) or {}).items() if each}
    return values
