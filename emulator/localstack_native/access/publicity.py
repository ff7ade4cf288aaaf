"""Public policies, by the definition of Block Public Access ("The meaning of public").

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

import ipaddress
from collections.abc import Mapping
from typing import Any

from localstack_native.access import conditions
from localstack_native.access.conditions import listed
from localstack_native.access.patterns import UndecidableError, is_fixed
from localstack_native.access.policy import statements

# Keys whose fixed value narrows a grant.
_NARROWING = frozenset(
    {
        "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner",
        "aws:sourceaccount", "aws:userid", "aws:principalorgid", "s3:dataaccesspointarn",
        "s3:dataaccesspointaccount", "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)  # fmt: skip
_EQUALITIES = frozenset(
    {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"}
)
# Ranges "broader than /8 for IPv4 and /32 for IPv6" are public.
_NARROWEST_PUBLIC = {4: 7, 6: 31}


def is_public(policy: Mapping[str, Any]) -> bool:
    """Return whether a policy is public by the definition of Block Public Access.

    It is not public if each Allow names fixed principals, or has a condition with fixed values (no
    wildcard, no variable) for a key such as ``aws:SourceArn``.
    """
    return any(
        statement.get("Effect") == "Allow"
        and not _names_principals(statement)
        and not _is_narrowed(statement)
        for statement in statements(policy)
    )


def _names_principals(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    return isinstance(principal, Mapping) and all(
        is_fixed(name) for names in principal.values() for name in listed(names)
    )


def _is_narrowed(statement: Mapping[str, Any]) -> bool:
    try:
        found = list(conditions.each(statement.get("Condition") or {}))
        return any(_narrows(*each) for each in found)
    except UndecidableError:
        return False


def _narrows(name: str, key: str, wanted: list[str]) -> bool:
    quantifier, base, if_exists = conditions.parsed(name)
    # Both hold for requests that lack the key.
    if if_exists or quantifier == "ForAllValues":
        return False
    if base == "IpAddress" and key.lower() == "aws:sourceip":
        return all(_is_narrow(cidr) for cidr in wanted)
    return (
        base in _EQUALITIES
        and key.lower() in _NARROWING
        and all(is_fixed(value) for value in wanted)
    )


def _is_narrow(cidr: str) -> bool:
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.prefixlen > _NARROWEST_PUBLIC[network.version]
