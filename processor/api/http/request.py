"""A request as API Gateway hands it over.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"Input format of a Lambda function for proxy integration": query parameters are decoded there, path
parameters are not.
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
"""Begins query parameters that belong to AWS signatures, in small letters."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the routes need of an event."""

    method: str
    resource: str
    """The path's template: ``/images/{key}``."""
    headers: Mapping[str, str]
    """By their names in small letters."""
    query: Mapping[str, list[str]]
    path: Mapping[str, str]
    raw_body: str
    is_base64: bool

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Request":
        """Read the event of a REST API's proxy integration."""
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
        """The key of an original that the path names. Raises ``ProblemError``."""
        written = self.path.get("key") or ""
        if BAD_ESCAPE.search(written):
            raise bad_request(
                "invalid-key",
                "In the path's key, a % is not followed by two hexadecimal digits. Percent-encode "
                "the whole key: a % in it is %25.",
            )
        try:
            key = unquote(written, errors="strict")
            count = len(key.encode())
        except UnicodeError as error:
            raise bad_request(
                "invalid-key", "The path's key is not UTF-8. Keys are percent-encoded UTF-8."
            ) from error
        if not 0 < count <= KEY_BYTES:
            raise bad_request(
                "invalid-key", f"The path's key has {count} bytes; keys have 1 to {KEY_BYTES}."
            )
        if "\0" in key:
            raise bad_request("invalid-key", "The path's key has a NUL character; no key has.")
        return key

    @property
    def is_from_browser(self) -> bool:
        """Whether a browser sent it: those that send no ``Origin`` with a GET say where they are.

        https://www.w3.org/TR/fetch-metadata/
        """
        return "origin" in self.headers or "sec-fetch-site" in self.headers

    @property
    def media_type(self) -> str:
        """The body's, without parameters and in small letters; empty where none is named."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def body(self) -> bytes:
        """The body as it was sent. Raises ``ProblemError``."""
        if not self.is_base64:
            return self.raw_body.encode(errors="replace")
        try:
            return base64.b64decode(self.raw_body, validate=True)
        except (binascii.Error, ValueError) as error:
            raise bad_request("invalid-json", "The body is not base64, as it claims.") from error

    def parameters(self, *names: str) -> dict[str, str]:
        """The query's parameters, each at most once, and no others. Raises ``ProblemError``."""
        found: dict[str, str] = {}
        for name, values in self.query.items():
            if name.lower().startswith(SIGNATURE):
                continue
            if name not in names:
                raise bad_request(
                    "invalid-parameter",
                    f"There is no parameter {name[:99]!r}; there are: {', '.join(names)}.",
                )
            if len(values) > 1:
                raise bad_request(
                    "invalid-parameter",
                    f"The parameter {name} stands {len(values)} times; once is enough.",
                )
            found[name] = values[0]
        return found


def _multiple(event: Mapping[str, Any], single: str, multiple: str) -> dict[str, list[str]]:
    """Headers or parameters with all their values; some callers give only one of each."""
    values = {name: [value] for name, value in (event.get(single) or {}).items()}
    values |= {name: each for name, each in (event.get(multiple) or {}).items() if each}
    return values
