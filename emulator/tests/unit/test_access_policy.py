"""Evaluation of bucket policies."""

from typing import Any

import pytest

from localstack_native.access.patterns import UndecidableError
from localstack_native.access.policy import Request, check, decide
from localstack_native.access.principals import Principal
from localstack_native.access.publicity import is_public

ACCOUNT = "111122223333"
DISTRIBUTION = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"
ANYBODY = Principal.anonymous()
CLOUDFRONT = Principal.service("cloudfront.amazonaws.com")
ROLE = Principal.aws(f"arn:aws:iam::{ACCOUNT}:role/path/worker")
SESSION = Principal.aws(f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/session")


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    """Return a statement about everything, except for some elements; None removes one."""
    whole = {
        "Effect": effect,
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "*",
        **elements,
    }
    return {name: value for name, value in whole.items() if value is not None}


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    """Return a policy of statements."""
    return {"Version": version, "Statement": list(statements)}


def request(principal: Principal = ANYBODY, **context: str | list[str]) -> Request:
    """Return a request for an object; of a key in the context, ``_`` is the colon."""
    return Request(
        principal,
        "s3:GetObject",
        "arn:aws:s3:::bucket/a/b.jpg",
        {key.replace("_", ":"): value for key, value in context.items()},
    )


def allows(condition: dict[str, Any], **context: str | list[str]) -> bool:
    """Return whether an Allow with a condition applies."""
    asked = request(ANYBODY, **context)
    return decide(policy(statement(Condition=condition)), asked) == "allow"


@pytest.mark.parametrize(
    ("elements", "principal"),
    [
        ({"Principal": "*"}, ANYBODY),
        ({"Principal": {"AWS": "*"}}, ANYBODY),
        ({"Principal": {"AWS": ["*"]}}, ROLE),
        ({"Principal": {"Service": "cloudfront.amazonaws.com"}}, CLOUDFRONT),
        ({"Principal": {"AWS": ACCOUNT}}, ROLE),
        ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}, ROLE),
        ({"Principal": {"AWS": ROLE.name}}, ROLE),
        ({"Principal": {"AWS": ROLE.name}}, SESSION),
        ({"Principal": None, "NotPrincipal": {"AWS": ACCOUNT}}, ANYBODY),
        ({"Action": "S3:getobject"}, ANYBODY),
        ({"Action": ["s3:Put*", "s3:Get??ject"]}, ANYBODY),
        ({"Action": None, "NotAction": "s3:PutObject"}, ANYBODY),
        ({"Resource": "arn:aws:s3:::bucket/*"}, ANYBODY),
        ({"Resource": "arn:aws:s3:::*/?/b.jpg"}, ANYBODY),
        ({"Resource": None, "NotResource": "arn:aws:s3:::bucket/private/*"}, ANYBODY),
    ],
)
def test_a_matching_statement_applies(elements: dict[str, Any], principal: Principal) -> None:
    """A statement whose elements match the request applies, as an Allow or a Deny."""
    assert decide(policy(statement(**elements)), request(principal)) == "allow"
    both = policy(statement(), statement("Deny", **elements))
    assert decide(both, request(principal)) == "deny"


@pytest.mark.parametrize(
    ("elements", "principal"),
    [
        ({"Principal": {"AWS": ACCOUNT}}, ANYBODY),
        ({"Principal": {"AWS": "444455556666"}}, ROLE),
        ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/work*"}}, ROLE),
        ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/other"}}, SESSION),
        ({"Principal": {"Service": "s3.amazonaws.com"}}, CLOUDFRONT),
        ({"Principal": {"Service": "cloudfront.amazonaws.com"}}, ANYBODY),
        ({"Principal": {"CanonicalUser": "*"}}, ANYBODY),
        ({"Principal": None, "NotPrincipal": {"AWS": ACCOUNT}}, ROLE),
        ({"Action": "s3:GetObjectVersion"}, ANYBODY),
        ({"Action": None, "NotAction": "s3:Get*"}, ANYBODY),
        ({"Resource": "arn:aws:s3:::bucket"}, ANYBODY),
        ({"Resource": "arn:aws:s3:::bucket/A/*"}, ANYBODY),
        ({"Resource": "arn:aws:s3:::bucket/a[/]b.jpg"}, ANYBODY),
        ({"Resource": None, "NotResource": "arn:aws:s3:::bucket/a/*"}, ANYBODY),
    ],
)
def test_other_statements_do_not_apply(elements: dict[str, Any], principal: Principal) -> None:
    """A statement for another principal, action or resource does not apply."""
    assert decide(policy(statement(**elements)), request(principal)) == "silent"
    assert decide(policy(statement("Deny", **elements)), request(principal)) == "silent"


