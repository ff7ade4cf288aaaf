"""CloudFormation resource providers: functions and key value stores.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-function.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-keyvaluestore.html
"""

from collections.abc import Mapping
from typing import Any

from localstack.services.cloudformation.resource_provider import (
    ProgressEvent,
    ResourceProvider,
    ResourceRequest,
)

from localstack_native.cloudfront.cloudformation.resources import Properties, done
from localstack_native.cloudfront.cloudformation.shapes import arguments


class FunctionResource(ResourceProvider[Properties]):
    """``AWS::CloudFront::Function``; Ref is the ARN."""

    SCHEMA = {  # noqa: RUF012 (LocalStack's attribute)
        "typeName": "AWS::CloudFront::Function",
        "primaryIdentifier": ["/properties/FunctionARN"],
        "createOnlyProperties": ["/properties/Name"],
        "readOnlyProperties": [
            "/properties/FunctionARN",
            "/properties/FunctionMetadata/FunctionARN",
            "/properties/Stage",
        ],
    }

    def create(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Create a function, and publish it if the template asks for it."""
        wanted = request.desired_state
        response = _client(request).create_function(**_function(wanted))
        return _published(request, response)

    def update(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Replace code and configuration, and publish them if the template asks for it."""
        client, wanted = _client(request), request.desired_state
        etag = client.describe_function(Name=wanted["Name"])["ETag"]
        response = client.update_function(**_function(wanted), IfMatch=etag)
        return _published(request, response)

    def delete(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Delete a function."""
        client = _client(request)
        name = (request.previous_state or request.desired_state)["Name"]
        client.delete_function(Name=name, IfMatch=client.describe_function(Name=name)["ETag"])
        return done({})

    def read(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Return the properties of a function."""
        response = _client(request).describe_function(Name=request.desired_state["Name"])
        return done(_described(request, response["FunctionSummary"]))


class KeyValueStoreResource(ResourceProvider[Properties]):
    """``AWS::CloudFront::KeyValueStore``; Ref is the name."""

    SCHEMA = {  # noqa: RUF012 (LocalStack's attribute)
        "typeName": "AWS::CloudFront::KeyValueStore",
        "primaryIdentifier": ["/properties/Name"],
        "createOnlyProperties": ["/properties/Name"],
        "readOnlyProperties": [
            "/properties/Arn",
            "/properties/Id",
            "/properties/Status",
        ],
    }

    def create(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Create a key value store."""
        wanted = {
            name: request.desired_state[name]
            for name in ("Name", "Comment", "ImportSource")
            if request.desired_state.get(name)
        }
        response = _client(request).create_key_value_store(**wanted)
        return done(_store(request, response["KeyValueStore"]))

    def update(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Replace the comment; the values stay."""
        client, wanted = _client(request), request.desired_state
        name = wanted["Name"]
        etag = client.describe_key_value_store(Name=name)["ETag"]
        response = client.update_key_value_store(
            Name=name, Comment=wanted.get("Comment") or "", IfMatch=etag
        )
        return done(_store(request, response["KeyValueStore"]))

    def delete(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Delete a key value store."""
        client = _client(request)
        name = (request.previous_state or request.desired_state)["Name"]
        etag = client.describe_key_value_store(Name=name)["ETag"]
        client.delete_key_value_store(Name=name, IfMatch=etag)
        return done({})

    def read(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Return the properties of a key value store."""
        response = _client(request).describe_key_value_store(Name=request.desired_state["Name"])
        return done(_store(request, response["KeyValueStore"]))


def _client(request: ResourceRequest[Properties]) -> Any:
    return request.aws_client_factory.cloudfront


def _function(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Name": wanted["Name"],
        "FunctionConfig": arguments("FunctionConfig", wanted["FunctionConfig"]),
        "FunctionCode": wanted["FunctionCode"].encode(),
    }


def _published(
    request: ResourceRequest[Properties], response: Mapping[str, Any]
) -> ProgressEvent[Properties]:
    summary = response["FunctionSummary"]
    if str(request.desired_state.get("AutoPublish")).lower() == "true":
        summary = _client(request).publish_function(Name=summary["Name"], IfMatch=response["ETag"])[
            "FunctionSummary"
        ]
    return done(_described(request, summary))


def _described(request: ResourceRequest[Properties], summary: Mapping[str, Any]) -> Properties:
    metadata = summary["FunctionMetadata"]
    arn = metadata["FunctionARN"]
    return {
        **request.desired_state,
        "FunctionARN": arn,
        "FunctionMetadata": {"FunctionARN": arn},
        "Stage": metadata["Stage"],
    }


def _store(request: ResourceRequest[Properties], response: Mapping[str, Any]) -> Properties:
    return {
        **request.desired_state,
        "Arn": response["ARN"],
        "Id": response["Id"],
        "Status": response["Status"],
    }
