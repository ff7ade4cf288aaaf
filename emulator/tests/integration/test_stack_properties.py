"""Each property of a resource that a template can change, read back through its service."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from .localstack import LocalStack
from .property_cases import Case, Read, Service, as_map, pick
from .stacks import Stack

CODE = {"ZipFile": "def handler(event, context): return 'first'"}
ROLE = "arn:aws:iam::000000000000:role/any"
TOPIC = "arn:aws:sns:us-east-1:000000000000:topic"
TAGS = [{"Key": "team", "Value": "images"}]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
MACHINE = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})


def bucket(operation: str, *path: Any) -> Read:
    """Return a reader of a bucket's configuration, None without one."""

    def read(service: Service) -> Any:
        client = service.client("s3")
        try:
            return pick(getattr(client, f"get_{operation}")(Bucket=service.id), *path)
        except client.exceptions.ClientError:
            return None

    return read


def group(service: Service) -> Any:
    """Return a log group."""
    logs = service.client("logs")
    return logs.describe_log_groups(logGroupNamePrefix=service.id)["logGroups"][0]


def alarm(*path: Any) -> Read:
    """Return a reader of an alarm."""
    return lambda service: pick(
        service.client("cloudwatch").describe_alarms(AlarmNames=[service.id])["MetricAlarms"][0],
        *path,
    )


def queue(name: str) -> Read:
    """Return a reader of a queue's attribute."""
    return lambda service: (
        service.client("sqs")
        .get_queue_attributes(QueueUrl=service.id, AttributeNames=["All"])["Attributes"]
        .get(name)
    )


def function(*path: Any) -> Read:
    """Return a reader of a function's configuration."""
    return lambda service: pick(
        service.client("lambda").get_function_configuration(FunctionName=service.id), *path
    )


def mapping(*path: Any) -> Read:
    """Return a reader of an event source mapping."""
    return lambda service: pick(
        service.client("lambda").get_event_source_mapping(UUID=service.id), *path
    )


def table(*path: Any) -> Read:
    """Return a reader of a table."""
    return lambda service: pick(
        service.client("dynamodb").describe_table(TableName=service.id)["Table"], *path
    )


def role(*path: Any) -> Read:
    """Return a reader of a role."""
    return lambda service: pick(service.client("iam").get_role(RoleName=service.id)["Role"], *path)


def version(service: Service) -> Any:
    """Return the document of a managed policy."""
    iam = service.client("iam")
    default = iam.get_policy(PolicyArn=service.id)["Policy"]["DefaultVersionId"]
    found = iam.get_policy_version(PolicyArn=service.id, VersionId=default)
    return found["PolicyVersion"]["Document"]


def topic(name: str) -> Read:
    """Return a reader of a topic's attribute."""
    return lambda service: (
        service.client("sns").get_topic_attributes(TopicArn=service.id)["Attributes"].get(name)
    )


def machine(*path: Any) -> Read:
    """Return a reader of a state machine."""
    return lambda service: pick(
        service.client("stepfunctions").describe_state_machine(stateMachineArn=service.id), *path
    )


def api(*path: Any) -> Read:
    """Return a reader of an API."""
    return lambda service: pick(
        service.client("apigateway").get_rest_api(restApiId=service.id), *path
    )


def stage(*path: Any) -> Read:
    """Return a reader of a stage."""
    return lambda service: pick(
        service.client("apigateway").get_stage(
            restApiId=service.stack.id_of("Api"), stageName=service.id
        ),
        *path,
    )


def plan(*path: Any) -> Read:
    """Return a reader of a usage plan."""
    return lambda service: pick(
        service.client("apigateway").get_usage_plan(usagePlanId=service.id), *path
    )


def key(*path: Any) -> Read:
    """Return a reader of an API key."""
    return lambda service: pick(service.client("apigateway").get_api_key(apiKey=service.id), *path)


