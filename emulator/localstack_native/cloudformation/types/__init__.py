"""Resource types whose creations and updates are complete.

LocalStack's resource providers drop properties when they create a resource, and most of them do not
update. These extend them: each property is applied by a call of its service.
"""

import importlib
from typing import Any

_CLASSES = {
    "AWS::ApiGateway::Account": "apigateway:Account",
    "AWS::ApiGateway::ApiKey": "apigateway:ApiKey",
    "AWS::ApiGateway::Deployment": "apigateway:Deployment",
    "AWS::ApiGateway::RestApi": "apigateway:RestApi",
    "AWS::ApiGateway::Stage": "apigateway:Stage",
    "AWS::ApiGateway::UsagePlan": "apigateway:UsagePlan",
    "AWS::CloudWatch::Alarm": "cloudwatch:Alarm",
    "AWS::DynamoDB::Table": "dynamodb:Table",
    "AWS::Events::EventBus": "events:EventBus",
    "AWS::Events::Rule": "events:Rule",
    "AWS::IAM::ManagedPolicy": "iam:ManagedPolicy",
    "AWS::IAM::Role": "iam:Role",
    "AWS::Lambda::Alias": "functions:Alias",
    "AWS::Lambda::EventInvokeConfig": "functions:EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping": "functions:EventSourceMapping",
    "AWS::Lambda::Function": "functions:Function",
    "AWS::Lambda::Permission": "functions:Permission",
    "AWS::Lambda::Url": "functions:Url",
    "AWS::Lambda::Version": "functions:Version",
    "AWS::Logs::LogGroup": "logs:LogGroup",
    "AWS::S3::Bucket": "s3:Bucket",
    "AWS::S3::BucketPolicy": "s3:BucketPolicy",
    "AWS::SNS::Subscription": "sns:Subscription",
    "AWS::SNS::Topic": "sns:Topic",
    "AWS::SQS::Queue": "sqs:Queue",
    "AWS::StepFunctions::StateMachine": "stepfunctions:StateMachine",
}


def extended(kind: str) -> Any:
    """Return the resource provider of a type, or None if LocalStack's is used."""
    if kind not in _CLASSES:
        return None
    module, _, name = _CLASSES[kind].partition(":")
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)()
