"""AWS operations as attackers send them: parameters of the query protocol, and templates."""

import json

from tests.browser.hostile.attack import Aim
from tests.integration.functions import ROLE

CODE = """
import os
import boto3

def handler(event, context):
    boto3.client("s3").put_object(
        Bucket=os.environ["LOOT"], Key=os.environ["MARK"], Body=f"ran as uid {os.getuid()}"
    )
"""


def running_template(aim: Aim) -> str:
    """Return a template with a function that runs when its queue gets a message."""
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": f"{aim.mark}-code",
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": ROLE,
            "Timeout": 30,
            "Environment": {"Variables": {"LOOT": aim.stage.loot_bucket, "MARK": aim.mark}},
            "Code": {"ZipFile": CODE},
        },
    }
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": aim.mark}}
    mapping = {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "FunctionName": {"Ref": "Code"},
            "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
        },
    }
    resources = {"Code": function, "Queue": queue, "Mapping": mapping}
    return json.dumps({"Resources": resources}, separators=(",", ":"))


def create_running_stack(aim: Aim) -> dict[str, str]:
    """CreateStack, with a function and a queue that calls it."""
    return {"Action": "CreateStack", "StackName": aim.mark, "TemplateBody": running_template(aim)}


def create_stack(aim: Aim) -> dict[str, str]:
    """CreateStack, with a topic."""
    template = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
    return {"Action": "CreateStack", "StackName": aim.mark, "TemplateBody": template}


def delete_stack(aim: Aim) -> dict[str, str]:
    """DeleteStack, of the planted one."""
    return {"Action": "DeleteStack", "StackName": aim.mark}


def create_queue(aim: Aim) -> dict[str, str]:
    """CreateQueue."""
    return {"Action": "CreateQueue", "QueueName": aim.mark, "Version": "2012-11-05"}


def send_message(aim: Aim) -> dict[str, str]:
    """SendMessage, to the planted queue."""
    url = f"http://localhost:{aim.stage.port}/000000000000/{aim.mark}"
    return {
        "Action": "SendMessage", "Version": "2012-11-05", "QueueUrl": url, "MessageBody": "evil",
    }  # fmt: skip


def delete_queue(aim: Aim) -> dict[str, str]:
    """DeleteQueue, of the planted one."""
    return send_message(aim) | {"Action": "DeleteQueue"}


def create_topic(aim: Aim) -> dict[str, str]:
    """CreateTopic."""
    return {"Action": "CreateTopic", "Name": aim.mark, "Version": "2010-03-31"}


def create_user(aim: Aim) -> dict[str, str]:
    """CreateUser."""
    return {"Action": "CreateUser", "UserName": aim.mark, "Version": "2010-05-08"}


def get_caller_identity(_: Aim) -> dict[str, str]:
    """GetCallerIdentity."""
    return {"Action": "GetCallerIdentity", "Version": "2011-06-15"}


def plant_stack(aim: Aim) -> None:
    """Make a stack that an attack may delete."""
    topic = {"Type": "AWS::SNS::Topic"}
    client = aim.stage.client("cloudformation")
    client.create_stack(
        StackName=aim.mark, TemplateBody=json.dumps({"Resources": {"Topic": topic}})
    )
    client.get_waiter("stack_create_complete").wait(StackName=aim.mark, WaiterConfig={"Delay": 1})


def plant_queue(aim: Aim) -> None:
    """Make a queue that an attack may fill or delete."""
    aim.stage.client("sqs").create_queue(QueueName=aim.mark)
