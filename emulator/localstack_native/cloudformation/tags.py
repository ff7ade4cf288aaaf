"""Tags of stacks, which CloudFormation adds to the stack's resources.

AWS CloudFormation User Guide, "Resource tags". The types are those of the emulator's tables whose
schema in CloudFormation's registry has a ``tagProperty``.
"""

from collections.abc import Iterable, Mapping
from typing import Any

TAGGED = frozenset(
    {
        "AWS::ApiGateway::ApiKey",
        "AWS::ApiGateway::RestApi",
        "AWS::ApiGateway::Stage",
        "AWS::ApiGateway::UsagePlan",
        "AWS::CloudFront::Distribution",
        "AWS::CloudWatch::Alarm",
        "AWS::DynamoDB::Table",
        "AWS::IAM::Role",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
        "AWS::StepFunctions::StateMachine",
    }
)


def with_stack_tags(
    kind: str, properties: Mapping[str, Any], tags: Iterable[Mapping[str, str]] | None
) -> dict[str, Any]:
    """Return a resource's properties with the tags of its stack; its own tags come first."""
    own = list(properties.get("Tags") or [])
    names = {each["Key"] for each in own if isinstance(each, dict)}
    added = [dict(each) for each in tags or [] if each["Key"] not in names]
    if kind not in TAGGED or not added:
        return dict(properties)
    return {**properties, "Tags": own + added}
