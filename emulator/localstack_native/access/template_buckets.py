"""Creation of a template's bucket, with its access settings.

LocalStack leaves Block Public Access and ownership at their defaults, which refuse a template's
public policy, and gives each bucket the ACL ``public-read``.
"""

from typing import Any


def create_bucket(_: Any, self: Any, model: dict[str, Any], region: str, s3: Any) -> None:
    """Create the bucket of a template's properties; with an ACL only if they have one."""
    bucket = {"Bucket": model["BucketName"]}
    given: dict[str, Any] = dict(bucket)
    if acl := model.get("AccessControl"):
        given["ACL"] = self._convert_acl_cf_to_s3(acl)
    if model.get("ObjectLockEnabled"):
        given["ObjectLockEnabledForBucket"] = True
    if region != "us-east-1":
        given["CreateBucketConfiguration"] = {"LocationConstraint": region}
    if controls := model.get("OwnershipControls"):
        given["ObjectOwnership"] = controls["Rules"][0]["ObjectOwnership"]
    s3.create_bucket(**given)
    if (block := model.get("PublicAccessBlockConfiguration")) is not None:
        # A template's booleans may be strings.
        settings = {name: str(value).lower() == "true" for name, value in block.items()}
        s3.put_public_access_block(**bucket, PublicAccessBlockConfiguration=settings)
