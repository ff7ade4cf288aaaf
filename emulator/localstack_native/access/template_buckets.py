"""Access settings of buckets in templates, which LocalStack ignores."""

from typing import Any


def keep_settings() -> None:
    """Apply Block Public Access, ownership and ACL to buckets of templates.

    LocalStack leaves the first two at their defaults, which refuse a template's public policy, and
    gives each bucket the ACL ``public-read``.
    """
    from localstack.services.s3.resource_providers.aws_s3_bucket import S3BucketProvider

    provider: Any = S3BucketProvider
    create = provider.create

    def create_with_settings(self: Any, request: Any) -> Any:
        event = create(self, request)
        apply(request.aws_client_factory.s3, event.resource_model)
        return event

    provider.create = create_with_settings


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
