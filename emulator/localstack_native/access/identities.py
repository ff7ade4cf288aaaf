"""Users and roles with their policies, wherever 4.14.0 and 2026.3.0 of LocalStack have them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Protocol
from urllib.parse import unquote

from localstack_native.access.judgment import Document
from localstack_native.releases import has_iam_stores

_PARTITION = "aws"


class Entity(Protocol):
    """A user or a role."""

    arn: str
    id: str
    name: str

    def policies(self) -> list[Document]:
        """Return the inline and managed policies, those of a user's groups included."""

    def boundary(self) -> Document | None:
        """Return the permissions boundary."""

    def tags(self) -> Mapping[str, str]:
        """Return the tags."""


class Role(Entity, Protocol):
    """A role."""

    def trust(self) -> Document:
        """Return the trust policy."""


def role(account: str, arn: str) -> Role | None:
    """Return a role by its ARN."""
    return (_stored_role if has_iam_stores() else _moto_role)(account, arn)


def user(account: str, name: str) -> Entity | None:
    """Return a user by name."""
    return (_stored_user if has_iam_stores() else _moto_user)(account, name)


def managed(account: str, arn: str) -> Document:
    """Return a managed policy; one that allows nothing if it does not exist."""
    text = _stored_managed(account, arn) if has_iam_stores() else _moto_managed(account, arn)
    return Document(arn, text)


def role_arn(account: str, name: str) -> str | None:
    """Return the ARN of the role with a name, which contains its path."""
    if has_iam_stores():
        found = _store(account).ROLES.get(name)
        return found and str(found.role["Arn"])
    roles = _backend(account).roles.values()
    return next((str(each.arn) for each in roles if each.name == name), None)


def user_arn(account: str, name: str) -> str | None:
    """Return the ARN of the user with a name, which contains its path."""
    found = user(account, name)
    return found.arn if found else None


# --- 4.14.0, where IAM is moto's -------------------------------------------------------------


class _OfMoto:
    def __init__(self, entity: Any) -> None:
        self._entity = entity
        self.arn, self.id, self.name = str(entity.arn), str(entity.id), str(entity.name)
        self.account = self.arn.split(":")[4]

    def policies(self) -> list[Document]:
        return list(self._attached([self._entity, *self._groups()]))

    def boundary(self) -> Document | None:
        arn = getattr(self._entity, "permissions_boundary_arn", None)
        return managed(self.account, arn) if arn else None

    def tags(self) -> Mapping[str, str]:
        return {each["Key"]: each["Value"] for each in self._entity.tags or ()}

    def _groups(self) -> Iterable[Any]:
        return ()

    @staticmethod
    def _attached(entities: Iterable[Any]) -> Iterator[Document]:
        for each in entities:
            for name, text in each.policies.items():
                yield Document(name, _text(text))
            for arn, policy in each.managed_policies.items():
                yield Document(arn, _moto_text(policy))


class _MotoRole(_OfMoto):
    def trust(self) -> Document:
        return Document(self.name, _text(self._entity.assume_role_policy_document))


class _MotoUser(_OfMoto):
    def _groups(self) -> Iterable[Any]:
        groups = _backend(self.account).groups.values()
        return [each for each in groups if self._entity in each.users]


_roles: dict[tuple[str, str], Any] = {}


def _moto_role(account: str, arn: str) -> Role | None:
    roles = _backend(account).roles
    found = _roles.get((account, arn))
    if found is None or roles.get(found.id) is not found:
        # moto builds the ARN of each role to compare it.
        found = next((each for each in roles.values() if each.arn == arn), None)
        if found is None:
            return None
        _roles[account, arn] = found
    return _MotoRole(found)


def _moto_user(account: str, name: str) -> Entity | None:
    found = _backend(account).users.get(name)
    return _MotoUser(found) if found else None


def _moto_managed(account: str, arn: str) -> str:
    found = _backend(account).managed_policies.get(arn)
    return _moto_text(found) if found else "{}"


def _moto_text(policy: Any) -> str:
    versions = policy.versions
    default = policy.default_version_id
    return _text(next((each.document for each in versions if each.version_id == default), "{}"))


def _backend(account: str) -> Any:
    from moto.iam.models import iam_backends

    return iam_backends[account][_PARTITION]


# --- 2026.3.0, where IAM is LocalStack's own -------------------------------------------------


class _Stored:
    def __init__(self, account: str, entity: Any, described: Mapping[str, Any], kind: str) -> None:
        self._entity, self._described = entity, described
        self.account = account
        self.arn = str(described["Arn"])
        self.id, self.name = str(described[f"{kind}Id"]), str(described[f"{kind}Name"])

    def policies(self) -> list[Document]:
        return [document for each in (self._entity, *self._groups()) for document in self._of(each)]

    def boundary(self) -> Document | None:
        arn = (self._described.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
        return managed(self.account, arn) if arn else None

    def tags(self) -> Mapping[str, str]:
        found: Mapping[str, str] = _store(self.account).TAGS.get_tags(self.arn)
        return found

    def trust(self) -> Document:
        return Document(self.name, _text(self._described.get("AssumeRolePolicyDocument", "{}")))

    def _groups(self) -> list[Any]:
        groups = _store(self.account).GROUPS.values()
        return [each for each in groups if self.name in each.member_user_names]

    def _of(self, entity: Any) -> Iterator[Document]:
        for name, text in entity.inline_policies.items():
            yield Document(name, _text(text))
        for arn in entity.attached_policy_arns:
            yield managed(self.account, arn)


def _stored_role(account: str, arn: str) -> Role | None:
    found = _store(account).ROLES.get(arn.rpartition("/")[2])
    if found is None or found.role["Arn"] != arn:
        return None
    return _Stored(account, found, found.role, "Role")


def _stored_user(account: str, name: str) -> Entity | None:
    found = _store(account).USERS.get(name)
    return _Stored(account, found, found.user, "User") if found else None


def _stored_managed(account: str, arn: str) -> str:
    found = _store(account).MANAGED_POLICIES.get(arn)
    if found is None:
        return _of_aws().get(arn, "{}")
    version = found.versions.get(found.policy["DefaultVersionId"]) or {}
    return _text(version.get("Document", "{}"))


@cache
def _of_aws() -> dict[str, str]:
    """Return the documents of AWS's own policies by ARN."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    policies = json.loads(aws_managed_policies_data)
    return {
        f"arn:aws:iam::aws:policy{each.get('Path', '/')}{name}": json.dumps(each["Document"])
        for name, each in policies.items()
    }


def _store(account: str) -> Any:
    from localstack_native.releases import iam_store

    return iam_store(account)


def _text(document: Any) -> str:
    """Return a document as JSON: it may be URL-encoded, or parsed."""
    if isinstance(document, str):
        return unquote(document) if document.startswith("%7B") else document
    return json.dumps(document)
