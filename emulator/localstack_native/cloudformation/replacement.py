"""What an update of a property requires: nothing, or a new resource.

AWS CloudFormation Template Reference, "Update requires" of each property. Other types
have the ``createOnlyProperties`` of their schema in LocalStack, which are the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a resource type."""

    replaced_by: frozenset[str]
    """Properties whose change requires replacement."""
    name: str | None = None
    """The property with the resource's name, which two resources can't share."""
    fixed: frozenset[str] = frozenset()
    """Properties whose change fails the update."""


def _rules(replaced_by: str, name: str | None = None, fixed: str = "") -> Rules:
    return Rules(frozenset(replaced_by.split()), name, frozenset(fixed.split()))


RULES: Mapping[str, Rules] = {
    "AWS::ApiGateway::Account": _rules(""),
    "AWS::ApiGateway::ApiKey": _rules("GenerateDistinctId Name Value"),
    "AWS::ApiGateway::Deployment": _rules("DeploymentCanarySettings RestApiId"),
    "AWS::ApiGateway::RestApi": _rules(""),
    "AWS::ApiGateway::Stage": _rules("RestApiId StageName"),
    "AWS::ApiGateway::UsagePlan": _rules(""),
    "AWS::ApiGateway::UsagePlanKey": _rules("KeyId KeyType UsagePlanId"),
    "AWS::CloudFront::CachePolicy": _rules(""),
    "AWS::CloudFront::Distribution": _rules(""),
    "AWS::CloudFront::Function": _rules("Name"),
    "AWS::CloudFront::KeyGroup": _rules(""),
    "AWS::CloudFront::KeyValueStore": _rules("Name", fixed="ImportSource"),
    "AWS::CloudFront::OriginAccessControl": _rules(""),
    "AWS::CloudFront::OriginRequestPolicy": _rules(""),
    "AWS::CloudFront::PublicKey": _rules(""),
    "AWS::CloudFront::ResponseHeadersPolicy": _rules(""),
    "AWS::CloudWatch::Alarm": _rules("AlarmName", "AlarmName"),
    "AWS::CloudWatch::Dashboard": _rules("DashboardName", "DashboardName"),
    "AWS::DynamoDB::Table": _rules(
        "ImportSourceSpecification KeySchema LocalSecondaryIndexes TableName", "TableName"
    ),
    "AWS::Events::EventBus": _rules("Name", "Name"),
    "AWS::Events::Rule": _rules("EventBusName Name", "Name"),
    "AWS::IAM::ManagedPolicy": _rules("Description ManagedPolicyName Path", "ManagedPolicyName"),
    "AWS::IAM::Role": _rules("Path RoleName", "RoleName"),
    "AWS::Lambda::Alias": _rules("FunctionName Name"),
    "AWS::Lambda::EventInvokeConfig": _rules("FunctionName Qualifier"),
    "AWS::Lambda::EventSourceMapping": _rules(
        "EventSourceArn SelfManagedEventSource StartingPosition StartingPositionTimestamp"
    ),
    "AWS::Lambda::Function": _rules("FunctionName PackageType TenancyConfig", "FunctionName"),
    "AWS::Lambda::LayerVersion": _rules(
        "CompatibleArchitectures CompatibleRuntimes Content Description LayerName LicenseInfo"
    ),
    "AWS::Lambda::Permission": _rules(
        "Action EventSourceToken FunctionName FunctionUrlAuthType InvokedViaFunctionUrl Principal "
        "PrincipalOrgID SourceAccount SourceArn"
    ),
    "AWS::Lambda::Url": _rules("Qualifier TargetFunctionArn"),
    "AWS::Lambda::Version": _rules(
        "CodeSha256 Description FunctionName ProvisionedConcurrencyConfig RuntimePolicy"
    ),
    "AWS::Logs::LogGroup": _rules("LogGroupName", "LogGroupName"),
    "AWS::S3::Bucket": _rules("BucketName BucketNamePrefix BucketNamespace", "BucketName"),
    "AWS::S3::BucketPolicy": _rules("Bucket"),
    "AWS::SNS::Subscription": _rules("Endpoint Protocol Region TopicArn"),
    "AWS::SNS::Topic": _rules("FifoTopic TopicName", "TopicName"),
    "AWS::SQS::Queue": _rules("FifoQueue QueueName", "QueueName"),
    "AWS::SQS::QueuePolicy": _rules(""),
    "AWS::StepFunctions::StateMachine": _rules(
        "StateMachineName StateMachineType", "StateMachineName"
    ),
}


def rules_of(kind: str, provider: Any) -> Rules:
    """Return the rules of a resource type, with its resource provider."""
    if kind in RULES:
        return RULES[kind]
    paths = getattr(provider, "SCHEMA", {}).get("createOnlyProperties", [])
    return Rules(frozenset(each.split("/")[2] for each in paths))
