"""The rules for statements of policies: permissions and principals."""

from typing import Any

import pytest

from tests.assurance.iam import lint
from tests.assurance.policies import Policy

QUEUE = "arn:aws:sqs:eu-central-1:111122223333:work"
TABLE = "arn:aws:dynamodb:eu-central-1:111122223333:table/catalog"
BUCKET = "arn:aws:s3:::images"
ROLE = "arn:aws:iam::111122223333:role/worker"
TOKEN = "token.actions.githubusercontent.com"
GITHUB = {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{TOKEN}"}
ASSUME = {"Action": "sts:AssumeRoleWithWebIdentity", "Principal": GITHUB}
S3 = {"Service": "s3.amazonaws.com"}
ALL_SEND = {"Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE}


def broken(kind: Any, statement: dict[str, Any]) -> set[str]:
    """Return the rules that a statement breaks, without their prefix IAM_."""
    document = {"Statement": [{"Effect": "Allow", **statement}]}
    return {rule.removeprefix("IAM_") for rule, _, _ in lint(Policy("Role", kind, document))}


def claims(subject: str | list[str], audience: str = "sts.amazonaws.com") -> dict[str, Any]:
    """Return a condition on the token of a GitHub Actions workflow."""
    return {
        "StringEquals": {f"{TOKEN}:aud": audience},
        "StringLike": {f"{TOKEN}:sub": subject},
    }


@pytest.mark.parametrize(
    ("statement", "rules"),
    [
        ({"Action": "s3:GetObjekt", "Resource": f"{BUCKET}/*"}, {"UNKNOWN_ACTION"}),
        ({"Action": "s4:GetObject", "Resource": f"{BUCKET}/*"}, {"UNKNOWN_ACTION"}),
        ({"Action": "s3:GetObject", "Resource": BUCKET}, {"RESOURCE_MISMATCH", "UNUSED_RESOURCE"}),
        ({"Action": "s3:ListBucket", "Resource": [BUCKET, f"{BUCKET}/*"]}, {"UNUSED_RESOURCE"}),
        (
            {"Action": ["sqs:SendMessage", "dynamodb:GetItem"], "Resource": QUEUE},
            {"RESOURCE_MISMATCH"},
        ),
        (
            {"Action": "s3:ListAllMyBuckets", "Resource": BUCKET},
            {"RESOURCE_MISMATCH", "UNUSED_RESOURCE"},
        ),
        ({"Action": "dynamodb:*", "Resource": TABLE}, {"WILDCARD_ACTION"}),
        ({"Action": "dynamodb:Get*", "Resource": TABLE}, {"WILDCARD_ACTION"}),
        ({"Action": "*", "Resource": "*"}, {"WILDCARD_ACTION", "WILDCARD_RESOURCE"}),
        ({"Action": "sqs:SendMessage", "Resource": "*"}, {"WILDCARD_RESOURCE"}),
        ({"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::*"}, {"WILDCARD_RESOURCE"}),
        ({"Action": "iam:GetRole", "Resource": ROLE.replace("worker", "*")}, {"WILDCARD_RESOURCE"}),
        ({"Action": "iam:PassRole", "Resource": ROLE}, {"PASS_ROLE"}),
        (
            {
                "Action": "iam:PassRole", "Resource": "*",
                "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
            },
            {"WILDCARD_RESOURCE"},
        ),
        ({"NotAction": "iam:*", "Resource": "*"}, {"INVERSE"}),
        ({"Action": "sqs:SendMessage", "NotResource": QUEUE}, {"INVERSE"}),
        (
            {
                "Effect": "Deny", "Action": "sqs:*", "Resource": QUEUE,
                "Condition": {"Bool": {"aws:SecureTransprt": "false"}},
            },
            {"UNKNOWN_CONDITION"},
        ),
    ],
)  # fmt: skip
def test_bad_permissions(statement: dict[str, Any], rules: set[str]) -> None:
    """Permissions without effect, and permissions that are too wide, break a rule each."""
    assert broken("identity", statement) == rules


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "s3:GetObject", "Resource": f"{BUCKET}/*"},
        {"Action": ["s3:ListBucket", "s3:GetObject"], "Resource": [BUCKET, f"{BUCKET}/a/b*"]},
        {"Action": "dynamodb:Query", "Resource": [TABLE, f"{TABLE}/index/*"]},
        {"Action": "s3:ListAllMyBuckets", "Resource": "*"},
        {
            "Action": "logs:PutLogEvents",
            "Resource": "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/lambda/worker:*",
        },
        {
            "Action": "iam:PassRole", "Resource": ROLE,
            "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
        },
        {"Effect": "Deny", "Action": "s3:*", "Resource": [BUCKET, f"{BUCKET}/*"]},
        {
            "Action": "lambda:DeleteEventSourceMapping", "Resource": "*",
            "Condition": {"ArnLike": {"lambda:FunctionArn": "arn:aws:lambda:*:*:function:our-*"}},
        },
        {
            "Action": ["apigateway:GET", "apigateway:PATCH"],
            "Resource": [f"arn:aws:apigateway:r::/{name}" for name in ("account", "restapis/a")],
        },
    ],
)  # fmt: skip
def test_good_permissions(statement: dict[str, Any]) -> None:
    """Narrow permissions break no rule."""
    assert broken("identity", statement) == set()


@pytest.mark.parametrize(
    ("kind", "statement", "rules"),
    [
        ("resource", ALL_SEND, {"PUBLIC"}),
        ("resource", ALL_SEND | {"Principal": {"AWS": ["*"]}}, {"PUBLIC"}),
        ("resource", ALL_SEND | {"Principal": S3}, {"CONFUSED_DEPUTY"}),
        ("resource", ALL_SEND | {"Principal": None, "NotPrincipal": S3}, {"INVERSE"}),
        ("trust", ASSUME, {"FEDERATION"}),
        ("trust", ASSUME | {"Condition": claims("*")}, {"FEDERATION"}),
        ("trust", ASSUME | {"Condition": claims(["repo:us/ours:*", "repo:*:x"])}, {"FEDERATION"}),
        ("trust", ASSUME | {"Condition": claims("repo:us/ours:*", "")}, {"FEDERATION"}),
        ("trust", ASSUME | {"Condition": claims("repo:us/ours:ref:refs/heads/main")}, set()),
        ("trust", {"Action": "sts:AssumeRole", "Principal": S3}, set()),
        (
            "resource",
            ALL_SEND | {"Principal": S3, "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}},
            set(),
        ),
    ],
)
def test_principals(kind: str, statement: dict[str, Any], rules: set[str]) -> None:
    """Principals are judged by what the policy is attached to: a resource or a role."""
    statement = {name: value for name, value in statement.items() if value is not None}
    assert broken(kind, statement) == rules
