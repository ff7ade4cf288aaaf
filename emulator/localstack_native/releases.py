"""LocalStack's stores, wherever 4.14.0 and 2026.3.0 have them."""

import importlib
import importlib.util
from functools import cache
from typing import Any

from localstack.constants import AWS_REGION_US_EAST_1

_PARTITION = "aws"
_OF_USERS = {"AKIA", "LKIA"}
"""How access keys of users begin; those of sessions begin with ASIA or LSIA."""


def cloudformation_stores() -> Any:
    """Return the stores of CloudFormation, by account and region."""
    services = "localstack.services.cloudformation"
    return _first(f"{services}.stores", f"{services}.models").cloudformation_stores


def cloudformation_exports(account: str, region: str) -> Any:
    """Return the exports of a region's stacks, by name."""
    services = "localstack.services.cloudformation"
    exports = _first(f"{services}.stores", f"{services}.models").exports_map
    return exports(account_id=account, region_name=region)


def stepfunctions_stores() -> Any:
    """Return the stores of Step Functions, by account and region."""
    backend = "localstack.services.stepfunctions.backend"
    return _first(f"{backend}.store", f"{backend}.models").sfn_stores


@cache
def has_iam_stores() -> bool:
    """Return whether IAM is LocalStack's own, as in 2026.3.0, and not moto's."""
    return importlib.util.find_spec("localstack.services.iam.models") is not None


def iam_store(account: str) -> Any:
    """Return IAM's store of an account, in 2026.3.0."""
    stores: Any = importlib.import_module("localstack.services.iam.models").iam_stores
    return stores[account][AWS_REGION_US_EAST_1]


def session_tags(account: str, access_key_id: str) -> dict[str, str]:
    """Return the tags of a session by their keys."""
    models: Any = importlib.import_module("localstack.services.sts.models")
    store = models.sts_stores[account][AWS_REGION_US_EAST_1]
    if hasattr(models, "TemporaryCredentials"):
        found = store.credentials.get(access_key_id)
        tags = found.tags if found else {}
    else:
        tags = store.sessions.get(access_key_id, {}).get("tags", {})
    return {each["Key"]: each["Value"] for each in tags.values()}


def session(account: str, access_key_id: str) -> Any:
    """Return the session with an access key, or None.

    It has ``secret_access_key``, ``session_token``, ``arn``, ``user_id``, and ``expiration`` in
    UTC. 4.14.0 knows those of ``AssumeRole`` only, in a list.
    """
    if access_key_id[:4] in _OF_USERS:
        return None
    models: Any = importlib.import_module("localstack.services.sts.models")
    if hasattr(models, "TemporaryCredentials"):
        return models.sts_stores[account][AWS_REGION_US_EAST_1].credentials.get(access_key_id)
    backend = importlib.import_module("moto.sts.models").sts_backends[account][_PARTITION]
    # Most sessions that are looked for are new: callers keep those that they have found.
    known = reversed(backend.assumed_roles)
    return next((each for each in known if each.access_key_id == access_key_id), None)


def user_key(account: str, access_key_id: str) -> tuple[str, str] | None:
    """Return the user and the secret of an active access key of an IAM user, or None."""
    models = _first("localstack.services.iam.models", "moto.iam.models")
    if hasattr(models, "iam_backends"):
        key = models.iam_backends[account][_PARTITION].access_keys.get(access_key_id)
        return (key.user_name, key.secret_access_key) if key and key.status == "Active" else None
    store = models.iam_stores[account][AWS_REGION_US_EAST_1]
    name = store.ACCESS_KEY_INDEX.get(access_key_id)
    user = store.USERS.get(name)
    stored = user and user.access_keys.get(access_key_id)
    if not stored or stored.access_key["Status"] != "Active":
        return None
    return name, str(stored.access_key["SecretAccessKey"])


def _first(*modules: str) -> Any:
    """Return the first of the modules that is installed."""
    return importlib.import_module(next(name for name in modules if importlib.util.find_spec(name)))
