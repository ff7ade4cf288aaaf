"""Removal of all that a run has made in an emulator that goes on: what has the run's name."""

from typing import Any

from .stage import Stage


def remove(stage: Stage) -> None:
    """Remove what was planted, and what attacks have made."""
    for summary in _pages(stage, "cloudformation", "describe_stacks", "Stacks"):
        if summary["StackName"].startswith(stage.run):
            stage.client("cloudformation").delete_stack(StackName=summary["StackName"])
            stage.client("cloudformation").get_waiter("stack_delete_complete").wait(
                StackName=summary["StackName"], WaiterConfig={"Delay": 1}
            )
    for function in _pages(stage, "lambda", "list_functions", "Functions"):
        if function["FunctionName"].startswith(stage.run):
            stage.client("lambda").delete_function(FunctionName=function["FunctionName"])
    for topic in _pages(stage, "sns", "list_topics", "Topics"):
        if topic["TopicArn"].rpartition(":")[2].startswith(stage.run):
            stage.client("sns").delete_topic(TopicArn=topic["TopicArn"])
    sqs = stage.client("sqs")
    for url in sqs.list_queues(QueueNamePrefix=stage.run).get("QueueUrls", []):
        sqs.delete_queue(QueueUrl=url)
    _remove_users(stage)
    _remove_buckets(stage)
    stage.client("secretsmanager").delete_secret(
        SecretId=stage.run, ForceDeleteWithoutRecovery=True
    )
    stage.client("ssm").delete_parameter(Name=stage.run)
    logs = stage.client("logs")
    for group in logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{stage.run}")[
        "logGroups"
    ]:
        logs.delete_log_group(logGroupName=group["logGroupName"])


def _remove_users(stage: Stage) -> None:
    iam = stage.client("iam")
    for user in _pages(stage, "iam", "list_users", "Users"):
        name = user["UserName"]
        if name.startswith(stage.run):
            for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
                iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
            iam.delete_user(UserName=name)


def _remove_buckets(stage: Stage) -> None:
    s3 = stage.client("s3")
    for bucket in (each["Name"] for each in s3.list_buckets()["Buckets"]):
        if bucket.startswith(stage.run):
            for each in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
                s3.delete_object(Bucket=bucket, Key=each["Key"])
            s3.delete_bucket(Bucket=bucket)


def _pages(stage: Stage, service: str, operation: str, name: str) -> list[Any]:
    pages = stage.client(service).get_paginator(operation).paginate()
    return [each for page in pages for each in page[name]]
