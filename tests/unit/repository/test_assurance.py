"""The rules for templates find what they are for."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.assurance.__main__ import ACCEPTED, of_policies
from tests.assurance.arns import can_name, covers_all
from tests.assurance.findings import AcceptedError, Finding, judge, load_accepted
from tests.assurance.iam import lint
from tests.assurance.policies import Policy, UnresolvedError, policies
from tests.assurance.transport import open_to_plain_http

QUEUE = "arn:aws:sqs:eu-central-1:111122223333:work"
TABLE = "arn:aws:dynamodb:eu-central-1:111122223333:table/catalog"
BUCKET = "arn:aws:s3:::pictures"
ROLE = "arn:aws:iam::111122223333:role/worker"
TOKEN = "token.actions.githubusercontent.com"
GITHUB = {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{TOKEN}"}
ASSUME = {"Action": "sts:AssumeRoleWithWebIdentity", "Principal": GITHUB}
S3 = {"Service": "s3.amazonaws.com"}
ALL_SEND = {"Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE}


def broken(kind: Any, statement: dict[str, Any]) -> set[str]:
    """Return the rules that a statement breaks, without their common beginning."""
    document = {"Statement": [{"Effect": "Allow", **statement}]}
    return {rule.removeprefix("IAM_") for rule, _, _ in lint(Policy("Role", kind, document))}


def claims(subject: str | list[str], audience: str = "sts.amazonaws.com") -> dict[str, Any]:
    """Return a condition on the token of a workflow."""
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
    """Permissions that do nothing, or more than they must, break the rules that say so."""
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
    """Permissions for what is needed break no rule."""
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
    """Who may is judged by what the policy belongs to."""
    statement = {name: value for name, value in statement.items() if value is not None}
    assert broken(kind, statement) == rules


@pytest.mark.parametrize(
    ("pattern", "form", "named"),
    [
        ("arn:aws:s3:::b", "arn:${Partition}:s3:::${BucketName}", True),
        ("arn:aws:s3:::b/*", "arn:${Partition}:s3:::${BucketName}", False),
        ("arn:aws:s3:::b*", "arn:${Partition}:s3:::${BucketName}/${ObjectName}", True),
        ("arn:aws:s3:::b/c/d", "arn:${Partition}:s3:::${BucketName}/${ObjectName}", True),
        ("arn:aws:s3:::b/?", "arn:${Partition}:s3:::${BucketName}/${ObjectName}", True),
        ("arn:aws:s3:::${aws:username}", "arn:${Partition}:s3:::${BucketName}", True),
        ("*", "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}", True),
        ("arn:aws:sns:r:1:q", "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}", False),
        ("arn:aws:sqs:r:1", "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}", False),
    ],
)
def test_can_name(pattern: str, form: str, named: bool) -> None:  # noqa: FBT001
    """A pattern names a form's resources if a text fits both; names end at slashes and colons."""
    assert can_name(pattern, form) is named


def test_covers_all() -> None:
    """A pattern covers a form if no name is left out, be it of one account and region."""
    form = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"
    assert covers_all("arn:aws:iam::111122223333:role/*", form)
    assert not covers_all("arn:aws:iam::111122223333:role/darkroom-*", form)
    assert not covers_all(
        "arn:aws:apigateway:r::/apis", "arn:${Partition}:apigateway:${Region}::/apis"
    )


def template(folder: Path, **resources: dict[str, Any]) -> Path:
    """Write a template."""
    path = folder / "template.yaml"
    path.write_text(
        yaml.safe_dump({"Parameters": {"Who": {"Default": ""}}, "Resources": resources})
    )
    return path


def bucket_policy(*statements: Any) -> dict[str, Any]:
    """Return the policy of the bucket that is called Bucket."""
    document = {"PolicyDocument": {"Statement": list(statements)}}
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": {"Ref": "Bucket"}, **document},
    }


