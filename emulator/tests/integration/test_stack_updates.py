"""Updates of stacks: in place, by replacement, and rolled back."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .localstack import LocalStack
from .stacks import Stack


@pytest.fixture
def stack(emulator: LocalStack) -> Iterator[Stack]:
    """Yield a stack, and delete it at the end."""
    stack = Stack(emulator, "updated")
    yield stack
    stack.delete()


def log(name: str, **properties: Any) -> dict[str, Any]:
    """Return a log group."""
    return {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": name, **properties}}


def queue(**properties: Any) -> dict[str, Any]:
    """Return a queue."""
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def retention(emulator: LocalStack, name: str) -> int | None:
    """Return the days that a log group is kept, or None."""
    (found,) = emulator.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    days: int | None = found.get("retentionInDays")
    return days


def test_parameters_alone_update_what_refers_to_them(emulator: LocalStack, stack: Stack) -> None:
    """An update with other parameters changes the resources that use them, and no others."""
    resources = {
        "Log": log(f"/{stack.name}", RetentionInDays={"Ref": "Days"}),
        "Queue": queue(),
    }
    parameters = {"Days": {"Type": "Number", "Default": 7}}
    assert stack.create(resources, Parameters=parameters) == "CREATE_COMPLETE"
    assert retention(emulator, f"/{stack.name}") == 7
    updated = stack.update(resources, {"Days": "30"}, Parameters=parameters)
    assert updated == "UPDATE_COMPLETE"
    assert retention(emulator, f"/{stack.name}") == 30
    changed = {name for name, _ in stack.events()}
    assert changed == {stack.name, "Log"}


def test_an_update_creates_what_a_condition_refers_to(emulator: LocalStack, stack: Stack) -> None:
    """The attribute of a conditional resource is used from the update on that creates it.

    As are parts of it, until the update that deletes the resource.
    """
    attribute = {"Fn::GetAtt": ["Topic", "TopicArn"]}
    arn = {"Fn::If": ["IsWanted", attribute, "none"]}
    parts = {"Fn::Select": [5, {"Fn::Split": [":", attribute]}]}
    part = {"Fn::If": ["IsWanted", {"Fn::Join": ["/", ["a", parts]]}, "none"]}
    resources = {
        "Topic": {"Type": "AWS::SNS::Topic", "Condition": "IsWanted"},
        "Log": log(
            f"/{stack.name}", Tags=[{"Key": "topic", "Value": arn}, {"Key": "part", "Value": part}]
        ),
    }
    more: dict[str, Any] = {
        "Parameters": {"Wanted": {"Type": "String", "Default": "no"}},
        "Conditions": {"IsWanted": {"Fn::Equals": [{"Ref": "Wanted"}, "yes"]}},
    }

    def tags() -> tuple[str, str]:
        found = emulator.client("logs").list_tags_log_group(logGroupName=f"/{stack.name}")["tags"]
        return found["topic"], found["part"]

    assert stack.create(resources, **more) == "CREATE_COMPLETE"
    assert tags() == ("none", "none")
    assert stack.update(resources, {"Wanted": "yes"}, **more) == "UPDATE_COMPLETE"
    topic = stack.id_of("Topic")
    assert tags() == (topic, f"a/{topic.rpartition(':')[2]}")
    assert stack.update(resources, {"Wanted": "no"}, **more) == "UPDATE_COMPLETE"
    assert tags() == ("none", "none")


def test_an_update_without_changes_is_refused(stack: Stack) -> None:
    """The same template and parameters are no update."""
    stack.create({"Queue": queue()})
    with pytest.raises(ClientError, match=r"No updates are to be performed\."):
        stack.update({"Queue": queue()})


def test_a_replacement_updates_dependents_first(emulator: LocalStack, stack: Stack) -> None:
    """A new resource is created, dependents refer to it, and the old one is deleted last."""
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": f"{stack.name}-a"}}
    policy = {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 3}
    resources: dict[str, Any] = {
        "Queue": queue(RedrivePolicy=policy),
        "Dead": queue(QueueName=f"{stack.name}-a"),
        "Topic": topic,
    }
    stack.create(resources)
    kept, old = stack.id_of("Queue"), stack.id_of("Dead")
    resources["Dead"] = queue(QueueName=f"{stack.name}-b")
    assert stack.update(resources) == "UPDATE_COMPLETE"
    assert stack.id_of("Queue") == kept
    assert stack.id_of("Dead").endswith(f"{stack.name}-b")
    sqs = emulator.client("sqs")
    found = sqs.get_queue_attributes(QueueUrl=kept, AttributeNames=["RedrivePolicy"])
    target = json.loads(found["Attributes"]["RedrivePolicy"])["deadLetterTargetArn"]
    assert target.endswith(f":{stack.name}-b")
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_attributes(QueueUrl=old, AttributeNames=["All"])
    assert list(reversed(stack.events())) == [
        (stack.name, "UPDATE_IN_PROGRESS"),
        ("Dead", "UPDATE_IN_PROGRESS"),
        ("Dead", "UPDATE_COMPLETE"),
        ("Queue", "UPDATE_IN_PROGRESS"),
        ("Queue", "UPDATE_COMPLETE"),
        (stack.name, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("Dead", "DELETE_IN_PROGRESS"),
        ("Dead", "DELETE_COMPLETE"),
        (stack.name, "UPDATE_COMPLETE"),
    ]


def test_a_replaced_resource_is_retained(emulator: LocalStack, stack: Stack) -> None:
    """With UpdateReplacePolicy Retain, the old resource stays, outside of the stack."""
    stack.create({"Log": log(f"/{stack.name}-a")})
    after = {**log(f"/{stack.name}-b"), "UpdateReplacePolicy": "Retain"}
    assert stack.update({"Log": after}) == "UPDATE_COMPLETE"
    assert ("Log", "DELETE_SKIPPED") in stack.events()
    assert retention(emulator, f"/{stack.name}-a") is None
    emulator.client("logs").delete_log_group(logGroupName=f"/{stack.name}-a")


def test_removed_resources_are_deleted_or_retained(emulator: LocalStack, stack: Stack) -> None:
    """A resource that the template no longer has is deleted, unless its policy retains it."""
    retained = {**log(f"/{stack.name}-b"), "DeletionPolicy": "Retain"}
    stack.create({"Queue": queue(), "A": log(f"/{stack.name}-a"), "B": retained})
    assert stack.update({"Queue": queue()}) == "UPDATE_COMPLETE"
    logs = emulator.client("logs")
    found = logs.describe_log_groups(logGroupNamePrefix=f"/{stack.name}")["logGroups"]
    assert [each["logGroupName"] for each in found] == [f"/{stack.name}-b"]
    described = stack.cloudformation.describe_stack_resources(StackName=stack.name)
    assert [each["LogicalResourceId"] for each in described["StackResources"]] == ["Queue"]
    logs.delete_log_group(logGroupName=f"/{stack.name}-b")


@pytest.mark.parametrize("policy", ["Retain", "RetainExceptOnCreate"])
def test_a_deleted_stack_retains_resources(emulator: LocalStack, stack: Stack, policy: str) -> None:
    """Resources with a policy of retention outlive their stack with what they hold."""
    retained = {**queue(QueueName=stack.name), "DeletionPolicy": policy}
    stack.create({"Kept": retained, "Gone": log(f"/{stack.name}")})
    url, sqs = stack.id_of("Kept"), emulator.client("sqs")
    sqs.send_message(QueueUrl=url, MessageBody="kept")
    stack.delete()
    received = sqs.receive_message(QueueUrl=url)
    assert [each["Body"] for each in received["Messages"]] == ["kept"]
    groups = emulator.client("logs").describe_log_groups(logGroupNamePrefix=f"/{stack.name}")
    assert groups["logGroups"] == []
    sqs.delete_queue(QueueUrl=url)


@pytest.mark.parametrize(
    ("policy", "is_retained", "more"),
    [
        ("Retain", True, {}),
        ("RetainExceptOnCreate", False, {}),
        ("Retain", False, {"RetainExceptOnCreate": True}),
    ],
)
@pytest.mark.parametrize("is_update", [False, True], ids=["creation", "update"])
def test_what_a_rollback_retains(
    emulator: LocalStack,
    stack: Stack,
    policy: str,
    is_retained: bool,  # noqa: FBT001 (a parameter of the test)
    more: dict[str, Any],
    is_update: bool,  # noqa: FBT001 (the same)
) -> None:
    """A new resource stays with Retain, unless the policy or the call excepts new ones."""
    resources = {
        "New": {**log(f"/{stack.name}"), "DeletionPolicy": policy},
        "Bad": {**queue(QueueName="a name with spaces"), "DependsOn": "New"},
    }
    if is_update:
        stack.create({"Queue": queue()})
        assert stack.update(resources, **more) == "UPDATE_ROLLBACK_COMPLETE"
    else:
        assert stack.create(resources, **more) == "ROLLBACK_COMPLETE"
    logs = emulator.client("logs")
    found = logs.describe_log_groups(logGroupNamePrefix=f"/{stack.name}")["logGroups"]
    assert bool(found) == is_retained
    for each in found:
        logs.delete_log_group(logGroupName=each["logGroupName"])


def test_indexes_are_updated_one_at_a_time(emulator: LocalStack, stack: Stack) -> None:
    """As on AWS, an update creates or deletes one index, and modifies none; items stay."""

    def table(*indexes: tuple[str, str]) -> dict[str, Any]:
        names = sorted({"key", *(name for name, _ in indexes)})
        properties: dict[str, Any] = {
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": "S"} for name in names
            ],
            "KeySchema": [{"AttributeName": "key", "KeyType": "HASH"}],
        }
        if indexes:
            properties["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": f"by-{name}",
                    "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": projection},
                }
                for name, projection in indexes
            ]
        return {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}

    assert stack.create(table(("a", "ALL"))) == "CREATE_COMPLETE", stack.reasons()
    dynamodb = emulator.client("dynamodb")
    item = {"key": {"S": "kept"}, "b": {"S": "1"}}
    dynamodb.put_item(TableName=stack.id_of("Table"), Item=item)
    assert stack.update(table(("a", "KEYS_ONLY"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Cannot update GSI's properties other than" in stack.reasons()
    assert stack.update(table(("b", "ALL"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Cannot perform more than one GSI creation or deletion" in stack.reasons()
    assert stack.update(table(("a", "ALL"), ("b", "ALL"))) == "UPDATE_COMPLETE"
    assert stack.update(table(("b", "ALL"))) == "UPDATE_COMPLETE"
    found = dynamodb.query(
        TableName=stack.id_of("Table"),
        IndexName="by-b",
        KeyConditionExpression="b = :b",
        ExpressionAttributeValues={":b": {"S": "1"}},
    )
    assert found["Items"] == [item]


def test_conditions_add_and_remove_resources(emulator: LocalStack, stack: Stack) -> None:
    """A resource exists while its condition is true, and references follow it."""
    resources = {
        "Log": {**log(f"/{stack.name}"), "Condition": "IsOn"},
        "Queue": queue(DelaySeconds={"Fn::If": ["IsOn", 1, 2]}),
    }
    more: dict[str, Any] = {
        "Parameters": {"Logs": {"Type": "String", "Default": "off"}},
        "Conditions": {"IsOn": {"Fn::Equals": [{"Ref": "Logs"}, "on"]}},
        "Outputs": {"Log": {"Condition": "IsOn", "Value": {"Fn::GetAtt": ["Log", "Arn"]}}},
    }
    logs, sqs = emulator.client("logs"), emulator.client("sqs")

    def names() -> list[str]:
        found = logs.describe_log_groups(logGroupNamePrefix=f"/{stack.name}")["logGroups"]
        return [each["logGroupName"] for each in found]

    stack.create(resources, **more)
    assert (names(), stack.outputs()) == ([], {})
    stack.update(resources, {"Logs": "on"}, **more)
    assert names() == [f"/{stack.name}"]
    assert stack.outputs()["Log"].endswith(f":/{stack.name}:*")
    delay = sqs.get_queue_attributes(QueueUrl=stack.id_of("Queue"), AttributeNames=["All"])
    assert delay["Attributes"]["DelaySeconds"] == "1"
    stack.update(resources, {"Logs": "off"}, **more)
    assert (names(), stack.outputs()) == ([], {})


def test_a_failed_update_is_rolled_back(emulator: LocalStack, stack: Stack) -> None:
    """Updated resources have their properties before; new ones are deleted, and old ones stay."""
    before = {
        "Log": log(f"/{stack.name}", RetentionInDays=7),
        "Renamed": queue(QueueName=f"{stack.name}-a"),
        "Removed": queue(),
    }
    stack.create(before, Description="before")
    renamed, removed = stack.id_of("Renamed"), stack.id_of("Removed")
    after = {
        "Log": log(f"/{stack.name}", RetentionInDays=30),
        "Renamed": queue(QueueName=f"{stack.name}-b"),
        "New": queue(QueueName=f"{stack.name}-new"),
        "Bad": {**queue(QueueName="a name with spaces"), "DependsOn": ["New", "Log", "Renamed"]},
    }
    assert stack.update(after, Description="after") == "UPDATE_ROLLBACK_COMPLETE"
    assert retention(emulator, f"/{stack.name}") == 7
    urls = emulator.client("sqs").list_queues(QueueNamePrefix=stack.name)["QueueUrls"]
    assert sorted(urls) == sorted([renamed, removed])
    assert stack.id_of("Renamed") == renamed
    assert list(reversed(stack.events())) == [
        (stack.name, "UPDATE_IN_PROGRESS"),
        ("Log", "UPDATE_IN_PROGRESS"),
        ("Log", "UPDATE_COMPLETE"),
        ("Renamed", "UPDATE_IN_PROGRESS"),
        ("Renamed", "UPDATE_COMPLETE"),
        ("New", "CREATE_IN_PROGRESS"),
        ("New", "CREATE_COMPLETE"),
        ("Bad", "CREATE_IN_PROGRESS"),
        ("Bad", "CREATE_FAILED"),
        (stack.name, "UPDATE_ROLLBACK_IN_PROGRESS"),
        ("Renamed", "UPDATE_COMPLETE"),
        ("Log", "UPDATE_IN_PROGRESS"),
        ("Log", "UPDATE_COMPLETE"),
        (stack.name, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("New", "DELETE_IN_PROGRESS"),
        ("New", "DELETE_COMPLETE"),
        ("Renamed", "DELETE_IN_PROGRESS"),
        ("Renamed", "DELETE_COMPLETE"),
        (stack.name, "UPDATE_ROLLBACK_COMPLETE"),
    ]
    template = stack.cloudformation.get_template(StackName=stack.name)["TemplateBody"]
    assert template["Description"] == "before"
    assert stack.update({**before, "Removed": queue(DelaySeconds=1)}) == "UPDATE_COMPLETE"


def test_a_missing_code_key_fails_the_update(emulator: LocalStack, stack: Stack) -> None:
    """The function keeps its code, and the stack is rolled back."""
    function: dict[str, Any] = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": "arn:aws:iam::000000000000:role/any",
            "Code": {"ZipFile": "def handler(event, context): return 'first'"},
        },
    }
    bucket = {"Type": "AWS::S3::Bucket"}
    stack.create({"Function": function, "Bucket": bucket})
    code = {"S3Bucket": {"Ref": "Bucket"}, "S3Key": "missing"}
    properties = {**function["Properties"], "Code": code}
    resources = {"Function": {**function, "Properties": properties}, "Bucket": bucket}
    assert stack.update(resources) == "UPDATE_ROLLBACK_COMPLETE"
    assert "key does not exist" in stack.reasons()
    invoked = emulator.client("lambda").invoke(FunctionName=stack.id_of("Function"))
    assert json.loads(invoked["Payload"].read()) == "first"


def test_an_alias_shifts_between_versions(emulator: LocalStack, stack: Stack) -> None:
    """New code has a version of its own, which an alias points to by weight, then alone."""
    client = emulator.client("lambda")

    def resources(code: str, version: str, alias: dict[str, Any]) -> dict[str, Any]:
        published = {"FunctionName": {"Ref": "Function"}, "Description": version}
        return {
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Runtime": "python3.13",
                    "Handler": "index.handler",
                    "Role": "arn:aws:iam::000000000000:role/any",
                    "Code": {"ZipFile": f"def handler(event, context): return '{code}'"},
                },
            },
            "Version": {
                "Type": "AWS::Lambda::Version",
                "Properties": published,
                "UpdateReplacePolicy": "Retain",
            },
            "Alias": {
                "Type": "AWS::Lambda::Alias",
                "Properties": {
                    "FunctionName": {"Ref": "Function"},
                    "Name": "live",
                    "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]},
                    **alias,
                },
            },
        }

    def live() -> Any:
        return client.get_alias(FunctionName=stack.id_of("Function"), Name="live")

    stack.create(resources("first", "1", {}))
    kept = stack.id_of("Alias")
    weights = {"AdditionalVersionWeights": [{"FunctionVersion": "1", "FunctionWeight": 0.9}]}
    shifting = resources("second", "2", {"RoutingConfig": weights})
    assert stack.update(shifting) == "UPDATE_COMPLETE", stack.reasons()
    assert live()["FunctionVersion"] == "2"
    assert live()["RoutingConfig"]["AdditionalVersionWeights"] == {"1": 0.9}
    assert stack.update(resources("second", "2", {})) == "UPDATE_COMPLETE", stack.reasons()
    assert not live().get("RoutingConfig", {}).get("AdditionalVersionWeights")
    assert stack.id_of("Alias") == kept
    invoked = client.invoke(FunctionName=kept)
    assert json.loads(invoked["Payload"].read()) == "second"
    # A version of the same code and configuration.
    assert stack.update(resources("second", "3", {})) == "UPDATE_ROLLBACK_COMPLETE"
    assert "A version for this Lambda function exists ( 2 )" in stack.reasons()
    assert live()["FunctionVersion"] == "2"


def test_a_changed_permission_is_replaced(emulator: LocalStack, stack: Stack) -> None:
    """A permission with another condition is a new statement; the old one is removed."""
    client = emulator.client("lambda")

    def resources(**more: Any) -> dict[str, Any]:
        properties = {"FunctionName": {"Ref": "Function"}, "Action": "lambda:InvokeFunction"}
        function = {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": "arn:aws:iam::000000000000:role/any",
            "Code": {"ZipFile": "def handler(event, context): return 1"},
        }
        return {
            "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
            "Permission": {
                "Type": "AWS::Lambda::Permission",
                "Properties": {**properties, "Principal": "s3.amazonaws.com", **more},
            },
        }

    stack.create(resources(SourceAccount="000000000000"))
    stack.update(resources(SourceAccount="111111111111"))
    policy = client.get_policy(FunctionName=stack.id_of("Function"))["Policy"]
    (statement,) = json.loads(policy)["Statement"]
    assert statement["Sid"] == stack.id_of("Permission")
    assert statement["Condition"] == {"StringEquals": {"AWS:SourceAccount": "111111111111"}}


def test_a_failed_creation_leaves_nothing(emulator: LocalStack, stack: Stack) -> None:
    """Resources that were created are deleted, and the stack can only be deleted."""
    bad = {**queue(QueueName="a name with spaces"), "DependsOn": "Log"}
    assert stack.create({"Log": log(f"/{stack.name}"), "Bad": bad}) == "ROLLBACK_COMPLETE"
    found = emulator.client("logs").describe_log_groups(logGroupNamePrefix=f"/{stack.name}")
    assert found["logGroups"] == []


def test_a_named_resource_is_not_replaced_under_its_name(stack: Stack) -> None:
    """A table with another key has to be renamed, as on AWS; the items stay."""

    def table(key: str) -> dict[str, Any]:
        return {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": stack.name,
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
            },
        }

    stack.create({"Table": table("a")})
    assert stack.update({"Table": table("b")}) == "UPDATE_ROLLBACK_COMPLETE"
    assert f"Rename {stack.name} and update the stack again." in stack.reasons()


def test_tags_of_the_stack_are_those_of_its_resources(emulator: LocalStack, stack: Stack) -> None:
    """Resources get the stack's tags, their own ones first; an update of tags changes them."""
    own = [{"Key": "team", "Value": "queues"}]
    resources = {"Queue": queue(Tags=own), "Bucket": {"Type": "AWS::S3::Bucket"}}
    stack.create(resources, tags={"project": "one", "team": "all"})
    sqs, s3 = emulator.client("sqs"), emulator.client("s3")
    url, bucket = stack.id_of("Queue"), stack.id_of("Bucket")

    def tags() -> tuple[dict[str, str], dict[str, str]]:
        listed = s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
        return (
            sqs.list_queue_tags(QueueUrl=url)["Tags"],
            {each["Key"]: each["Value"] for each in listed},
        )

    assert tags() == ({"project": "one", "team": "queues"}, {"project": "one", "team": "all"})
    assert stack.update(resources, tags={"project": "two"}) == "UPDATE_COMPLETE"
    assert tags() == ({"project": "two", "team": "queues"}, {"project": "two"})


