"""Origins that a function sets: ``cf.updateRequestOrigin`` and ``cf.selectRequestOriginById``.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/helper-functions-origin-modification.html
"""

from collections.abc import Mapping
from typing import Any

from localstack_native.cloudfront.managed import quantified
from localstack_native.cloudfront.messages import OriginError

type Config = Mapping[str, Any]
type Origins = tuple[Config, ...]

SIGNING = "AccessControl"
"""The member of a changed origin that replaces its origin access control."""

HOST = "HostHeader"
"""The member of a changed origin with the Host that it receives."""

_PLAIN = {
    "domainName": "DomainName",
    "originPath": "OriginPath",
    "connectionAttempts": "ConnectionAttempts",
    "hostHeader": HOST,
}


def applied(
    config: Config, chosen: Origins, failover: frozenset[int], origin: Config
) -> tuple[Origins, frozenset[int]]:
    """Return the origins and failover statuses of a request whose function has set an origin.

    Of an origin group, the primary origin is changed. An origin that is selected replaces the
    group. Raises OriginError for an origin that does not exist.
    """
    if (selected := origin.get("id")) is not None:
        found = [each for each in config["Origins"]["Items"] if each["Id"] == selected]
        if not found:
            raise OriginError(502, f"The distribution has no origin {selected}.")
        chosen, failover = (found[0],), frozenset()
    return (_changed(chosen[0], origin["changes"]), *chosen[1:]), failover


def _changed(origin: Config, changes: Config) -> dict[str, Any]:
    made = {**origin}
    for name, member in _PLAIN.items():
        if name in changes:
            made[member] = changes[name]
    if "customHeaders" in changes:
        headers = changes["customHeaders"] or {}
        made["CustomHeaders"] = quantified(
            [{"HeaderName": name, "HeaderValue": str(value)} for name, value in headers.items()]
        )
    if control := changes.get("originAccessControlConfig"):
        made[SIGNING] = {
            "SigningBehavior": control.get("signingBehavior", "always")
            if control.get("enabled")
            else "never",
            "OriginAccessControlOriginType": control.get("originType", "s3"),
        }
    custom = dict(made.get("CustomOriginConfig") or {})
    given = changes.get("customOriginConfig") or {}
    if "protocol" in given:
        custom["OriginProtocolPolicy"] = f"{given['protocol']}-only"
    if "port" in given:
        custom |= {"HTTPPort": given["port"], "HTTPSPort": given["port"]}
    if "readTimeout" in (timeouts := changes.get("timeouts") or {}):
        custom["OriginReadTimeout"] = timeouts["readTimeout"]
    return {**made, "CustomOriginConfig": custom} if custom else made
