"""Validation and defaults of configurations that are created or updated.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateDistribution.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from localstack_native.cloudfront import policies
from localstack_native.cloudfront.errors import error
from localstack_native.cloudfront.functions import associations
from localstack_native.cloudfront.managed import quantified
from localstack_native.cloudfront.policies import behaviors
from localstack_native.cloudfront.signed_requests import key_groups
from localstack_native.cloudfront.store import CloudFrontStore, Distribution, distributions

FUNCTION_URL = re.compile(
    r"(?P<id>[a-z0-9-]+)\.lambda-url\.(?P<region>[a-z0-9-]+)\.(?P<server>[^:]+)(?::\d+)?"
)
"""The domain name of a function URL."""

METHODS = (
    {"GET", "HEAD"},
    {"GET", "HEAD", "OPTIONS"},
    {"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"},
)
"""The sets of methods that a behavior may allow."""

_FAILOVER_CODES = frozenset({400, 403, 404, 416, 429, 500, 502, 503, 504})
_DEFAULTS: dict[str, Any] = {
    "Aliases": {"Quantity": 0},
    "DefaultRootObject": "",
    "OriginGroups": {"Quantity": 0},
    "CacheBehaviors": {"Quantity": 0},
    "CustomErrorResponses": {"Quantity": 0},
    "Comment": "",
    "PriceClass": "PriceClass_All",
    "ViewerCertificate": {
        "CloudFrontDefaultCertificate": True,
        "MinimumProtocolVersion": "TLSv1",
        "CertificateSource": "cloudfront",
    },
    "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
    "WebACLId": "",
    "HttpVersion": "http2",
    "IsIPV6Enabled": False,
    "Staging": False,
}
_ORIGIN_DEFAULTS: dict[str, Any] = {
    "OriginPath": "",
    "CustomHeaders": {"Quantity": 0},
    "ConnectionAttempts": 3,
    "ConnectionTimeout": 10,
    "OriginAccessControlId": "",
}


def completed(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a distribution's configuration with CloudFront's defaults."""
    given = (config.get("Origins") or {}).get("Items") or ()
    origins = [{**_ORIGIN_DEFAULTS, **each} for each in given]
    complete = {
        **_DEFAULTS,
        **config,
        "Origins": {**(config.get("Origins") or {}), "Items": origins},
    }
    for behavior in behaviors(complete):
        allowed = behavior.setdefault("AllowedMethods", quantified(["HEAD", "GET"]))
        allowed.setdefault("CachedMethods", quantified(["HEAD", "GET"]))
        behavior.setdefault("Compress", False)
    return complete


def check_distribution(
    store: CloudFrontStore, config: Mapping[str, Any], old: Distribution | None
) -> None:
    """Raise the API's error for an invalid configuration, which must be complete."""
    for path, quantity, items in _lists(config):
        if quantity != len(items):
            raise error("InconsistentQuantities", f"Quantity and Items of {path} differ.")
    origins = config["Origins"].get("Items", [])
    if not origins:
        raise _invalid("The parameter Origins is required.")
    for origin in origins:
        _check_origin(store, origin)
    groups = (config.get("OriginGroups") or {}).get("Items") or []
    targets = {each["Id"] for each in [*origins, *groups]}
    if len(targets) != len(origins) + len(groups):
        raise _invalid("The origins' identifiers must differ.")
    _check_groups(groups, {each["Id"] for each in origins})
    for behavior in behaviors(config):
        _check_behavior(store, behavior, targets)
        if behavior["TargetOriginId"] in {each["Id"] for each in groups}:
            _check_group_methods(behavior)
    patterns = [each["PathPattern"] for each in behaviors(config)[:-1]]
    if len(set(patterns)) != len(patterns):
        raise _invalid("The cache behaviors' path patterns must differ.")
    _check_root(config["DefaultRootObject"])
    _check_errors((config.get("CustomErrorResponses") or {}).get("Items") or [])
    _check_aliases(config, old)


def check_cache_policy(config: Mapping[str, Any]) -> None:
    """Raise InvalidArgument for an invalid cache policy."""
    shortest, default, longest = ttls(config)
    if not shortest <= default <= longest:
        raise _invalid("The parameters must fulfill MinTTL <= DefaultTTL <= MaxTTL.")


def check_access_control(config: Mapping[str, Any]) -> None:
    """Raise InvalidArgument for an invalid origin access control."""
    if config["SigningProtocol"] != "sigv4":
        raise _invalid("The parameter SigningProtocol must be sigv4.")
    if config["SigningBehavior"] not in {"always", "never", "no-override"}:
        raise _invalid("The parameter SigningBehavior must be always, never or no-override.")


def ttls(config: Mapping[str, Any]) -> tuple[int, int, int]:
    """Return a cache policy's MinTTL, DefaultTTL and MaxTTL in seconds, with their defaults."""
    shortest = int(config["MinTTL"])
    default = int(config.get("DefaultTTL", max(shortest, 86_400)))
    return shortest, default, int(config.get("MaxTTL", max(default, 31_536_000)))


def _invalid(message: str) -> Exception:
    return error("InvalidArgument", message)