def subscription(name: str) -> Read:
    """Return a reader of a subscription's attribute."""
    return lambda service: (
        service.client("sns")
        .get_subscription_attributes(SubscriptionArn=service.id)["Attributes"]
        .get(name)
    )


ALARM = {
    "Namespace": "Test",
    "MetricName": "Errors",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 3,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 1,
}
FUNCTION = {"Runtime": "python3.13", "Handler": "index.handler", "Role": ROLE, "Code": CODE}
TABLE: dict[str, Any] = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "key", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "key", "KeyType": "HASH"}],
}
INDEX = {
    "IndexName": "by-day",
    "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}
BODY = {
    "openapi": "3.0.1",
    "info": {"title": "Of the body", "version": "1"},
    "paths": {
        "/old": {
            "get": {
                "responses": {"200": {"description": "OK"}},
                "x-amazon-apigateway-integration": {"type": "mock"},
            }
        }
    },
}
NEW_BODY = {**BODY, "paths": {"/new": BODY["paths"]["/old"]}}  # type: ignore[index]
API = {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "api", "Body": BODY}}}
DEPLOYED = {
    **API,
    "One": {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "Api"}}},
    "Two": {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "Api"}}},
}
STAGE = {"RestApiId": {"Ref": "Api"}, "StageName": "v1", "DeploymentId": {"Ref": "One"}}
SUBSCRIBED = {
    "Topic": {"Type": "AWS::SNS::Topic"},
    "Queue": {"Type": "AWS::SQS::Queue"},
}
ARN = {"Fn::GetAtt": ["Queue", "Arn"]}
SUBSCRIPTION = {"TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": ARN}
QUEUE = {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 60}}}
POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}
    ],
}
OTHER_POLICY = json.loads(json.dumps(POLICY).replace("Read", "Write"))


def statement(sid: str, resource: Any, action: str) -> dict[str, Any]:
    """Return a resource policy of one statement."""
    each = {"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [each]}


def sids(policy: Any) -> list[str]:
    """Return the ids of a policy's statements."""
    return [each["Sid"] for each in json.loads(policy)["Statement"]] if policy else []


NOTIFIED = {
    "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "notified"}},
    "Policy": {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [{"Ref": "Queue"}],
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "s3.amazonaws.com"},
                        "Action": "sqs:SendMessage",
                        "Resource": ARN,
                    }
                ],
            },
        },
    },
}
ENABLED = {"Id": "old", "Status": "Enabled"}
RESOURCE = {"Bucket": {"Type": "AWS::S3::Bucket"}}
OBJECTS = {"Fn::Sub": "${Bucket.Arn}/*"}