def test_a_change_set_names_properties_and_replacements(stack: Stack) -> None:
    """Changes have the properties, their values, what causes them, and whether they replace."""
    policy = {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 3}
    subscription = {
        "Type": "AWS::SNS::Subscription",
        "Properties": {
            "TopicArn": {"Ref": "Topic"},
            "Protocol": "sqs",
            "Endpoint": {"Fn::GetAtt": ["Dead", "Arn"]},
        },
    }
    before: dict[str, Any] = {
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Subscription": subscription,
        "Queue": queue(RedrivePolicy=policy, DelaySeconds=1),
        "Dead": queue(QueueName=f"{stack.name}-a"),
        "Log": log(f"/{stack.name}", RetentionInDays=7),
        "Gone": queue(),
    }
    stack.create(before)
    changes = stack.change_set(
        {
            **{name: each for name, each in before.items() if name != "Gone"},
            "Queue": queue(RedrivePolicy=policy),
            "Dead": queue(QueueName=f"{stack.name}-b"),
            "Log": log(f"/{stack.name}", RetentionInDays=30),
            "New": queue(),
        }
    )
    assert {name: each["Action"] for name, each in changes.items()} == {
        "Subscription": "Modify",
        "Queue": "Modify",
        "Dead": "Modify",
        "Log": "Modify",
        "New": "Add",
        "Gone": "Remove",
    }
    replaced = {name: each.get("Replacement") for name, each in changes.items()}
    assert replaced == {
        "Subscription": "Conditional",
        "Queue": "False",
        "Dead": "True",
        "Log": "False",
        "New": None,
        "Gone": None,
    }
    (detail,) = changes["Log"]["Details"]
    assert detail["Target"] == {
        "Attribute": "Properties",
        "Name": "RetentionInDays",
        "Path": "/Properties/RetentionInDays",
        "RequiresRecreation": "Never",
        "BeforeValue": "7",
        "AfterValue": "30",
        "AttributeChangeType": "Modify",
    }
    (detail,) = changes["Subscription"]["Details"]
    assert detail["Target"]["RequiresRecreation"] == "Conditionally"
    assert detail["Evaluation"] == "Dynamic"
    assert (detail["ChangeSource"], detail["CausingEntity"]) == ("ResourceAttribute", "Dead.Arn")
    context = json.loads(changes["Queue"]["BeforeContext"])
    assert context["Properties"]["DelaySeconds"] == 1
