"""Operations of IAM.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from collections.abc import Callable
from typing import Any

from localstack_native.access.operations.table import Parameters, Place, Table, arn, given

_GLOBAL = ":{account}"


def _named(kind: str) -> Callable[[Any, Place], str]:
    return arn("iam", f"{kind}/{{}}", place=_GLOBAL)


def _role(value: Any, place: Place) -> str:
    """Return the ARN of a role, whose path is known if the role exists."""
    from localstack_native.access import identities

    return identities.role_arn(place.account, str(value)) or _named("role")(value, place)


def _user(value: Any, place: Place) -> str:
    from localstack_native.access import identities

    return identities.user_arn(place.account, str(value)) or _named("user")(value, place)


_BOUNDED = {
    f"{each}{kind}{what}"
    for kind in ("Role", "User")
    for each, what in (
        ("Attach", "Policy"),
        ("Detach", "Policy"),
        ("Delete", "Policy"),
        ("Put", "Policy"),
        ("Delete", "PermissionsBoundary"),
    )
}
"""Operations with the condition key of the boundary that the role or user has."""


def _boundary(operation: str, request: Parameters, place: Place) -> dict[str, str]:
    from localstack_native.access import identities

    if operation not in _BOUNDED:
        return {}
    role, user = request.get("RoleName"), request.get("UserName")
    found = (
        identities.role(place.account, _role(role, place))
        if role
        else identities.user(place.account, str(user))
    )
    boundary = found.boundary() if found else None
    return {"iam:PermissionsBoundary": boundary.name} if boundary else {}


_group, _policy = _named("group"), _named("policy")
_profile, _server = _named("instance-profile"), _named("server-certificate")

TABLE = Table(
    "iam",
    resources={
        "AddRoleToInstanceProfile.InstanceProfileName": _profile,
        "RemoveRoleFromInstanceProfile.InstanceProfileName": _profile,
        "InstanceProfileName": _profile,
        "AddUserToGroup.GroupName": _group,
        "RemoveUserFromGroup.GroupName": _group,
        "CreateServiceLinkedRole.AWSServiceName": _named("role/aws-service-role"),
        "DeleteServiceLinkedRole.RoleName": _role,
        "GetServiceLinkedRoleDeletionStatus.DeletionTaskId": _named("role"),
        "RoleName": _role,
        "GroupName": _group,
        "CreatePolicy.PolicyName": _policy,
        "UpdateServerCertificate.ServerCertificateName": _server,
        "DeactivateMFADevice.UserName": _user,
        "EnableMFADevice.UserName": _user,
        "ResyncMFADevice.UserName": _user,
        "CreateVirtualMFADevice.VirtualMFADeviceName": _named("mfa"),
        "DeleteVirtualMFADevice.SerialNumber": given,
        "GetMFADevice.SerialNumber": given,
        "ListMFADeviceTags.SerialNumber": given,
        "TagMFADevice.SerialNumber": given,
        "UntagMFADevice.SerialNumber": given,
        "UserName": _user,
        "AttachGroupPolicy.GroupName": _group,
        "PolicyArn": given,
        "OpenIDConnectProviderArn": given,
        "CreateOpenIDConnectProvider.Url": lambda value, place: _named("oidc-provider")(
            str(value).partition("://")[2], place
        ),
        "SAMLProviderArn": given,
        "CreateSAMLProvider.Name": _named("saml-provider"),
        "ServerCertificateName": _server,
        "ListPoliciesGrantingServiceAccess.Arn": given,
        "GenerateServiceLastAccessedDetails.Arn": given,
        "GetContextKeysForPrincipalPolicy.PolicySourceArn": given,
        "SimulatePrincipalPolicy.PolicySourceArn": given,
    },
    on_all=frozenset({"GetAccessKeyLastUsed"}),
    keys={
        "PermissionsBoundary": "iam:PermissionsBoundary",
        **{
            f"{verb}{kind}Policy.PolicyArn": "iam:PolicyARN"
            for verb in ("Attach", "Detach")
            for kind in ("Group", "Role", "User")
        },
        "AWSServiceName": "iam:AWSServiceName",
    },
    stored=_boundary,
)
