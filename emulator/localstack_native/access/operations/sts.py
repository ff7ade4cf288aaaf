"""Operations of STS.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
"""

from collections.abc import Iterable

from localstack_native.access.operations.table import (
    Parameters,
    Place,
    Required,
    Table,
)


def _assume(request: Parameters, _: Place) -> Iterable[Required]:
    role = str(request.get("RoleArn", ""))
    keys: dict[str, str | list[str]] = {
        f"sts:{name}": list(value) if isinstance(value, list) else str(value)
        for name in ("ExternalId", "RoleSessionName", "SourceIdentity", "TransitiveTagKeys")
        if (value := request.get(name))
    }
    yield Required("sts:AssumeRole", role, keys)
    for parameter, action, supported in (
        ("Tags", "sts:TagSession", "sts:TransitiveTagKeys"),
        ("SourceIdentity", "sts:SetSourceIdentity", "sts:SourceIdentity"),
    ):
        if request.get(parameter):
            own = {key: value for key, value in keys.items() if key == supported}
            yield Required(action, role, own)


TABLE = Table(
    "sts",
    special={"AssumeRole": _assume},
    # "No permissions are required": GetCallerIdentity, GetSessionToken. A token authorizes
    # AssumeRoleWithSAML and AssumeRoleWithWebIdentity.
    free=frozenset(
        {"GetCallerIdentity", "GetSessionToken", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"}
    ),
)
