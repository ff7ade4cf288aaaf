"""Authorization by a bucket's policy, its Block Public Access settings, and ACLs.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from localstack.constants import AWS_REGION_US_EAST_1, DEFAULT_AWS_ACCOUNT_ID
from localstack.services.s3.constants import ALL_USERS_ACL_GROUP, AUTHENTICATED_USERS_ACL_GROUP
from localstack.services.s3.models import S3Bucket, S3DeleteMarker, VersionedKeyStore, s3_stores

from localstack_native.access.policy import Decision, Request, parsed
from localstack_native.access.principals import Principal
from localstack_native.access.publicity import is_public

type Context = Mapping[str, str | list[str]]

_PUBLIC_GROUPS = {ALL_USERS_ACL_GROUP, AUTHENTICATED_USERS_ACL_GROUP}
_OF_ROOT = {"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"}
# "Mapping of ACL permissions and access policy permissions"
_BUCKET_PERMISSIONS = {
    "s3:listbucket": "READ",
    "s3:listbucketversions": "READ",
    "s3:listbucketmultipartuploads": "READ",
    "s3:putobject": "WRITE",
    "s3:getbucketacl": "READ_ACP",
    "s3:putbucketacl": "WRITE_ACP",
}
_OBJECT_PERMISSIONS = {
    "s3:getobject": "READ",
    "s3:getobjectversion": "READ",
    "s3:getobjectacl": "READ_ACP",
    "s3:getobjectversionacl": "READ_ACP",
    "s3:putobjectacl": "WRITE_ACP",
    "s3:putobjectversionacl": "WRITE_ACP",
}


def find(name: str) -> S3Bucket | None:
    """Return a bucket of any account."""
    # All accounts' stores share the map of owners; all regions' stores of an account share buckets.
    owner = s3_stores[DEFAULT_AWS_ACCOUNT_ID][AWS_REGION_US_EAST_1].global_bucket_map.get(name)
    return s3_stores[owner][AWS_REGION_US_EAST_1].buckets.get(name) if owner else None


def may_get_object(
    principal: Principal, bucket: str, key: str, context: Context | None = None
) -> bool:
    """Return whether a principal may get an object, or learn that it does not exist.

    As on S3, the latter needs ListBucket. False for a bucket that does not exist. ``context`` has
    condition keys, such as ``aws:SourceArn`` for a service.
    """
    found = find(bucket)
    if found is None or not is_allowed(principal, "s3:GetObject", found, key, context):
        return False
    return has_object(found, key) or is_allowed(principal, "s3:ListBucket", found, "", context)


def has_object(bucket: S3Bucket, key: str, version: str | None = None) -> bool:
    """Return whether a bucket has an object that is no delete marker."""
    return _object(bucket, key, version) is not None


def is_allowed(
    principal: Principal,
    action: str,
    bucket: S3Bucket,
    key: str = "",
    context: Context | None = None,
    version: str | None = None,
) -> bool:
    """Return whether a principal may perform an action on a bucket or, with ``key``, an object.

    Policies of users and roles are not evaluated: principals of the owner's account may do
    everything that the bucket's policy does not deny.
    """
    decision = _decision(bucket, principal, action, key, context)
    if decision == "deny":
        return False
    if principal.kind == "aws" and principal.account == bucket.bucket_account_id:
        return True
    if decision == "allow":
        is_outsider = principal.kind != "service"
        if not (is_outsider and restricts(bucket)):
            return True
    return _is_granted(principal, action, bucket, key, version)


def is_denied(
    principal: Principal,
    action: str,
    bucket: S3Bucket,
    key: str = "",
    context: Context | None = None,
) -> bool:
    """Return whether the bucket's policy denies an action explicitly.

    The root user of the owner's account can always manage the policy.
    """
    if not bucket.policy or "Deny" not in bucket.policy:
        return False
    is_root = principal.name == f"arn:aws:iam::{bucket.bucket_account_id}:root"
    if is_root and action in _OF_ROOT:
        return False
    return _decision(bucket, principal, action, key, context) == "deny"


def blocks(bucket: S3Bucket, setting: str) -> bool:
    """Return whether one of the four Block Public Access settings is on."""
    return bool((bucket.public_access_block or {}).get(setting))


def restricts(bucket: S3Bucket) -> bool:
    """Return whether a bucket's public policy grants nothing to other accounts and the public."""
    return blocks(bucket, "RestrictPublicBuckets") and is_public(json.loads(bucket.policy or "{}"))


def ignores_acls(bucket: S3Bucket) -> bool:
    """Return whether the bucket's owner owns every object, which disables ACLs."""
    return str(bucket.object_ownership) == "BucketOwnerEnforced"


def is_public_acl(grants: Iterable[Any]) -> bool:
    """Return whether grants include all users, or all authenticated users."""
    return any(grant["Grantee"].get("URI") in _PUBLIC_GROUPS for grant in grants)


def _decision(
    bucket: S3Bucket, principal: Principal, action: str, key: str, context: Context | None
) -> Decision:
    if not bucket.policy:
        return "silent"
    owner = str(bucket.bucket_account_id)
    values = {"aws:ResourceAccount": owner, "s3:ResourceAccount": owner, **(context or {})}
    arn = f"arn:aws:s3:::{bucket.name}"
    request = Request(principal, action, f"{arn}/{key}" if key else arn, values)
    return parsed(bucket.policy).evaluate(request).decision


def _is_granted(
    principal: Principal, action: str, bucket: S3Bucket, key: str, version: str | None
) -> bool:
    if ignores_acls(bucket) or blocks(bucket, "IgnorePublicAcls") or principal.kind == "service":
        return False
    name = action.lower()
    groups = {ALL_USERS_ACL_GROUP}
    if principal.kind == "aws":
        groups.add(AUTHENTICATED_USERS_ACL_GROUP)
    if name in _OBJECT_PERMISSIONS:
        found = _object(bucket, key, version)
        if found is None:
            # A principal that may list the bucket may learn that the object does not exist.
            return name.startswith("s3:getobject") and _grants(bucket.acl, groups, "READ")
        return _grants(found.acl, groups, _OBJECT_PERMISSIONS[name])
    return name in _BUCKET_PERMISSIONS and _grants(bucket.acl, groups, _BUCKET_PERMISSIONS[name])


def _grants(acl: Any, groups: set[str], permission: str) -> bool:
    return any(
        grant["Grantee"].get("URI") in groups
        and str(grant["Permission"]) in {permission, "FULL_CONTROL"}
        for grant in (acl or {}).get("Grants", ())
    )


def _object(bucket: S3Bucket, key: str, version: str | None) -> Any:
    objects = bucket.objects
    found: Any = objects.get(key)
    if version and isinstance(objects, VersionedKeyStore):
        found = objects.get(key, version)
    return None if isinstance(found, S3DeleteMarker) else found
