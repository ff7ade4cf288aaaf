"""Operations of CloudFront.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudfront.html
"""

from localstack_native.access.operations.table import Table, ToArn, arn, given


def _kind(kind: str) -> ToArn:
    return arn("cloudfront", f"{kind}/{{}}", place=":{account}")


_distribution, _tenant = _kind("distribution"), _kind("distribution-tenant")
# What follows the verb in names of operations, and the resource type with its parameter.
_KINDS = {
    "AnycastIpList": ("anycast-ip-list", "Id"),
    "CachePolicy": ("cache-policy", "Id"),
    "CloudFrontOriginAccessIdentity": ("origin-access-identity", "Id"),
    "ConnectionFunction": ("connection-function", "Id"),
    "ConnectionGroup": ("connection-group", "Id"),
    "ContinuousDeploymentPolicy": ("continuous-deployment-policy", "Id"),
    "Distribution": ("distribution", "Id"),
    "DistributionTenant": ("distribution-tenant", "Id"),
    "FieldLevelEncryption": ("field-level-encryption-config", "Id"),
    "FieldLevelEncryptionProfile": ("field-level-encryption-profile", "Id"),
    "Function": ("function", "Name"),
    "KeyValueStore": ("key-value-store", "Name"),
    "OriginAccessControl": ("origin-access-control", "Id"),
    "OriginRequestPolicy": ("origin-request-policy", "Id"),
    "RealtimeLogConfig": ("realtime-log-config", "Name"),
    "ResponseHeadersPolicy": ("response-headers-policy", "Id"),
    "StreamingDistribution": ("streaming-distribution", "Id"),
    "TrustStore": ("trust-store", "Id"),
    "VpcOrigin": ("vpcorigin", "Id"),
}
_VERBS = ("Delete", "Describe", "Get", "Publish", "Test", "Update")

TABLE = Table(
    "cloudfront",
    resources={
        **{
            f"{verb}{noun}{config}.{parameter}": _kind(kind)
            for noun, (kind, parameter) in _KINDS.items()
            for verb in _VERBS
            for config in ("", "Config")
        },
        "AssociateAlias.TargetDistributionId": _distribution,
        "AssociateDistributionWebACL.Id": _distribution,
        "AssociateDistributionTenantWebACL.Id": _tenant,
        "CopyDistribution.PrimaryDistributionId": _distribution,
        "CreateInvalidation.DistributionId": _distribution,
        "CreateInvalidationForDistributionTenant.Id": _tenant,
        "DescribeConnectionFunction.Identifier": _kind("connection-function"),
        "DisassociateDistributionTenantWebACL.Id": _tenant,
        "DisassociateDistributionWebACL.Id": _distribution,
        "GetConnectionFunction.Identifier": _kind("connection-function"),
        "GetConnectionGroup.Identifier": _kind("connection-group"),
        "GetConnectionGroupByRoutingEndpoint.RoutingEndpoint": _kind("connection-group"),
        "GetDistributionTenant.Identifier": _tenant,
        "GetDistributionTenantByDomain.Domain": _tenant,
        "GetInvalidation.DistributionId": _distribution,
        "GetInvalidationForDistributionTenant.DistributionTenantId": _tenant,
        "GetManagedCertificateDetails.Identifier": _tenant,
        "GetTrustStore.Identifier": _kind("trust-store"),
        "ListConflictingAliases.DistributionId": _distribution,
        "ListDistributionsByConnectionFunction.ConnectionFunctionIdentifier": _kind(
            "connection-function"
        ),
        "ListDistributionsByTrustStore.TrustStoreIdentifier": _kind("trust-store"),
        "ListInvalidations.DistributionId": _distribution,
        "ListInvalidationsForDistributionTenant.Id": _tenant,
        "UpdateDistributionWithStagingConfig.Id": _distribution,
        "VerifyDnsConfiguration.Identifier": _tenant,
        "ListTagsForResource.Resource": given,
        "TagResource.Resource": given,
        "UntagResource.Resource": given,
        "DeleteResourcePolicy.ResourceArn": given,
        "GetResourcePolicy.ResourceArn": given,
        "PutResourcePolicy.ResourceArn": given,
    },
    renamed={"CreateDistributionWithTags": "CreateDistribution"},
    on_all=frozenset({"UpdateFieldLevelEncryptionConfig"}),
)
