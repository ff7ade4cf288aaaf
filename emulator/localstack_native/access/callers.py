"""Callers: who makes a request, with the policies that apply to it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from localstack.aws.accounts import get_account_id_from_access_key_id

from localstack_native import releases
from localstack_native.access import identities, sessions
from localstack_native.access.context_keys import Keys
from localstack_native.access.credentials import is_of_account
from localstack_native.access.identities import Entity
from localstack_native.access.judgment import Document, Identity
from localstack_native.access.principals import Principal
from localstack_native.access.sessions import Session

_ANONYMOUS = {
    "aws:PrincipalType": "Anonymous",
    "aws:PrincipalIsAWSService": "false",
    "aws:ViaAWSService": "false",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request."""

    kind: Literal["root", "user", "session", "service", "anonymous"]
    principal: Principal
    account: str
    """The caller's account; of a service, the account that it acts for, if that is known."""
    source: str = ""
    """Of a service: the ARN of the resource that it acts for."""
    session: Session | None = None

    @property
    def name(self) -> str:
        """The ARN, or the service's name, as error messages have it."""
        return self.principal.name or "anonymous"

    @property
    def role(self) -> str:
        """The ARN of a session's role; otherwise empty."""
        return self.session.role if self.session else ""

    def identity(self) -> Identity | None:
        """Return the policies of a user or a session; None for another caller.

        A role or user that does not exist any more has no policies.
        """
        if self.kind not in {"user", "session"}:
            return None
        entity = self._entity()
        limits = self._session_policies()
        if entity is None:
            return Identity(session=limits)
        return Identity(entity.policies(), entity.boundary(), limits)

    def keys(self) -> Keys:
        """Return the condition keys that describe the caller."""
        if self.kind == "service":
            return _service_keys(self)
        if self.kind == "anonymous":
            return dict(_ANONYMOUS)
        keys: Keys = {
            "aws:PrincipalAccount": self.account,
            "aws:PrincipalIsAWSService": "false",
            "aws:ViaAWSService": "false",
        }
        if self.kind == "root":
            arn = f"arn:aws:iam::{self.account}:root"
            about = {"aws:PrincipalArn": arn, "aws:userid": self.account}
            return keys | about | {"aws:PrincipalType": "Account"}
        entity = self._entity()
        tags = dict(entity.tags()) if entity else {}
        if self.session is None:
            keys |= {"aws:PrincipalArn": self.name, "aws:PrincipalType": "User"}
            keys["aws:username"] = self.name.rpartition("/")[2]
            if entity:
                keys["aws:userid"] = entity.id
        else:
            keys |= {"aws:PrincipalArn": self.role, "aws:PrincipalType": "AssumedRole"}
            keys["aws:userid"] = self.session.user_id
            tags |= self.session.tags
            if self.session.issued:
                keys["aws:TokenIssueTime"] = self.session.issued
            if self.session.source_identity:
                keys["aws:SourceIdentity"] = self.session.source_identity
        return keys | {f"aws:PrincipalTag/{key}": value for key, value in tags.items()}

    def _entity(self) -> Entity | None:
        if self.session is not None:
            return identities.role(self.account, self.role)
        if self.kind == "user":
            return identities.user(self.account, self.name.rpartition("/")[2])
        return None

    def _session_policies(self) -> list[Document] | None:
        session = self.session
        if session is None or not (session.policy or session.managed):
            return None
        own = [session.policy] if session.policy else []
        return own + [identities.managed(self.account, arn) for arn in session.managed]


def caller_of(access_key_id: str, sent: Mapping[str, Any] | None = None) -> Caller:
    """Return the caller with an access key.

    ``sent`` is what LocalStack adds to its own requests: the service that it acts as. It counts
    only with a key of an account: a session stays one.
    """
    account = account_of_key(access_key_id)
    if not is_of_account(access_key_id):
        if session := sessions.find(access_key_id):
            return Caller("session", Principal.aws(session.arn), account, session=session)
        if user := releases.user_key(account, access_key_id):
            arn = identities.user_arn(account, user[0]) or f"arn:aws:iam::{account}:user/{user[0]}"
            return Caller("user", Principal.aws(arn), account)
    if sent and (service := sent.get("service_principal")):
        return service_caller(str(service), str(sent.get("source_arn") or ""))
    return Caller("root", Principal.aws(f"arn:aws:iam::{account}:root"), account)


def anonymous() -> Caller:
    """Return the caller of requests without credentials."""
    return Caller("anonymous", Principal.anonymous(), "")


def service_caller(service: str, source: str) -> Caller:
    """Return a service that acts for a resource."""
    # LocalStack has a service's short name.
    name = service if "." in service else f"{service}.amazonaws.com"
    return Caller("service", Principal.service(name), _owner(source), source)


@lru_cache(maxsize=4096)
def account_of_key(access_key_id: str) -> str:
    """Return the account of an access key."""
    return str(get_account_id_from_access_key_id(access_key_id))


def _service_keys(caller: Caller) -> Keys:
    keys: Keys = {
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": caller.name,
        "aws:PrincipalServiceNamesList": [caller.name],
        "aws:PrincipalType": "Service",
        "aws:ViaAWSService": "false",
    }
    if caller.source:
        keys["aws:SourceArn"] = caller.source
    if caller.account:
        keys["aws:SourceAccount"] = caller.account
        keys["aws:SourceOwner"] = caller.account
    return keys


def _owner(arn: str) -> str:
    """Return the account of a resource; a bucket's ARN has none."""
    parts = arn.split(":")
    if len(parts) < 6:
        return ""
    if parts[2] == "s3" and not parts[4]:
        from localstack_native.access import buckets

        bucket = buckets.find(parts[5].partition("/")[0])
        return str(bucket.bucket_account_id) if bucket else ""
    return parts[4]
