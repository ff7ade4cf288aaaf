"""Access settings of buckets in templates: Block Public Access, ownership and ACL.

LocalStack leaves the first two at their defaults, which refuse a template's public policy, and
gives each bucket the ACL ``public-read``.
"""

from typing import Any


def create_bucket(create: Any, self: Any, request: Any) -> Any:
    """Create a template's bucket with its access settings."""
    event = create(self, request)
    apply(request.aws_client_factory.s3, event.resource_model)
    return event


def apply(s3: Any, properties: dict[str, Any]) -> None:
    """Apply a template's properties to a new bucket."""
    bucket = {"Bucket": properties["BucketName"]}
    if "AccessControl" not in properties:
        s3.put_bucket_acl(**bucket, ACL="private")
    if controls := properties.get("OwnershipControls"):
        s3.put_bucket_ownership_controls(**bucket, OwnershipControls=controls)
    if (block := properties.get("PublicAccessBlockConfiguration")) is not None:
        # A template's booleans may be strings.
        settings = {name: str(value).lower() == "true" for name, value in block.items()}
        s3.put_public_access_block(**bucket, PublicAccessBlockConfiguration=settings)
