"""Resource types of S3.

Amazon S3 API Reference: the templates' names of some members differ from the API's.
"""

import json
from typing import Any

from botocore.exceptions import ClientError
from localstack.services.s3.resource_providers.aws_s3_bucket import S3BucketProvider
from localstack.services.s3.resource_providers.aws_s3_bucketpolicy import S3BucketPolicyProvider

from localstack_native.cloudformation.types.base import AppliedProperties, Properties, done

ENCRYPTION = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
"""What a bucket has by default."""
BLOCKED = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def _encryption(clients: Any, model: Properties, value: Any) -> None:
    rules = ENCRYPTION["Rules"]
    if value:
        rules = [
            {
                "ApplyServerSideEncryptionByDefault": each["ServerSideEncryptionByDefault"],
                "BucketKeyEnabled": each.get("BucketKeyEnabled", False),
            }
            for each in value["ServerSideEncryptionConfiguration"]
        ]
    clients.s3.put_bucket_encryption(
        Bucket=model["BucketName"], ServerSideEncryptionConfiguration={"Rules": rules}
    )


def _public_access(clients: Any, model: Properties, value: Any) -> None:
    if value is None:
        clients.s3.delete_public_access_block(Bucket=model["BucketName"])
        return
    blocked = {name: str(value.get(name, False)).lower() == "true" for name in BLOCKED}
    clients.s3.put_public_access_block(
        Bucket=model["BucketName"], PublicAccessBlockConfiguration=blocked
    )


def _ownership(clients: Any, model: Properties, value: Any) -> None:
    rules = value["Rules"] if value else [{"ObjectOwnership": "BucketOwnerEnforced"}]
    clients.s3.put_bucket_ownership_controls(
        Bucket=model["BucketName"], OwnershipControls={"Rules": rules}
    )


def _cors(clients: Any, model: Properties, value: Any) -> None:
    if value is None:
        clients.s3.delete_bucket_cors(Bucket=model["BucketName"])
        return
    rules = S3BucketProvider()._transform_cfn_cors(value)  # noqa: SLF001 (LocalStack's)
    clients.s3.put_bucket_cors(Bucket=model["BucketName"], CORSConfiguration=rules)


