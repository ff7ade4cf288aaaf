"""Sessions of roles: what judges their requests, recorded when a role is assumed.

LocalStack stores the keys and the ARN. The rest is stored as an attribute of the same object, so
that a snapshot has it.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from localstack.aws.accounts import get_account_id_from_access_key_id
from localstack.aws.api import RequestContext
from rolo import Response
from rolo.gateway import HandlerChain

from localstack_native import releases
from localstack_native.access.judgment import Document

LOG = logging.getLogger(__name__)

_ATTRIBUTE = "emulator_session"
_ASSUMES = {"AssumeRole", "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"}

_known: dict[str, "Session"] = {}


@dataclass(frozen=True, slots=True)
class Session:
    """A session of a role."""

    arn: str
    role: str
    """The role's ARN."""
    user_id: str
    issued: str
    """When the role was assumed; empty if unknown."""
    source_identity: str
    tags: Mapping[str, str]
    policy: Document | None
    """The session policy in the request."""
    managed: Sequence[str]
    """The ARNs of managed session policies."""


def find(access_key_id: str) -> Session | None:
    """Return the session with an access key; sessions end with the emulator, not with time."""
    if known := _known.get(access_key_id):
        return known
    account = get_account_id_from_access_key_id(access_key_id)
    stored = releases.session(account, access_key_id)
    if stored is None:
        return None
    facts: Mapping[str, Any] = getattr(stored, _ATTRIBUTE, {})
    name = stored.arn.split("/")[1]
    # 2026.3.0 does not keep the role's path.
    role = getattr(stored, "role_arn", f"arn:aws:iam::{account}:role/{name}")
    policy = facts.get("policy")
    # moto has sessions in a list; a session never changes.
    _known[access_key_id] = found = Session(
        arn=stored.arn,
        role=str(facts.get("role") or role),
        user_id=stored.user_id,
        issued=facts.get("issued", ""),
        source_identity=facts.get("source_identity", ""),
        tags=releases.session_tags(account, access_key_id),
        policy=Document("session", policy) if policy else None,
        managed=tuple(facts.get("managed", ())),
    )
    return found


def record(
    chain: HandlerChain[Any],  # noqa: ARG001
    context: RequestContext,
    response: Response,  # noqa: ARG001
) -> None:
    """Record how a role was assumed; LocalStack calls this before it sends a response."""
    operation, answer = context.operation, context.service_response
    if operation is None or operation.name not in _ASSUMES or not isinstance(answer, Mapping):
        return
    if context.service is None or context.service.service_name != "sts":
        return
    request: Any = context.service_request
    access_key_id = (answer.get("Credentials") or {}).get("AccessKeyId", "")
    stored = releases.session(get_account_id_from_access_key_id(access_key_id), access_key_id)
    if stored is None:
        return
    facts = {
        "role": request.get("RoleArn"),
        "issued": datetime.now(UTC).isoformat(timespec="seconds"),
        "source_identity": request.get("SourceIdentity") or "",
        "policy": request.get("Policy"),
        "managed": [each.get("arn") for each in request.get("PolicyArns") or ()],
    }
    setattr(stored, _ATTRIBUTE, facts)