@pytest.mark.parametrize(
    ("operator", "wanted", "found", "holds"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", ["b", "a"], "a", True),
        ("StringEquals", "a*", "ab", False),
        ("StringNotEquals", ["b", "a"], "a", False),
        ("StringNotEquals", ["b", "c"], "a", True),
        ("StringEqualsIgnoreCase", "A", "a", True),
        ("StringNotEqualsIgnoreCase", "A", "a", False),
        ("StringLike", "a*c?", "abbcd", True),
        ("StringLike", "a.c", "abc", False),
        ("StringNotLike", "a*", "abc", False),
        ("ArnEquals", f"arn:aws:cloudfront::{ACCOUNT}:distribution/*", DISTRIBUTION, True),
        ("ArnLike", "arn:aws:cloudfront::*:distribution/E1", DISTRIBUTION, True),
        ("ArnLike", "arn:aws:*/E1", DISTRIBUTION, False),
        ("ArnNotLike", DISTRIBUTION, DISTRIBUTION, False),
        ("NumericEquals", "10", "10.0", True),
        ("NumericLessThanEquals", 10, "10", True),
        ("NumericLessThan", 10, "10", False),
        ("NumericGreaterThan", "9", "10", True),
        ("NumericNotEquals", "9", "10", True),
        ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", True),
        ("DateLessThan", "1767225600", "2026-01-02T00:00:00Z", False),
        ("DateEquals", "2026-01-01", "1767225600", True),
        ("Bool", True, "true", True),
        ("Bool", "false", "true", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", True),
        ("IpAddress", "203.0.113.0/24", "2001:db8::1", False),
        ("NotIpAddress", ["203.0.113.0/24", "10.0.0.0/8"], "10.1.2.3", False),
        ("BinaryEquals", "aGk=", "aGk=", True),
        ("Null", "false", "a", True),
        ("Null", "true", "a", False),
    ],
)
def test_operators_compare_as_documented(
    operator: str, wanted: Any, found: str, *, holds: bool
) -> None:
    """An operator compares as AWS documents it, with any case of the key's name."""
    assert allows({operator: {"AWS:Key": wanted}}, aws_key=found) is holds


@pytest.mark.parametrize(
    ("operator", "holds"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("NotIpAddress", True),
        ("StringEqualsIfExists", True),
        ("StringNotEqualsIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
    ],
)
def test_a_missing_key_matches_only_negations_and_if_exists(operator: str, *, holds: bool) -> None:
    """A key that the request lacks differs from every value; IfExists accepts it."""
    assert allows({operator: {"aws:key": "10.0.0.0/8"}}) is holds


@pytest.mark.parametrize(
    ("operator", "found", "holds"),
    [
        ("ForAllValues:StringLike", ["a1", "b"], True),
        ("ForAllValues:StringLike", ["a1", "c"], False),
        ("ForAnyValue:StringLike", ["a1", "c"], True),
        ("ForAnyValue:StringLike", ["c"], False),
        ("ForAllValues:StringNotLike", ["c", "d"], True),
        ("ForAllValues:StringNotLike", ["c", "b"], False),
    ],
)
def test_set_operators(operator: str, found: list[str], *, holds: bool) -> None:
    """Of several values, all or any must match one of those in the policy."""
    assert allows({operator: {"aws:key": ["a*", "b"]}}, aws_key=found) is holds


def test_all_conditions_must_hold() -> None:
    """Several operators, and several keys of one, must all hold."""
    condition = {"StringEquals": {"aws:a": "1", "aws:b": "2"}, "Bool": {"aws:c": "true"}}
    assert allows(condition, aws_a="1", aws_b="2", aws_c="true")
    assert not allows(condition, aws_a="1", aws_b="3", aws_c="true")
    assert not allows(condition, aws_a="1", aws_b="2", aws_c="false")


@pytest.mark.parametrize(
    "elements",
    [
        {"Condition": {"StringAlmostEquals": {"aws:key": "a"}}},
        {"Condition": {"StringEquals": {"aws:other": "b"}, "StringSimilar": {"aws:key": "a"}}},
        {"Condition": {"ForSomeValues:StringEquals": {"aws:key": "a"}}},
        {"Condition": {"NullIfExists": {"aws:key": "a"}}},
        {"Condition": {"NumericLessThan": {"aws:key": "1"}}},
        {"Condition": {"DateGreaterThan": {"aws:key": "2026"}}},
        {"Condition": {"IpAddress": {"aws:key": "10.0.0.0/8"}}},
        {"Condition": {"StringEquals": {"aws:key": "${aws:username}"}}},
        {"Condition": ["StringEquals"]},
        {"Resource": "arn:aws:s3:::bucket/${aws:username}/*"},
        {"Resource": None},
        {"Principal": "everybody"},
    ],
)
def test_undecidable_statements_never_allow(elements: dict[str, Any]) -> None:
    """An undecidable Allow grants nothing, and an undecidable Deny denies."""
    asked = request(aws_key="a")
    assert decide(policy(statement(**elements)), asked) == "silent"
    assert decide(policy(statement(), statement("Deny", **elements)), asked) == "deny"


@pytest.mark.parametrize(
    ("pattern", "version", "decision"),
    [
        ("arn:aws:s3:::bucket/${aws:username}/*", "2012-10-17", "allow"),
        ("arn:aws:s3:::bucket/${AWS:UserName}/b.jpg", "2012-10-17", "allow"),
        ("arn:aws:s3:::bucket/${aws:other, 'a'}/*", "2012-10-17", "allow"),
        ("arn:aws:s3:::bucket/${*}/*", "2012-10-17", "silent"),
        ("arn:aws:s3:::bucket/${aws:star}/*", "2012-10-17", "silent"),
        ("arn:aws:s3:::bucket/${aws:username}/*", "2008-10-17", "silent"),
    ],
)
def test_variables_are_replaced(pattern: str, version: str, decision: str) -> None:
    """A variable is replaced by the request's value, literally, if the version is 2012-10-17."""
    asked = request(aws_username="a", aws_star="*")
    assert decide(policy(statement(Resource=pattern), version=version), asked) == decision


def test_one_statement_needs_no_list() -> None:
    """A single statement counts as a list of one."""
    assert decide({"Statement": statement()}, request()) == "allow"


def test_an_unknown_operator_is_refused() -> None:
    """The error of a policy with an unknown operator names it."""
    with pytest.raises(UndecidableError, match="StringAlmost"):
        check(policy(statement(Condition={"StringAlmost": {"aws:key": "a"}})))
    check(policy(statement(Condition={"ForAllValues:StringLikeIfExists": {"aws:key": "a"}})))


@pytest.mark.parametrize(
    ("elements", "public"),
    [
        ({}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"AWS": ["*", ACCOUNT]}}, True),
        ({"Principal": None, "NotPrincipal": {"AWS": ACCOUNT}}, True),
        ({"Principal": {"AWS": ACCOUNT}}, False),
        ({"Principal": {"Service": "cloudfront.amazonaws.com"}}, False),
        ({"effect": "Deny"}, False),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
        ({"Condition": {"StringEquals": {"aws:SourceArn": DISTRIBUTION}}}, False),
        ({"Condition": {"StringLike": {"AWS:SourceArn": "arn:aws:cloudfront:*"}}}, True),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": "${aws:x}"}}}, True),
        ({"Condition": {"StringEqualsIfExists": {"aws:SourceArn": DISTRIBUTION}}}, True),
        ({"Condition": {"ForAllValues:StringEquals": {"aws:SourceVpc": "vpc-1"}}}, True),
        ({"Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}, True),
        ({"Condition": {"StringLike": {"aws:Referer": "https://example.com"}}}, True),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}, False),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}, False),
        ({"Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "0.0.0.0/1"]}}}, True),
        ({"Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}, True),
    ],
)
def test_public_policies(elements: dict[str, Any], *, public: bool) -> None:
    """A policy is public unless each Allow is for fixed principals or fixed values."""
    fixed = statement(Principal={"AWS": ACCOUNT})
    assert is_public(policy(fixed, statement(**elements))) is public
