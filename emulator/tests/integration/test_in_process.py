"""Calls between services."""

import json
from typing import Any

import psutil

from .localstack import LocalStack
from .waiting import wait_for


def test_services_call_each_other_without_a_connection(emulator: LocalStack) -> None:
    """SNS delivers a message to a queue, and LocalStack opens no connection to itself."""
    sns, sqs = emulator.client("sns"), emulator.client("sqs")
    topic = sns.create_topic(Name="in-process")["TopicArn"]
    queue = sqs.create_queue(QueueName="in-process")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": "*",
        },
    }
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"])
    before = own_connections(emulator)
    text = "ä / % + \x7f ✓"
    sns.publish(TopicArn=topic, Message=text)
    (message,) = wait_for(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"))
    assert json.loads(message["Body"])["Message"] == text
    assert own_connections(emulator) <= before


def own_connections(emulator: LocalStack) -> set[tuple[Any, Any]]:
    """Return the connections of LocalStack to itself, which botocore keeps open."""
    connections = psutil.Process(emulator.process.pid).net_connections()
    ends = {(each.laddr, each.raddr) for each in connections if each.status == "ESTABLISHED"}
    return {(remote, local) for local, remote in ends} & ends
