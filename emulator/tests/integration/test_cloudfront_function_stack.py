"""Functions and key value stores in a CloudFormation stack: create, update, delete."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .edge import CACHING_DISABLED, Edge, unique

CODE = """import cf from 'cloudfront';
async function handler(event) {
  return { statusCode: 200, body: 'VERSION ' + await cf.kvs().get('key') };
}"""


def template(version: str, *, publish: bool = True, comment: str = "c") -> dict[str, Any]:
    """Return a template of a distribution whose function responds with version and value."""
    return {
        "Resources": {
            "Store": {
                "Type": "AWS::CloudFront::KeyValueStore",
                "Properties": {"Name": {"Ref": "AWS::StackName"}, "Comment": comment},
            },
            "Function": {
                "Type": "AWS::CloudFront::Function",
                "Properties": {
                    "Name": {"Ref": "AWS::StackName"},
                    "AutoPublish": publish,
                    "FunctionCode": CODE.replace("VERSION", version),
                    "FunctionConfig": {
                        "Comment": "of a stack",
                        "Runtime": "cloudfront-js-2.0",
                        "KeyValueStoreAssociations": [
                            {"KeyValueStoreARN": {"Fn::GetAtt": ["Store", "Arn"]}}
                        ],
                    },
                },
            },
            "Distribution": {
                "Type": "AWS::CloudFront::Distribution",
                "Properties": {
                    "DistributionConfig": {
                        "Enabled": True,
                        "Origins": [
                            {
                                "Id": "none",
                                "DomainName": "none.localhost",
                                "CustomOriginConfig": {"OriginProtocolPolicy": "http-only"},
                            }
                        ],
                        "DefaultCacheBehavior": {
                            "TargetOriginId": "none",
                            "ViewerProtocolPolicy": "allow-all",
                            "CachePolicyId": CACHING_DISABLED,
                            "FunctionAssociations": [
                                {
                                    "EventType": "viewer-request",
                                    "FunctionARN": {
                                        "Fn::GetAtt": ["Function", "FunctionMetadata.FunctionARN"]
                                    },
                                }
                            ],
                        },
                    }
                },
            },
        },
        "Outputs": {
            "Arn": {"Value": {"Ref": "Function"}},
            "Stage": {"Value": {"Fn::GetAtt": ["Function", "Stage"]}},
            "Store": {"Value": {"Ref": "Store"}},
            "StoreArn": {"Value": {"Fn::GetAtt": ["Store", "Arn"]}},
            "StoreId": {"Value": {"Fn::GetAtt": ["Store", "Id"]}},
            "DomainName": {"Value": {"Fn::GetAtt": ["Distribution", "DomainName"]}},
        },
    }


class Stack:
    """A stack of the template."""

    def __init__(self, edge: Edge) -> None:
        self.name = unique("functions")
        self.client: Any = edge.emulator.client("cloudformation")

    def deploy(self, verb: str, wanted: dict[str, Any]) -> dict[str, str]:
        """Create or update it; return its outputs."""
        change = getattr(self.client, f"{verb}_stack")
        change(StackName=self.name, TemplateBody=json.dumps(wanted))
        self.wait(verb)
        stack = self.client.describe_stacks(StackName=self.name)["Stacks"][0]
        return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    def wait(self, verb: str) -> None:
        """Wait for the end of a change."""
        waiter = self.client.get_waiter(f"stack_{verb}_complete")
        waiter.wait(StackName=self.name, WaiterConfig={"Delay": 0.2, "MaxAttempts": 150})


@pytest.fixture
def stack(edge: Edge) -> Iterator[Stack]:
    """Yield a stack that is deleted afterwards."""
    made = Stack(edge)
    yield made
    made.client.delete_stack(StackName=made.name)
    made.wait("delete")


def test_a_stack_with_a_function(edge: Edge, stack: Stack) -> None:
    """Function and store are created, updated in place with the values kept, and deleted."""
    outputs = stack.deploy("create", template("1"))
    assert outputs["Arn"] == f"arn:aws:cloudfront::000000000000:function/{stack.name}"
    assert (outputs["Stage"], outputs["Store"]) == ("LIVE", stack.name)
    assert outputs["StoreArn"].endswith(outputs["StoreId"])
    values = edge.values()
    etag = values.describe_key_value_store(KvsARN=outputs["StoreArn"])["ETag"]
    values.put_key(KvsARN=outputs["StoreArn"], Key="key", Value="kept", IfMatch=etag)
    host = {"Host": outputs["DomainName"]}
    assert edge.send("/", "GET", b"", host).body == b"1 kept"
    assert stack.deploy("update", template("2", comment="d")) == outputs
    assert edge.send("/", "GET", b"", host).body == b"2 kept"
    store = edge.api.describe_key_value_store(Name=stack.name)["KeyValueStore"]
    assert (store["Comment"], store["Id"]) == ("d", outputs["StoreId"])
    stack.client.delete_stack(StackName=stack.name)
    stack.wait("delete")
    with pytest.raises(ClientError, match="NoSuchFunctionExists"):
        edge.api.describe_function(Name=stack.name)
    with pytest.raises(ClientError, match="EntityNotFound"):
        edge.api.describe_key_value_store(Name=stack.name)


def test_a_stack_with_a_function_that_is_not_published(stack: Stack) -> None:
    """A distribution with a function that the template does not publish fails the stack."""
    wanted = json.dumps(template("1", publish=False))
    stack.client.create_stack(StackName=stack.name, TemplateBody=wanted, DisableRollback=True)
    with pytest.raises(Exception, match="terminal failure"):
        stack.wait("create")
    events = stack.client.describe_stack_events(StackName=stack.name)["StackEvents"]
    reasons = [each.get("ResourceStatusReason", "") for each in events]
    assert any("is not published" in reason for reason in reasons)
