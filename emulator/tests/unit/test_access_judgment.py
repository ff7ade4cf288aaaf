"""Judgment by identity, boundary, session, resource and trust policies."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from localstack_native.access import trace
from localstack_native.access.judgment import Document, Identity, Resource, Verdict, judge
from localstack_native.access.policy import Kind, Request
from localstack_native.access.principals import Principal
from localstack_native.access.trace import Decision, Trace

OWN, OTHER = "111122223333", "444455556666"
ARN = f"arn:aws:sqs:us-east-1:{OWN}:jobs"
ROLE = f"arn:aws:iam::{OWN}:role/path/worker"
SESSION = Principal.aws(f"arn:aws:sts::{OWN}:assumed-role/worker/session")
USER = Principal.aws(f"arn:aws:iam::{OWN}:user/ann")
ROOT = f"arn:aws:iam::{OWN}:root"
SERVICE = Principal.service("s3.amazonaws.com")
ALLOW, DENY, NOTHING = "Allow", "Deny", ""


def policy(effect: str, principal: Any = None, **more: Any) -> str:
    """Return a policy that allows or denies everything to a principal, or nothing."""
    statement = {"Sid": "one", "Effect": effect, "Action": "*", **more}
    if principal:
        statement["Principal"] = principal
    statements = [statement] if effect else []
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def judged(
    own: str = NOTHING,
    *,
    principal: Principal = SESSION,
    boundary: str | None = None,
    session: str | None = None,
    resource: tuple[str, Any] | None = None,
    account: str = OWN,
    kind: Kind = "resource",
) -> Verdict:
    """Return the verdict for policies that each allow or deny everything."""
    identity = Identity(
        [Document("own", policy(own, Resource="*"))],
        None if boundary is None else Document("limit", policy(boundary, Resource="*")),
        None if session is None else [Document("session", policy(session, Resource="*"))],
    )
    document = None
    if resource:
        more = {} if kind == "trust" else {"Resource": "*"}
        document = Document("jobs", policy(*resource, **more))
    return judge(
        Request(principal, "sqs:SendMessage", ARN),
        None if principal.kind == "service" else identity,
        Resource(account, document, kind),
    )


@pytest.mark.parametrize(
    ("policies", "type_"),
    [
        ({"own": ALLOW}, "identity-based policy"),
        ({"own": ALLOW, "boundary": ALLOW, "session": ALLOW}, "identity-based policy"),
        ({"resource": (ALLOW, "*")}, "resource-based policy"),
        ({"resource": (ALLOW, {"AWS": SESSION.name})}, "resource-based policy"),
        ({"resource": (ALLOW, {"AWS": ROLE})}, "resource-based policy"),
        ({"resource": (ALLOW, {"AWS": USER.name}), "principal": USER}, "resource-based policy"),
        # Grants to the session's or user's own ARN are not limited by implicit denies.
        (
            {
                "resource": (ALLOW, {"AWS": SESSION.name}),
                "boundary": NOTHING,
                "session": NOTHING,
            },
            "resource-based policy",
        ),
        (
            {"resource": (ALLOW, {"AWS": USER.name}), "principal": USER, "boundary": NOTHING},
            "resource-based policy",
        ),
        ({"own": ALLOW, "resource": (ALLOW, {"AWS": ROOT})}, "identity-based policy"),
        ({"own": ALLOW, "account": OTHER, "resource": (ALLOW, {"AWS": OWN})}, None),
        ({"principal": SERVICE, "resource": (ALLOW, {"Service": SERVICE.name})}, None),
        ({"kind": "trust", "resource": (ALLOW, {"AWS": USER.name}), "principal": USER}, None),
        ({"kind": "trust", "resource": (ALLOW, {"AWS": ROOT}), "own": ALLOW}, None),
    ],
)
def test_what_is_allowed(policies: dict[str, Any], type_: str | None) -> None:
    """A request is allowed by the identity's policy, or by the resource's; the verdict names it."""
    verdict = judged(**policies)
    assert verdict.is_allowed
    assert type_ in {None, verdict.type}
    assert verdict.sid == "one"


@pytest.mark.parametrize(
    ("policies", "type_", "is_explicit"),
    [
        ({}, "identity-based policy", False),
        ({"own": DENY, "resource": (ALLOW, "*")}, "identity-based policy", True),
        ({"own": ALLOW, "boundary": NOTHING}, "permissions boundary", False),
        ({"own": ALLOW, "boundary": DENY}, "permissions boundary", True),
        ({"own": ALLOW, "session": NOTHING}, "session policy", False),
        ({"own": ALLOW, "session": DENY}, "session policy", True),
        ({"own": ALLOW, "resource": (DENY, "*")}, "resource-based policy", True),
        ({"boundary": ALLOW, "session": ALLOW}, "identity-based policy", False),
        ({"resource": (ALLOW, {"AWS": ROOT})}, "identity-based policy", False),
        ({"resource": (ALLOW, {"AWS": ROLE}), "boundary": NOTHING}, "permissions boundary", False),
        ({"resource": (ALLOW, {"AWS": ROLE}), "session": NOTHING}, "session policy", False),
        (
            {"resource": (ALLOW, {"AWS": SESSION.name}), "boundary": DENY},
            "permissions boundary",
            True,
        ),
        ({"own": ALLOW, "account": OTHER}, "resource-based policy", False),
        ({"account": OTHER, "resource": (ALLOW, "*")}, "identity-based policy", False),
        ({"principal": SERVICE}, "resource-based policy", False),
        (
            {"principal": SERVICE, "resource": (ALLOW, {"AWS": OWN})},
            "resource-based policy",
            False,
        ),
        ({"kind": "trust", "own": ALLOW}, "role trust policy", False),
        ({"kind": "trust", "resource": (ALLOW, {"AWS": ROOT})}, "identity-based policy", False),
        ({"kind": "trust", "own": ALLOW, "resource": (DENY, "*")}, "role trust policy", True),
    ],
)
def test_what_is_refused(policies: dict[str, Any], type_: str, *, is_explicit: bool) -> None:
    """The verdict has the type of the policy that denies, or that does not allow."""
    verdict = judged(**policies)
    assert not verdict.is_allowed
    assert (verdict.type, verdict.is_explicit) == (type_, is_explicit)


def test_an_unknown_resource_is_in_every_allow_and_in_no_narrow_deny() -> None:
    """Of a service whose resources are not known, an Allow counts for any, a Deny only for all."""

    def verdict(*statements: dict[str, Any]) -> Verdict:
        text = json.dumps({"Version": "2012-10-17", "Statement": statements})
        request = Request(SESSION, "ssm:GetParameter", "*", has_resource=False)
        return judge(request, Identity([Document("own", text)]), Resource())

    allow = {"Effect": "Allow", "Action": "ssm:*", "Resource": "arn:aws:ssm:*:*:parameter/x"}
    assert verdict(allow).is_allowed
    assert verdict(allow, {**allow, "Effect": "Deny"}).is_allowed
    assert not verdict(allow, {**allow, "Effect": "Deny", "Resource": "*"}).is_allowed
    inverse = {"Effect": "Allow", "Action": "ssm:*", "NotResource": "arn:aws:ssm:*"}
    assert verdict(inverse).is_allowed
    assert verdict(allow, {**inverse, "Effect": "Deny"}).is_allowed


def test_an_unknown_condition_key_allows() -> None:
    """A condition with a key whose value is not known holds in an Allow, and not in a Deny."""
    is_blue = {"StringEquals": {"aws:ResourceTag/team": "blue"}}

    def decision(effect: str) -> str:
        text = policy(effect, Resource="*", Condition=is_blue)
        request = Request(SESSION, "sqs:SendMessage", ARN, unknown=frozenset({"aws:resourcetag"}))
        verdict = judge(request, Identity([Document("own", text)]), Resource())
        return "allow" if verdict.is_allowed else "deny" if verdict.is_explicit else "silent"

    assert [decision(effect) for effect in (ALLOW, DENY)] == ["allow", "silent"]


def test_a_document_that_is_no_policy_allows_nothing() -> None:
    """LocalStack stores documents that AWS refuses: they are judged as empty policies."""
    for text in ("", "[]", "{", '"text"', '{"Statement": {}}'):
        identity = Identity([Document("own", text)])
        assert not judge(Request(SESSION, "sqs:SendMessage", ARN), identity, Resource()).is_allowed


def decision(number: int, *, allowed: bool = True) -> Decision:
    """Return a decision about an object."""
    return Decision(
        allowed, "s3:GetObject", f"arn:aws:s3:::b/{number}", SESSION.name, ROLE, "",
        "identity-based policy", "own", "Read", "s3.GetObject", "" if allowed else "refused",
    )  # fmt: skip


def test_the_trace_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is renamed when it is large; of the lines, the last ones stay in one of both."""
    monkeypatch.setattr(trace, "MOST_BYTES", 2000)
    file = tmp_path / "folder" / "trace.jsonl"
    with closing(Trace(file)) as written:
        for number in range(100):
            written.add(decision(number))
    older = file.with_name("trace.jsonl.1")
    assert {each.name for each in file.parent.iterdir()} == {file.name, older.name}
    assert max(each.stat().st_size for each in (file, older)) < 3000
    assert file.stat().st_mode & 0o077 == 0
    lines = [json.loads(line) for each in (older, file) for line in each.read_text().splitlines()]
    assert [line["resource"] for line in lines[-3:]] == [
        f"arn:aws:s3:::b/{number}" for number in (97, 98, 99)
    ]


def test_the_trace_counts_kinds_of_decisions() -> None:
    """Decisions that differ in their resources are one kind, with some of the resources."""
    counted = Trace(None)
    for number in range(100):
        counted.add(decision(number))
    assert counted.add(decision(0, allowed=False)) == 1
    allowed, denied = counted.decisions("worker")["decisions"]
    assert (allowed["count"], len(allowed["resources"]), denied["count"]) == (100, 20, 1)
    assert counted.decisions("other")["decisions"] == []
    assert [each["resource"] for each in counted.denials()["denials"]] == ["arn:aws:s3:::b/0"]
    assert counted.denials(1)["denials"] == []


def test_a_full_disk_stops_no_request(tmp_path: Path) -> None:
    """A trace that can't be written is counted only."""
    unwritable = Trace(tmp_path)
    assert unwritable.add(decision(1)) == 1
    assert unwritable.add(decision(2)) == 2