BUCKET: list[tuple[str, Any, Read, Any, Any]] = [
    ("LifecycleConfiguration", {"Rules": [{**ENABLED, "Prefix": "a/", "ExpirationInDays": "3"}]},
     bucket("bucket_lifecycle_configuration", "Rules"),
     [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 3}}],
     None),
    ("LifecycleConfiguration",
     {"Rules": [{**ENABLED, "NoncurrentVersionExpiration": {"NoncurrentDays": 5},
                 "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}]},
     bucket("bucket_lifecycle_configuration", "Rules"),
     [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""},
       "NoncurrentVersionExpiration": {"NoncurrentDays": 5},
       "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}], None),
    ("CorsConfiguration", {"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
     bucket("bucket_cors", "CORSRules"), [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}],
     None),
    ("VersioningConfiguration", {"Status": "Enabled"}, bucket("bucket_versioning", "Status"),
     "Enabled", "Suspended"),
    ("PublicAccessBlockConfiguration", {"BlockPublicAcls": True, "BlockPublicPolicy": False},
     bucket("public_access_block", "PublicAccessBlockConfiguration"),
     {"BlockPublicAcls": True, "BlockPublicPolicy": False, "IgnorePublicAcls": False,
      "RestrictPublicBuckets": False}, ...),
    ("OwnershipControls", {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
     bucket("bucket_ownership_controls", "OwnershipControls", "Rules", 0, "ObjectOwnership"),
     "ObjectWriter", "BucketOwnerEnforced"),
    ("BucketEncryption",
     {"ServerSideEncryptionConfiguration":
      [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}]},
     bucket("bucket_encryption", "ServerSideEncryptionConfiguration", "Rules", 0,
            "ApplyServerSideEncryptionByDefault", "SSEAlgorithm"), "aws:kms", "AES256"),
    ("Tags", TAGS, lambda it: as_map(bucket("bucket_tagging", "TagSet")(it)),
     {"team": "images"}, {}),
    ("WebsiteConfiguration", {"IndexDocument": "index.html"},
     bucket("bucket_website", "IndexDocument", "Suffix"), "index.html", None),
]  # fmt: skip

CASES = [
    Case("AWS::S3::Bucket", {}, {name: value}, read, after, before)
    for name, value, read, after, before in BUCKET
]
CASES += [
    Case("AWS::S3::Bucket", {}, {"NotificationConfiguration": {"QueueConfigurations": [
        {"Event": "s3:ObjectCreated:*", "Queue": ARN}]}},
        bucket("bucket_notification_configuration", "QueueConfigurations", 0, "Events"),
        ["s3:ObjectCreated:*"], others=NOTIFIED),
    Case("AWS::S3::BucketPolicy",
         {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": statement("One", OBJECTS, "s3:*")},
         {"PolicyDocument": statement("Two", OBJECTS, "s3:*")},
         lambda it: sids(it.client("s3").get_bucket_policy(
             Bucket=it.stack.id_of("Bucket"))["Policy"]), ["Two"], ["One"], RESOURCE),
    Case("AWS::Logs::LogGroup", {}, {"RetentionInDays": 30},
         lambda it: group(it).get("retentionInDays"), 30),
    Case("AWS::Logs::LogGroup", {}, {"Tags": TAGS},
         lambda it: as_map(it.client("logs").list_tags_log_group(logGroupName=it.id)["tags"]),
         {"team": "images"}, {}),
    Case("AWS::CloudWatch::Alarm", ALARM, {"Threshold": 5}, alarm("Threshold"), 5.0, 1.0),
    Case("AWS::CloudWatch::Alarm", ALARM, {"AlarmDescription": "why"}, alarm("AlarmDescription"),
         "why", ...),
    Case("AWS::CloudWatch::Alarm", ALARM, {"DatapointsToAlarm": 2}, alarm("DatapointsToAlarm"), 2,
         ...),
    Case("AWS::CloudWatch::Alarm", ALARM, {"TreatMissingData": "notBreaching"},
         alarm("TreatMissingData"), "notBreaching", ...),
    Case("AWS::CloudWatch::Alarm", ALARM, {"AlarmActions": [TOPIC]},
         alarm("AlarmActions"), [TOPIC], []),
    Case("AWS::CloudWatch::Alarm", ALARM, {"Dimensions": [{"Name": "A", "Value": "b"}]},
         alarm("Dimensions"), [{"Name": "A", "Value": "b"}], []),
    Case("AWS::CloudWatch::Alarm", ALARM, {"EvaluationPeriods": 5, "Period": 120},
         lambda it: (alarm("EvaluationPeriods")(it), alarm("Period")(it)), (5, 120), (3, 60)),
    Case("AWS::CloudWatch::Alarm", ALARM, {"Tags": TAGS},
         lambda it: as_map(it.client("cloudwatch").list_tags_for_resource(
             ResourceARN=alarm("AlarmArn")(it))["Tags"]), {"team": "images"}, {}),
    Case("AWS::CloudWatch::Dashboard", {"DashboardName": "b", "DashboardBody": '{"widgets":[]}'},
         {"DashboardBody": '{"widgets":[],"start":"-PT1H"}'},
         lambda it: json.loads(it.client("cloudwatch").get_dashboard(
             DashboardName="b")["DashboardBody"]).get("start"), "-PT1H"),
    Case("AWS::SQS::Queue", {}, {"VisibilityTimeout": 60}, queue("VisibilityTimeout"), "60", "30"),
    Case("AWS::SQS::Queue", {}, {"MessageRetentionPeriod": 600}, queue("MessageRetentionPeriod"),
         "600", "345600"),
    Case("AWS::SQS::Queue", {}, {"RedrivePolicy": {"deadLetterTargetArn": ARN,
         "maxReceiveCount": 4}}, lambda it: json.loads(queue("RedrivePolicy")(it) or "{}").get(
             "maxReceiveCount"), 4, None, QUEUE),
    Case("AWS::SQS::Queue", {}, {"Tags": TAGS},
         lambda it: as_map(it.client("sqs").list_queue_tags(QueueUrl=it.id).get("Tags")),
         {"team": "images"}, {}),
    Case("AWS::SQS::QueuePolicy", {"Queues": [{"Ref": "Queue"}],
         "PolicyDocument": statement("One", ARN, "sqs:*")},
         {"PolicyDocument": statement("Two", ARN, "sqs:*")},
         lambda it: sids(it.client("sqs").get_queue_attributes(
             QueueUrl=it.stack.id_of("Queue"), AttributeNames=["Policy"])["Attributes"]["Policy"]),
         ["Two"], ["One"], QUEUE),
    Case("AWS::DynamoDB::Table", TABLE,
         {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}},
         lambda it: it.client("dynamodb").describe_continuous_backups(TableName=it.id)[
             "ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"][
             "PointInTimeRecoveryStatus"], "ENABLED", "DISABLED"),
    Case("AWS::DynamoDB::Table", TABLE,
         {"TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True}},
         lambda it: it.client("dynamodb").describe_time_to_live(TableName=it.id)[
             "TimeToLiveDescription"]["TimeToLiveStatus"], "ENABLED", "DISABLED"),
    Case("AWS::DynamoDB::Table", TABLE, {"GlobalSecondaryIndexes": [INDEX],
         "AttributeDefinitions": [
         *TABLE["AttributeDefinitions"], {"AttributeName": "day", "AttributeType": "S"}]},
         lambda it: [each["IndexName"] for each in table("GlobalSecondaryIndexes")(it) or []],
         ["by-day"], []),
    Case("AWS::DynamoDB::Table", TABLE, {"BillingMode": "PROVISIONED",
         "ProvisionedThroughput": {"ReadCapacityUnits": 2, "WriteCapacityUnits": 3}},
         table("ProvisionedThroughput", "ReadCapacityUnits"), 2, ...),
    Case("AWS::DynamoDB::Table", TABLE, {"DeletionProtectionEnabled": True},
         table("DeletionProtectionEnabled"), after=True, before=False),
    Case("AWS::DynamoDB::Table", TABLE, {"Tags": TAGS},
         lambda it: as_map(it.client("dynamodb").list_tags_of_resource(
             ResourceArn=table("TableArn")(it))["Tags"]), {"team": "images"}, {}),
    Case("AWS::Lambda::Function", FUNCTION, {"MemorySize": 512}, function("MemorySize"), 512, 128),
    Case("AWS::Lambda::Function", FUNCTION, {"Timeout": "30"}, function("Timeout"), 30, 3),
    Case("AWS::Lambda::Function", FUNCTION, {"Description": "new"}, function("Description"), "new",
         ""),
    Case("AWS::Lambda::Function", FUNCTION, {"Environment": {"Variables": {"A": 1}}},
         function("Environment", "Variables"), {"A": "1"}, ...),
    Case("AWS::Lambda::Function", FUNCTION, {"TracingConfig": {"Mode": "Active"}},
         function("TracingConfig", "Mode"), "Active", "PassThrough"),
    Case("AWS::Lambda::Function", FUNCTION, {"LoggingConfig": {"LogGroup": "/mine"}},
         function("LoggingConfig", "LogGroup"), "/mine", ...),
    Case("AWS::Lambda::Function", FUNCTION, {"Role": ROLE.replace("any", "other")},
         function("Role"), ROLE.replace("any", "other"), ROLE),
    Case("AWS::Lambda::Function", FUNCTION, {"Handler": "index.other"}, function("Handler"),
         "index.other", "index.handler"),
    Case("AWS::Lambda::Function", FUNCTION, {"EphemeralStorage": {"Size": 1024}},
         function("EphemeralStorage", "Size"), 1024, 512),
    Case("AWS::Lambda::Function", FUNCTION, {"Architectures": ["arm64"]}, function("Architectures"),
         ["arm64"], ["x86_64"]),
    Case("AWS::Lambda::Function", FUNCTION,
         {"Code": {"ZipFile": "def handler(event, context): return 'second'"}},
         lambda it: json.loads(it.client("lambda").invoke(FunctionName=it.id)["Payload"].read()),
         "second", "first"),
    Case("AWS::Lambda::Function", FUNCTION, {"Layers": [{"Ref": "Layer"}]},
         lambda it: len(function("Layers")(it) or []), 1, 0,
         {"Layer": {"Type": "AWS::Lambda::LayerVersion", "Properties": {
             "Content": {"S3Bucket": "layers", "S3Key": "layer.zip"}}}}),
    Case("AWS::Lambda::Function", FUNCTION, {"ReservedConcurrentExecutions": "1"},
         lambda it: it.client("lambda").get_function_concurrency(FunctionName=it.id).get(
             "ReservedConcurrentExecutions"), 1),
    Case("AWS::Lambda::Function", FUNCTION, {"Tags": TAGS},
         lambda it: as_map(it.client("lambda").list_tags(Resource=function("FunctionArn")(it))[
             "Tags"]), {"team": "images"}, {}),
]  # fmt: skip

SOURCED = {**QUEUE, "Function": {"Type": "AWS::Lambda::Function", "Properties": FUNCTION}}
MAPPING = {"EventSourceArn": ARN, "FunctionName": {"Ref": "Function"}, "Enabled": False}
CASES += [
    Case("AWS::Lambda::EventSourceMapping", MAPPING, {"BatchSize": 5}, mapping("BatchSize"), 5, 10,
         SOURCED),
    Case("AWS::Lambda::EventSourceMapping", MAPPING, {"MaximumBatchingWindowInSeconds": 2},
         mapping("MaximumBatchingWindowInSeconds"), 2, 0, SOURCED),
    Case("AWS::Lambda::EventSourceMapping", MAPPING,
         {"FunctionResponseTypes": ["ReportBatchItemFailures"]}, mapping("FunctionResponseTypes"),
         ["ReportBatchItemFailures"], ..., SOURCED),
    Case("AWS::Lambda::EventSourceMapping", MAPPING, {"ScalingConfig": {"MaximumConcurrency": "8"}},
         mapping("ScalingConfig", "MaximumConcurrency"), 8, None, SOURCED),
    Case("AWS::IAM::Role", {"AssumeRolePolicyDocument": TRUST}, {"Policies": [
         {"PolicyName": "read", "PolicyDocument": POLICY}]},
         lambda it: it.client("iam").list_role_policies(RoleName=it.id)["PolicyNames"], ["read"],
         []),
    Case("AWS::IAM::Role", {"AssumeRolePolicyDocument": TRUST,
         "Policies": [{"PolicyName": "read", "PolicyDocument": POLICY}]}, {"Policies": [
         {"PolicyName": "read", "PolicyDocument": OTHER_POLICY}]},
         lambda it: it.client("iam").get_role_policy(
             RoleName=it.id, PolicyName="read")["PolicyDocument"]["Statement"][0]["Sid"],
         "Write", "Read"),
    Case("AWS::IAM::Role", {"AssumeRolePolicyDocument": TRUST},
         {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]},
         lambda it: [each["PolicyName"] for each in it.client("iam").list_attached_role_policies(
             RoleName=it.id)["AttachedPolicies"]], ["ReadOnlyAccess"], []),
    Case("AWS::IAM::Role", {"AssumeRolePolicyDocument": TRUST},
         {"PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
         role("PermissionsBoundary", "PermissionsBoundaryArn"),
         "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    Case("AWS::IAM::Role", {"AssumeRolePolicyDocument": TRUST}, {"AssumeRolePolicyDocument":
         json.loads(json.dumps(TRUST).replace("lambda", "states"))},
         role("AssumeRolePolicyDocument", "Statement", 0, "Principal", "Service"),
         "states.amazonaws.com", "lambda.amazonaws.com"),
    Case("AWS::IAM::Role", {"AssumeRolePolicyDocument": TRUST},
         {"Description": "d", "MaxSessionDuration": 7200}, role("MaxSessionDuration"), 7200, 3600),
    Case("AWS::IAM::Role", {"AssumeRolePolicyDocument": TRUST}, {"Tags": TAGS},
         lambda it: as_map(role("Tags")(it)), {"team": "images"}, {}),
    Case("AWS::IAM::ManagedPolicy", {"PolicyDocument": POLICY}, {"PolicyDocument": OTHER_POLICY},
         lambda it: version(it)["Statement"][0]["Sid"], "Write", "Read"),
    Case("AWS::SNS::Topic", {}, {"DisplayName": "News"}, topic("DisplayName"), "News", ...),
    Case("AWS::SNS::Topic", {}, {"Tags": TAGS},
         lambda it: as_map(it.client("sns").list_tags_for_resource(ResourceArn=it.id)["Tags"]),
         {"team": "images"}, {}),
    Case("AWS::SNS::Topic", {}, {"Subscription": [{"Protocol": "sqs", "Endpoint": ARN}]},
         lambda it: len(it.client("sns").list_subscriptions_by_topic(TopicArn=it.id)[
             "Subscriptions"]), 1, 0, QUEUE),
    Case("AWS::SNS::Subscription", SUBSCRIPTION, {"RawMessageDelivery": True},
         subscription("RawMessageDelivery"), "true", "false", SUBSCRIBED),
    Case("AWS::SNS::Subscription", SUBSCRIPTION, {"FilterPolicy": {"a": ["b"]}},
         subscription("FilterPolicy"), '{"a": ["b"]}', ..., SUBSCRIBED),
    Case("AWS::StepFunctions::StateMachine", {"RoleArn": ROLE, "DefinitionString": MACHINE},
         {"DefinitionString": MACHINE.replace("End", "Last")},
         lambda it: json.loads(machine("definition")(it))["StartAt"], "Last", "End"),
    Case("AWS::StepFunctions::StateMachine", {"RoleArn": ROLE, "DefinitionString": MACHINE},
         {"RoleArn": ROLE.replace("any", "other")}, machine("roleArn"),
         ROLE.replace("any", "other"), ROLE),
    Case("AWS::StepFunctions::StateMachine", {"RoleArn": ROLE, "DefinitionString": MACHINE},
         {"Tags": TAGS}, lambda it: as_map(it.client("stepfunctions").list_tags_for_resource(
             resourceArn=it.id)["tags"]), {"team": "images"}, {}),
    Case("AWS::ApiGateway::RestApi", {"Name": "api", "Body": BODY}, {"Name": "other"}, api("name"),
         "other", "api"),
    Case("AWS::ApiGateway::RestApi", {"Name": "api", "Body": BODY}, {"Description": "new"},
         api("description"), "new", ...),
    Case("AWS::ApiGateway::RestApi", {"Name": "api", "Body": BODY}, {"MinimumCompressionSize": 99},
         api("minimumCompressionSize"), 99),
    Case("AWS::ApiGateway::RestApi", {"Name": "api", "Body": BODY}, {"ApiKeySourceType":
         "AUTHORIZER"}, api("apiKeySource"), "AUTHORIZER", "HEADER"),
    Case("AWS::ApiGateway::RestApi", {"Name": "api", "Body": BODY},
         {"BinaryMediaTypes": ["image/*"]}, api("binaryMediaTypes"), ["image/*"], ...),
    Case("AWS::ApiGateway::RestApi", {"Name": "api", "Body": BODY}, {"Body": NEW_BODY},
         lambda it: sorted(each["path"] for each in it.client("apigateway").get_resources(
             restApiId=it.id)["items"]), ["/", "/new"], ["/", "/old"]),
    Case("AWS::ApiGateway::RestApi", {"Name": "api", "Body": BODY}, {"Tags": TAGS},
         lambda it: as_map(api("tags")(it)), {"team": "images"}, {}),
    Case("AWS::ApiGateway::Stage", STAGE, {"MethodSettings": [{"ResourcePath": "/*",
         "HttpMethod": "*", "ThrottlingRateLimit": 5, "ThrottlingBurstLimit": 9,
         "MetricsEnabled": True}]}, lambda it: [stage("methodSettings", "*/*", name)(it) for name in
         ("throttlingRateLimit", "throttlingBurstLimit", "metricsEnabled")], [5.0, 9, True],
         [None] * 3, DEPLOYED),
    Case("AWS::ApiGateway::Stage", STAGE, {"AccessLogSetting": {"DestinationArn": "arn:aws:logs:a",
         "Format": "$context.requestId"}}, stage("accessLogSettings", "format"),
         "$context.requestId", None, DEPLOYED),
    Case("AWS::ApiGateway::Stage", STAGE, {"Variables": {"a": "b"}}, stage("variables"), {"a": "b"},
         None, DEPLOYED),
    Case("AWS::ApiGateway::Stage", STAGE, {"Description": "new"}, stage("description"), "new", ...,
         DEPLOYED),
    Case("AWS::ApiGateway::Stage", STAGE, {"TracingEnabled": True}, stage("tracingEnabled"),
         after=True, before=False, others=DEPLOYED),
    Case("AWS::ApiGateway::Stage", STAGE, {"DeploymentId": {"Ref": "Two"}},
         lambda it: stage("deploymentId")(it) == it.stack.id_of("Two"), after=True, before=False,
         others=DEPLOYED),
    Case("AWS::ApiGateway::UsagePlan", {"UsagePlanName": "plan"},
         {"Throttle": {"RateLimit": 5, "BurstLimit": 9}}, plan("throttle", "burstLimit"), 9, None),
    Case("AWS::ApiGateway::UsagePlan", {"UsagePlanName": "plan"}, {"Description": "new"},
         plan("description"), "new", ...),
    Case("AWS::ApiGateway::UsagePlan", {"UsagePlanName": "plan"}, {"ApiStages": [
         {"ApiId": {"Ref": "Api"}, "Stage": {"Ref": "Stage"}}]},
         lambda it: len(plan("apiStages")(it) or []), 1, 0,
         {**DEPLOYED, "Stage": {"Type": "AWS::ApiGateway::Stage", "Properties": STAGE}}),
    Case("AWS::ApiGateway::ApiKey", {"Name": "mine", "Enabled": True}, {"Enabled": False},
         key("enabled"), after=False, before=True),
    Case("AWS::ApiGateway::ApiKey", {"Name": "mine", "Enabled": True}, {"Description": "new"},
         key("description"), "new", ...),
    Case("AWS::ApiGateway::Account", {"CloudWatchRoleArn": ROLE},
         {"CloudWatchRoleArn": ROLE.replace("any", "other")},
         lambda it: it.client("apigateway").get_account()["cloudwatchRoleArn"],
         ROLE.replace("any", "other"), ROLE),
]  # fmt: skip


VERSIONED: dict[str, Any] = {
    **SOURCED,
    "One": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Function"}}},
}
FIRST = {"Fn::GetAtt": ["One", "Version"]}
ALIAS = {"FunctionName": {"Ref": "Function"}, "Name": "live", "FunctionVersion": FIRST}
URL = {"TargetFunctionArn": {"Fn::GetAtt": ["Function", "Arn"]}, "AuthType": "AWS_IAM"}


def alias(name: str) -> Read:
    """Return a reader of an alias."""
    return lambda it: it.client("lambda").get_alias(
        FunctionName=it.stack.id_of("Function"), Name="live"
    )[name]


def provisioned(service: Service) -> int | None:
    """Return the environments that an alias keeps, or None."""
    client = service.client("lambda")
    try:
        found = client.get_provisioned_concurrency_config(
            FunctionName=service.stack.id_of("Function"), Qualifier="live"
        )
    except client.exceptions.ProvisionedConcurrencyConfigNotFoundException:
        return None
    return int(found["AllocatedProvisionedConcurrentExecutions"])


def url(*path: Any) -> Read:
    """Return a reader of a function URL."""
    return lambda it: pick(
        it.client("lambda").get_function_url_config(FunctionName=it.stack.id_of("Function")), *path
    )


RETRIES = {"FunctionName": {"Ref": "Function"}, "Qualifier": "$LATEST"}


def retries(*path: Any) -> Read:
    """Return a reader of a function's asynchronous invocations."""
    return lambda it: pick(
        it.client("lambda").get_function_event_invoke_config(
            FunctionName=it.stack.id_of("Function")
        ),
        *path,
    )


CASES += [
    Case("AWS::Lambda::EventInvokeConfig", {**RETRIES, "MaximumEventAgeInSeconds": 60},
         {"MaximumRetryAttempts": 1}, retries("MaximumRetryAttempts"), 1, None, SOURCED),
    Case("AWS::Lambda::EventInvokeConfig", {**RETRIES, "MaximumRetryAttempts": 1},
         {"MaximumEventAgeInSeconds": 90}, retries("MaximumEventAgeInSeconds"), 90, None, SOURCED),
    Case("AWS::Lambda::EventInvokeConfig", {**RETRIES, "MaximumRetryAttempts": 1},
         {"DestinationConfig": {"OnFailure": {"Destination": TOPIC}}},
         retries("DestinationConfig", "OnFailure", "Destination"), TOPIC, None, SOURCED),
    Case("AWS::Lambda::Alias", ALIAS, {"Description": "new"}, alias("Description"), "new", "",
         VERSIONED),
    Case("AWS::Lambda::Alias", ALIAS, {"FunctionVersion": "$LATEST"}, alias("FunctionVersion"),
         "$LATEST", "1", VERSIONED),
    Case("AWS::Lambda::Alias", ALIAS,
         {"ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": "1"}}, provisioned, 1,
         None, VERSIONED),
    Case("AWS::Lambda::Url", URL, {"AuthType": "NONE"}, url("AuthType"), "NONE", "AWS_IAM",
         SOURCED),
    Case("AWS::Lambda::Url", URL, {"Cors": {"AllowOrigins": ["https://example.org"]}},
         url("Cors", "AllowOrigins"), ["https://example.org"], None, SOURCED),
    Case("AWS::Lambda::Url", URL, {"InvokeMode": "RESPONSE_STREAM"}, url("InvokeMode"),
         "RESPONSE_STREAM", "BUFFERED", SOURCED),
]  # fmt: skip


@pytest.fixture
def stack(emulator: LocalStack) -> Iterator[Stack]:
    """Yield a stack, and delete it at the end."""
    stack = Stack(emulator, "property")
    yield stack
    stack.delete()


@pytest.fixture(scope="module", autouse=True)
def given(emulator: LocalStack) -> None:
    """Upload a layer, and create another role of functions."""
    emulator.create_role("other")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("python/layer.py", "")
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="layers")
    s3.put_object(Bucket="layers", Key="layer.zip", Body=buffer.getvalue())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_property_is_updated_in_place(emulator: LocalStack, stack: Stack, case: Case) -> None:
    """The service has the property after creation, update, and an update back."""
    case.check(Service(emulator, stack))