def test_policies_are_found_and_resolved(tmp_path: Path) -> None:
    """Policies are found wherever they are, for either outcome of the conditions."""
    get = {"Effect": "Allow", "Action": "s3:GetObject", "Principal": "*"}
    names = {"Suffix": {"Fn::Join": ["-", ["a", "b"]]}}
    named = {"Fn::Sub": ["${AWS::StackName}-${Who}-${Suffix}", names]}
    path = template(
        tmp_path,
        Bucket={"Type": "AWS::S3::Bucket", "Properties": {"BucketName": named}},
        Policy=bucket_policy(
            get | {"Resource": {"Fn::Sub": "${Bucket.Arn}/*"}},
            {"Fn::If": ["Open", get | {"Resource": "*"}, {"Ref": "AWS::NoValue"}]},
        ),
    )
    open_, closed = policies(path)
    assert (open_.kind, open_.resource) == ("resource", "Policy")
    assert len(open_.document["Statement"]) == 2
    [statement] = closed.document["Statement"]
    assert statement["Resource"] == "arn:aws:s3:::darkroom-who-a-b/*"


@pytest.mark.parametrize(
    "value", [{"Fn::ImportValue": "x"}, {"Fn::GetAtt": ["Other", "Arn"]}], ids=["function", "type"]
)
def test_what_is_not_understood_is_an_error(tmp_path: Path, value: Any) -> None:
    """A policy that can't be resolved is not passed over."""
    resource = {"Type": "AWS::Events::Rule"}
    path = template(tmp_path, Other=resource, Policy=bucket_policy({"Resource": value}))
    with pytest.raises(UnresolvedError):
        list(policies(path))


def test_plain_http(tmp_path: Path) -> None:
    """A bucket without a policy that refuses plain HTTP is told of."""
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Condition": insecure}
    bucket = {"Type": "AWS::S3::Bucket"}
    good = template(tmp_path, Bucket=bucket, Other=bucket, Policy=bucket_policy(deny))
    assert list(open_to_plain_http(good)) == ["Other"]
    bad = template(tmp_path, Bucket=bucket, Policy=bucket_policy(deny | {"Action": "s3:GetObject"}))
    assert list(open_to_plain_http(bad)) == ["Bucket"]


FOUND = Finding("template.yaml", "RULE", "Queue", "not good")


def test_judge() -> None:
    """What nobody accepted is told, and what was accepted for nothing."""
    place = ("template.yaml", "RULE", "Queue")
    assert judge([FOUND, FOUND], {}) == ["template.yaml: RULE Queue: not good"]
    assert judge([FOUND], {place: "why"}) == []
    [stale] = judge([], {place: "why"})
    assert "no longer found" in stale


@pytest.mark.parametrize(
    "text",
    [
        "t: [{rule: R, where: [A]}]",
        "t: [{rule: R, where: [A], reason: ' '}]",
        "t: [{rule: R, reason: why}]",
        "t: [{rule: R, where: [A, A], reason: why}]",
    ],
)
def test_accepting_takes_a_reason(tmp_path: Path, text: str) -> None:
    """An entry without a rule, a place or a reason is refused, and one that stands twice."""
    path = tmp_path / "accepted.yaml"
    path.write_text(text)
    with pytest.raises(AcceptedError):
        load_accepted(path)


def test_our_policies() -> None:
    """The rules see every statement of our templates, and have nothing but what is accepted."""
    templates = sorted((Path(__file__).parents[3] / "localstack_init").glob("*.yaml"))
    seen = {policy.resource for path in templates for policy in policies(path)}
    assert {"ProcessRole", "ApiRole", "ApiLogRole", "QueuePolicy", "RawBucketPolicy"} <= seen
    accepted = {
        place: reason
        for place, reason in load_accepted(ACCEPTED).items()
        if not place[1].startswith("CKV")
    }
    assert judge(of_policies(templates), accepted) == []
