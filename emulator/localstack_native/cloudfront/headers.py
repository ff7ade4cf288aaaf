"""Response headers policies: removed headers, CORS, security and custom headers.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.datastructures import Headers

type Config = Mapping[str, Any]

_METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
_CORS = "access-control-"


def apply(config: Config, request_headers: Headers, headers: Headers) -> None:
    """Apply a policy to a response's headers: remove, then add CORS, security, custom headers."""
    for each in _items(config, "RemoveHeadersConfig"):
        headers.remove(each["Header"])
    if (cors := config.get("CorsConfig")) and "Origin" in request_headers:
        _apply_cors(cors, request_headers, headers)
    for name, value, overrides in [
        *_security(config.get("SecurityHeadersConfig") or {}),
        *(
            (each["Header"], each["Value"], each["Override"])
            for each in _items(config, "CustomHeadersConfig")
        ),
    ]:
        if overrides or name not in headers:
            headers[name] = value


def _apply_cors(cors: Config, request_headers: Headers, headers: Headers) -> None:
    """Add CORS headers to the response of a cross-origin request.

    "If the origin response includes any CORS headers", either all of the origin's headers or all
    of the policy's are sent.
    """
    own = [name for name, _ in headers if name.lower().startswith(_CORS)]
    if own and not cors["OriginOverride"]:
        return
    for name in own:
        headers.remove(name)
    origin = request_headers["Origin"]
    allowed = cors["AccessControlAllowOrigins"].get("Items", [])
    if not any(_is_origin(pattern, origin) for pattern in allowed):
        return
    credentials = cors.get("AccessControlAllowCredentials")
    is_open = "*" in allowed and not credentials
    headers["Access-Control-Allow-Origin"] = "*" if is_open else origin
    if not is_open:
        headers["Vary"] = ", ".join(dict.fromkeys([*headers.getlist("Vary"), "Origin"]))
    if credentials:
        headers["Access-Control-Allow-Credentials"] = "true"
    if "Access-Control-Request-Method" in request_headers:
        methods = _listed(cors, "AccessControlAllowMethods")
        headers["Access-Control-Allow-Methods"] = _METHODS if methods == "ALL" else methods
        headers["Access-Control-Allow-Headers"] = _listed(cors, "AccessControlAllowHeaders")
        if "AccessControlMaxAgeSec" in cors:
            headers["Access-Control-Max-Age"] = str(cors["AccessControlMaxAgeSec"])
    elif exposed := _listed(cors, "AccessControlExposeHeaders"):
        headers["Access-Control-Expose-Headers"] = exposed


def _is_origin(pattern: str, origin: str) -> bool:
    """Return whether a pattern such as ``https://*.example.com`` matches an origin."""
    if "://" not in pattern:
        origin = origin.partition("://")[2]
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), origin) is not None


def _security(config: Config) -> Iterator[tuple[str, str, bool]]:
    """Yield the name and value of each security header, and whether it overrides the origin's."""
    if each := config.get("StrictTransportSecurity"):
        value = f"max-age={each['AccessControlMaxAgeSec']}"
        value += "; includeSubDomains" if each.get("IncludeSubdomains") else ""
        value += "; preload" if each.get("Preload") else ""
        yield "Strict-Transport-Security", value, each["Override"]
    if each := config.get("ContentTypeOptions"):
        yield "X-Content-Type-Options", "nosniff", each["Override"]
    if each := config.get("FrameOptions"):
        yield "X-Frame-Options", each["FrameOption"], each["Override"]
    if each := config.get("XSSProtection"):
        value = "1" if each["Protection"] else "0"
        value += "; mode=block" if each.get("ModeBlock") else ""
        value += f"; report={each['ReportUri']}" if each.get("ReportUri") else ""
        yield "X-XSS-Protection", value, each["Override"]
    if each := config.get("ReferrerPolicy"):
        yield "Referrer-Policy", each["ReferrerPolicy"], each["Override"]
    if each := config.get("ContentSecurityPolicy"):
        yield "Content-Security-Policy", each["ContentSecurityPolicy"], each["Override"]


def _items(config: Config, name: str) -> list[dict[str, Any]]:
    return (config.get(name) or {}).get("Items") or []


def _listed(config: Config, name: str) -> str:
    return ", ".join((config.get(name) or {}).get("Items") or [])