def _check_origin(store: CloudFrontStore, origin: Mapping[str, Any]) -> None:
    if not origin.get("DomainName"):
        raise error("InvalidOrigin", "An origin needs a DomainName.")
    if ("S3OriginConfig" in origin) == ("CustomOriginConfig" in origin):
        raise _invalid(
            f"The origin {origin['Id']} needs either S3OriginConfig or CustomOriginConfig."
        )
    path = origin["OriginPath"]
    if path and (not path.startswith("/") or path.endswith("/")):
        raise _invalid("The parameter OriginPath must begin with / and not end with it.")
    if control := origin["OriginAccessControlId"]:
        config = policies.find(policies.ACCESS_CONTROL, store, control).config
        kind = config["OriginAccessControlOriginType"]
        is_url = FUNCTION_URL.fullmatch(origin["DomainName"]) is not None
        if (kind == "lambda") != is_url or ("S3OriginConfig" in origin and kind != "s3"):
            raise error(
                "InvalidOriginAccessControl",
                f"The origin access control {control} is for origins of the type"
                f" {kind}, and {origin['Id']} is of another type.",
            )


def _check_groups(groups: list[dict[str, Any]], origins: set[str]) -> None:
    for group in groups:
        members = [each["OriginId"] for each in group["Members"].get("Items") or ()]
        codes = set(group["FailoverCriteria"]["StatusCodes"].get("Items") or ())
        if len(members) != 2 or len(set(members) & origins) != 2:
            raise _invalid(f"The origin group {group['Id']} needs two origins that exist.")
        if not codes or not codes <= _FAILOVER_CODES:
            raise _invalid(
                f"The failover status codes of {group['Id']} must be of"
                f" {', '.join(map(str, sorted(_FAILOVER_CODES)))}."
            )


def _check_group_methods(behavior: Mapping[str, Any]) -> None:
    if not set(behavior["AllowedMethods"].get("Items", ())) <= METHODS[1]:
        raise _invalid(
            "The parameter AllowedMethods cannot include POST, PUT, PATCH, or DELETE for a cache"
            " behavior associated with an origin group."
        )


def _check_behavior(store: CloudFrontStore, behavior: Mapping[str, Any], targets: set[str]) -> None:
    if behavior["TargetOriginId"] not in targets:
        raise error(
            "NoSuchOrigin",
            f"One or more of your origins do not exist: {behavior['TargetOriginId']}",
        )
    allowed = behavior["AllowedMethods"]
    cached = set(allowed["CachedMethods"].get("Items", ()))
    if set(allowed.get("Items", ())) not in METHODS or cached not in METHODS[:2]:
        raise _invalid("CloudFront does not support this set of allowed or cached methods.")
    if not cached <= set(allowed["Items"]):
        raise _invalid("The cached methods must be allowed methods.")
    _check_features(store, behavior)


def _check_features(store: CloudFrontStore, behavior: Mapping[str, Any]) -> None:
    if ("CachePolicyId" in behavior) == ("ForwardedValues" in behavior):
        raise _invalid("A behavior needs either CachePolicyId or ForwardedValues.")
    for kind in policies.KINDS[1:]:
        if reference := behavior.get(f"{kind.name}Id"):
            policies.find(kind, store, reference)
    if (behavior.get("LambdaFunctionAssociations") or {}).get("Items"):
        raise _invalid("The emulator does not support LambdaFunctionAssociations.")
    associations.check(store, behavior)
    if (behavior.get("TrustedSigners") or {}).get("Enabled"):
        raise _invalid("The emulator does not support TrustedSigners: use TrustedKeyGroups.")
    for id_ in key_groups(behavior):
        if id_ not in store.key_groups:
            raise error("TrustedKeyGroupDoesNotExist", f"The key group {id_} does not exist.")


def _check_root(root: str) -> None:
    if root.startswith("/"):
        raise error("InvalidDefaultRootObject", "The default root object must not begin with /.")


def _check_errors(responses: list[dict[str, Any]]) -> None:
    for each in responses:
        if bool(each.get("ResponsePagePath")) != bool(each.get("ResponseCode")):
            raise _invalid("Specify both or neither of ResponsePagePath and ResponseCode.")
        if each.get("ResponsePagePath") and not each["ResponsePagePath"].startswith("/"):
            raise _invalid("The parameter ResponsePagePath must begin with /.")


def _check_aliases(config: Mapping[str, Any], old: Distribution | None) -> None:
    wanted = {alias.lower() for alias in config["Aliases"].get("Items", ())}
    for other in distributions():
        if other is old:
            continue
        taken = wanted & {alias.lower() for alias in other.config["Aliases"].get("Items", ())}
        if taken:
            raise error(
                "CNAMEAlreadyExists",
                f"Another distribution has the alias {', '.join(sorted(taken))}.",
            )


def _lists(value: Any, path: str = "") -> Iterator[tuple[str, int, list[Any]]]:
    """Yield the path, the stated quantity and the items of each list in a configuration."""
    if isinstance(value, Mapping):
        if "Quantity" in value:
            yield path, value["Quantity"], value.get("Items") or []
        for name, each in value.items():
            yield from _lists(each, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for each in value:
            yield from _lists(each, path)
