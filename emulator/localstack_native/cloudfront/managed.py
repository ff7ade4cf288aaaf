"""AWS's managed policies, which have the same identifiers in every account.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html
"""

from typing import Any

from localstack_native.cloudfront.store import Resource

_DAY = 86_400
_YEAR = 31_536_000


def quantified(items: list[Any]) -> dict[str, Any]:
    """Return a list in the API's form: quantity and items."""
    return {"Quantity": len(items), **({"Items": items} if items else {})}


def _behavior(kind: str, behavior: str, names: list[str] | None = None) -> dict[str, Any]:
    """Return a headers, cookies or query strings config: none, all, or some by name."""
    config = {f"{kind}Behavior": behavior}
    names_of = {"Header": "Headers", "Cookie": "Cookies", "QueryString": "QueryStrings"}
    return {**config, **({names_of[kind]: quantified(names)} if names else {})}


def _cache(
    name: str,
    ttls: tuple[int, int, int],
    *,
    headers: list[str] | None = None,
    everything: bool = False,
    query: str = "none",
    compresses: bool = True,
) -> dict[str, Any]:
    minimum, default, maximum = ttls
    return {
        "Name": f"Managed-{name}",
        "MinTTL": minimum,
        "DefaultTTL": default,
        "MaxTTL": maximum,
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingGzip": compresses,
            "EnableAcceptEncodingBrotli": compresses,
            "HeadersConfig": _behavior("Header", "whitelist" if headers else "none", headers),
            "CookiesConfig": _behavior("Cookie", "all" if everything else "none"),
            "QueryStringsConfig": _behavior("QueryString", query),
        },
    }


def _request(name: str, headers: dict[str, Any], rest: str) -> dict[str, Any]:
    return {
        "Name": f"Managed-{name}",
        "HeadersConfig": headers,
        "CookiesConfig": _behavior("Cookie", rest),
        "QueryStringsConfig": _behavior("QueryString", rest),
    }


_SECURITY = {
    "XSSProtection": {"Override": False, "Protection": True, "ModeBlock": True},
    "FrameOptions": {"Override": False, "FrameOption": "SAMEORIGIN"},
    "ReferrerPolicy": {"Override": False, "ReferrerPolicy": "strict-origin-when-cross-origin"},
    "ContentTypeOptions": {"Override": True},
    "StrictTransportSecurity": {"Override": False, "AccessControlMaxAgeSec": _YEAR},
}
_SIMPLE_CORS = {
    "AccessControlAllowOrigins": quantified(["*"]),
    "AccessControlAllowHeaders": quantified(["*"]),
    "AccessControlAllowMethods": quantified(["GET", "HEAD"]),
    "AccessControlAllowCredentials": False,
    "OriginOverride": False,
}
_PREFLIGHT_CORS = {
    **_SIMPLE_CORS,
    "AccessControlAllowMethods": quantified(
        ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    ),
    "AccessControlExposeHeaders": quantified(["*"]),
}
_SERVER_CACHED = ["Host", "Origin", "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override"]


def _resources(configs: dict[str, dict[str, Any]]) -> dict[str, Resource]:
    return {
        id_: Resource(id=id_, config={"Comment": "", **config}, managed=True)
        for id_, config in configs.items()
    }


CACHE_POLICIES = _resources(
    {
        "658327ea-f89d-4fab-a63d-7e88639e58f6": _cache("CachingOptimized", (1, _DAY, _YEAR)),
        "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": _cache(
            "CachingOptimizedForUncompressedObjects", (1, _DAY, _YEAR), compresses=False
        ),
        "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": _cache(
            "CachingDisabled", (0, 0, 0), compresses=False
        ),
        "83da9c7e-98b4-4e11-a168-04f0df8e2c65": _cache(
            "UseOriginCacheControlHeaders", (0, 0, _YEAR), headers=_SERVER_CACHED, everything=True
        ),
        "4cc15a8a-d715-48a4-82b8-cc0b614638fe": _cache(
            "UseOriginCacheControlHeaders-QueryStrings",
            (0, 0, _YEAR),
            headers=_SERVER_CACHED,
            everything=True,
            query="all",
        ),
    }
)
ORIGIN_REQUEST_POLICIES = _resources(
    {
        "216adef6-5c7f-47e4-b989-5492eafa07d3": _request(
            "AllViewer", _behavior("Header", "allViewer"), "all"
        ),
        "b689b0a8-53d0-40ab-baf2-68738e2966ac": _request(
            "AllViewerExceptHostHeader", _behavior("Header", "allExcept", ["host"]), "all"
        ),
        "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": _request(
            "CORS-S3Origin",
            _behavior(
                "Header",
                "whitelist",
                ["origin", "access-control-request-headers", "access-control-request-method"],
            ),
            "none",
        ),
        "59781a5b-3903-41f3-afcb-af62929ccde1": _request(
            "CORS-CustomOrigin", _behavior("Header", "whitelist", ["origin"]), "none"
        ),
        "acba4595-bd28-49b8-b9fe-13317c0390fa": _request(
            "UserAgentRefererHeaders",
            _behavior("Header", "whitelist", ["user-agent", "referer"]),
            "none",
        ),
        "bf0718e1-ba1e-49d1-88b1-f726733018ae": _request(
            "HostHeaderOnly", _behavior("Header", "whitelist", ["host"]), "none"
        ),
    }
)
RESPONSE_HEADERS_POLICIES = _resources(
    {
        "60669652-455b-4ae9-85a4-c4c02393f86c": {
            "Name": "Managed-SimpleCORS",
            "CorsConfig": _SIMPLE_CORS,
        },
        "5cc3b908-e619-4b99-88e5-2cf7f45965bd": {
            "Name": "Managed-CORS-With-Preflight",
            "CorsConfig": _PREFLIGHT_CORS,
        },
        "67f7725c-6f97-4210-82d7-5512b31e9d03": {
            "Name": "Managed-SecurityHeadersPolicy",
            "SecurityHeadersConfig": _SECURITY,
        },
        "e61eb60c-9c35-4d20-a928-2b84e02af89c": {
            "Name": "Managed-CORS-and-SecurityHeadersPolicy",
            "CorsConfig": _SIMPLE_CORS,
            "SecurityHeadersConfig": _SECURITY,
        },
        "eaab4381-ed33-4a86-88ca-d9558dc6cd63": {
            "Name": "Managed-CORS-with-preflight-and-SecurityHeadersPolicy",
            "CorsConfig": _PREFLIGHT_CORS,
            "SecurityHeadersConfig": _SECURITY,
        },
    }
)