def _lifecycle(clients: Any, model: Properties, value: Any) -> None:
    rules = [_rule(each) for each in (value or {}).get("Rules", [])]
    if rules:
        clients.s3.put_bucket_lifecycle_configuration(
            Bucket=model["BucketName"], LifecycleConfiguration={"Rules": rules}
        )
    else:
        clients.s3.delete_bucket_lifecycle(Bucket=model["BucketName"])


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a lifecycle rule as the API has it."""
    found: dict[str, Any] = {"Status": rule["Status"], "Filter": _filter(rule)}
    if "Id" in rule:
        found["ID"] = rule["Id"]
    if expiration := _expiration(rule):
        found["Expiration"] = expiration
    if abort := rule.get("AbortIncompleteMultipartUpload"):
        days = int(abort["DaysAfterInitiation"])
        found["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
    if old := rule.get("NoncurrentVersionExpiration"):
        found["NoncurrentVersionExpiration"] = _numbers(old)
    elif "NoncurrentVersionExpirationInDays" in rule:
        days = int(rule["NoncurrentVersionExpirationInDays"])
        found["NoncurrentVersionExpiration"] = {"NoncurrentDays": days}
    if moves := rule.get("Transitions") or [each for each in [rule.get("Transition")] if each]:
        found["Transitions"] = [_transition(each) for each in moves]
    if moves := rule.get("NoncurrentVersionTransitions"):
        found["NoncurrentVersionTransitions"] = [_old_transition(each) for each in moves]
    return found


def _expiration(rule: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "ExpirationInDays" in rule:
        found["Days"] = int(rule["ExpirationInDays"])
    if "ExpirationDate" in rule:
        found["Date"] = rule["ExpirationDate"]
    if "ExpiredObjectDeleteMarker" in rule:
        is_marker = str(rule["ExpiredObjectDeleteMarker"]).lower() == "true"
        found["ExpiredObjectDeleteMarker"] = is_marker
    return found


def _transition(transition: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"StorageClass": transition["StorageClass"]}
    if "TransitionInDays" in transition:
        found["Days"] = int(transition["TransitionInDays"])
    if "TransitionDate" in transition:
        found["Date"] = transition["TransitionDate"]
    return found


def _old_transition(transition: dict[str, Any]) -> dict[str, Any]:
    days = int(transition["TransitionInDays"])
    found = {"NoncurrentDays": days, "StorageClass": transition["StorageClass"]}
    if "NewerNoncurrentVersions" in transition:
        found["NewerNoncurrentVersions"] = int(transition["NewerNoncurrentVersions"])
    return found


def _numbers(values: dict[str, Any]) -> dict[str, int]:
    return {name: int(value) for name, value in values.items()}


def _filter(rule: dict[str, Any]) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    if "Prefix" in rule:
        parts.append({"Prefix": rule["Prefix"]})
    parts += [{"Tag": each} for each in rule.get("TagFilters", [])]
    parts += [
        {name: int(rule[name])}
        for name in ("ObjectSizeGreaterThan", "ObjectSizeLessThan")
        if name in rule
    ]
    if len(parts) < 2:
        return parts[0] if parts else {"Prefix": ""}
    several = {key: value for each in parts for key, value in each.items() if key != "Tag"}
    if tags := rule.get("TagFilters"):
        several["Tags"] = tags
    return {"And": several}


def _notifications(clients: Any, model: Properties, value: Any) -> None:
    wanted = S3BucketProvider()._get_s3_bucket_notification_config(  # noqa: SLF001 (LocalStack's)
        {"BucketName": model["BucketName"], "NotificationConfiguration": value}
    )
    none = {"Bucket": model["BucketName"], "NotificationConfiguration": {}}
    clients.s3.put_bucket_notification_configuration(**(wanted or none))


def _versioning(clients: Any, model: Properties, value: Any) -> None:
    status = (value or {}).get("Status", "Suspended")
    clients.s3.put_bucket_versioning(
        Bucket=model["BucketName"], VersioningConfiguration={"Status": status}
    )


def _website(clients: Any, model: Properties, value: Any) -> None:
    if value is None:
        clients.s3.delete_bucket_website(Bucket=model["BucketName"])
        return
    wanted = S3BucketProvider()._transform_website_configuration(value)  # noqa: SLF001 (the same)
    clients.s3.put_bucket_website(Bucket=model["BucketName"], WebsiteConfiguration=wanted)


def _lock(clients: Any, model: Properties, value: Any) -> None:
    clients.s3.put_object_lock_configuration(
        Bucket=model["BucketName"],
        ObjectLockConfiguration=value or {"ObjectLockEnabled": "Enabled"},
    )


def _logging(clients: Any, model: Properties, value: Any) -> None:
    wanted = {}
    if value:
        bucket = value.get("DestinationBucketName", model["BucketName"])
        prefix = value.get("LogFilePrefix", "")
        wanted = {"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": prefix}}
    clients.s3.put_bucket_logging(Bucket=model["BucketName"], BucketLoggingStatus=wanted)


def _acceleration(clients: Any, model: Properties, value: Any) -> None:
    status = (value or {}).get("AccelerationStatus", "Suspended")
    clients.s3.put_bucket_accelerate_configuration(
        Bucket=model["BucketName"], AccelerateConfiguration={"Status": status}
    )


def _tags(clients: Any, model: Properties, value: Any) -> None:
    if value:
        tags = {"TagSet": [{"Key": each["Key"], "Value": str(each["Value"])} for each in value]}
        clients.s3.put_bucket_tagging(Bucket=model["BucketName"], Tagging=tags)
    else:
        clients.s3.delete_bucket_tagging(Bucket=model["BucketName"])


class Bucket(AppliedProperties, S3BucketProvider):
    """``AWS::S3::Bucket``; its objects stay."""

    APPLY = {  # noqa: RUF012
        "AccelerateConfiguration": _acceleration,
        "BucketEncryption": _encryption,
        "CorsConfiguration": _cors,
        "LifecycleConfiguration": _lifecycle,
        "LoggingConfiguration": _logging,
        "NotificationConfiguration": _notifications,
        "ObjectLockConfiguration": _lock,
        "OwnershipControls": _ownership,
        "PublicAccessBlockConfiguration": _public_access,
        "Tags": _tags,
        "VersioningConfiguration": _versioning,
        "WebsiteConfiguration": _website,
    }
    DROPPED = (
        "AccelerateConfiguration",
        "BucketEncryption",
        "LifecycleConfiguration",
        "LoggingConfiguration",
        "OwnershipControls",
        "PublicAccessBlockConfiguration",
    )

    def create(self, request: Any) -> Any:
        """Create the bucket; fail if it exists, which LocalStack takes over."""
        name = request.desired_state.get("BucketName")
        if name and _exists(request.aws_client_factory.s3, name):
            raise ValueError(f"{name} already exists")
        return super().create(request)


def _exists(client: Any, bucket: str) -> bool:
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError as error:
        return bool(error.response["ResponseMetadata"]["HTTPStatusCode"] != 404)
    return True


class BucketPolicy(S3BucketPolicyProvider):
    """``AWS::S3::BucketPolicy``."""

    def update(self, request: Any) -> Any:
        """Replace the policy."""
        model = request.desired_state
        policy = json.dumps(model["PolicyDocument"])
        request.aws_client_factory.s3.put_bucket_policy(Bucket=model["Bucket"], Policy=policy)
        return done(model)
