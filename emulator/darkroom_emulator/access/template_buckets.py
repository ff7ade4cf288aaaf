"""What a template says about access to a bucket; LocalStack drops it."""

from typing import Any


def keep_settings() -> None:
    """Have buckets of templates get their Block Public Access, ownership and ACL.

    LocalStack leaves the first two at their defaults, which refuse the public policy that the
    template may go on with, and gives each bucket the ACL ``public-read``.
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
    """Give a bucket that has just been created what its template's properties say."""
    place = {"Bucket": properties["BucketName"]}
    if "AccessControl" not in properties:
        s3.put_bucket_acl(**place, ACL="private")
    if controls := properties.get("OwnershipControls"):
        s3.put_bucket_ownership_controls(**place, OwnershipControls=controls)
    if (block := properties.get("PublicAccessBlockConfiguration")) is not None:
        # A template's booleans may be strings.
        settings = {name: str(value).lower() == "true" for name, value in block.items()}
        s3.put_public_access_block(**place, PublicAccessBlockConfiguration=settings)
