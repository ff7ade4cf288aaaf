"""CloudFormation resource providers: distributions, policies, origin access controls."""

from collections.abc import Mapping
from typing import Any, ClassVar

from localstack.services.cloudformation.resource_provider import (
    OperationStatus,
    ProgressEvent,
    ResourceProvider,
    ResourceRequest,
)

from localstack_native.cloudfront.cloudformation.shapes import arguments
from localstack_native.cloudfront.identifiers import LOGICAL_ID_TAG, STACK_ID_TAG

type Properties = dict[str, Any]


def schema(type_name: str, *attributes: str) -> dict[str, Any]:
    """Return the part of a type's schema that LocalStack needs; Ref is the ``Id``."""
    return {
        "typeName": type_name,
        "primaryIdentifier": ["/properties/Id"],
        "readOnlyProperties": [f"/properties/{name}" for name in ("Id", *attributes)],
    }


def done(model: Properties) -> ProgressEvent[Properties]:
    """Return the event of a completed operation."""
    return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)


def identity(request: ResourceRequest[Properties]) -> str:
    """Return the ``Id`` of an existing resource."""
    known = request.previous_state or request.desired_state
    return str(known.get("Id") or request.desired_state["Id"])


class DistributionResource(ResourceProvider[Properties]):
    """``AWS::CloudFront::Distribution``; Ref is the ``Id``, ``DomainName`` the host."""

    SCHEMA = schema("AWS::CloudFront::Distribution", "DomainName")

    def create(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Create a distribution."""
        wanted = {
            "DistributionConfig": _distribution(request.desired_state, request.request_token),
            "Tags": {"Items": [*_tags(request), *_origin(request)]},
        }
        response = request.aws_client_factory.cloudfront.create_distribution_with_tags(
            DistributionConfigWithTags=wanted
        )
        return done(_described(request, response["Distribution"]))

    def update(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Replace the configuration."""
        client, id_ = request.aws_client_factory.cloudfront, identity(request)
        current = client.get_distribution_config(Id=id_)
        reference = current["DistributionConfig"]["CallerReference"]
        response = client.update_distribution(
            Id=id_,
            IfMatch=current["ETag"],
            DistributionConfig=_distribution(request.desired_state, reference),
        )["Distribution"]
        tags = _tags(request)
        had = client.list_tags_for_resource(Resource=response["ARN"])["Tags"].get("Items", [])
        kept = {each["Key"] for each in [*tags, *_origin(request)]}
        gone = {each["Key"] for each in had} - kept
        if gone:
            client.untag_resource(Resource=response["ARN"], TagKeys={"Items": sorted(gone)})
        if tags:
            client.tag_resource(Resource=response["ARN"], Tags={"Items": tags})
        return done(_described(request, response))

    def delete(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Disable a distribution, then delete it. One whose creation failed has no ``Id``."""
        if not (request.previous_state or request.desired_state).get("Id"):
            return done({})
        client, id_ = request.aws_client_factory.cloudfront, identity(request)
        current = client.get_distribution_config(Id=id_)
        etag = current["ETag"]
        if current["DistributionConfig"]["Enabled"]:
            disabled = {**current["DistributionConfig"], "Enabled": False}
            etag = client.update_distribution(Id=id_, IfMatch=etag, DistributionConfig=disabled)[
                "ETag"
            ]
        client.delete_distribution(Id=id_, IfMatch=etag)
        return done({})

    def read(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Return the properties of a distribution."""
        response = request.aws_client_factory.cloudfront.get_distribution(Id=identity(request))
        return done(_described(request, response["Distribution"]))


def _tags(request: ResourceRequest[Properties]) -> list[dict[str, str]]:
    return request.desired_state.get("Tags") or []


def _origin(request: ResourceRequest[Properties]) -> list[dict[str, str]]:
    """Return the tags that CloudFormation sets on a stack's resources.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-resource-tags.html
    """
    marks = {STACK_ID_TAG: request.stack_id, LOGICAL_ID_TAG: request.logical_resource_id}
    return [{"Key": name, "Value": value} for name, value in marks.items()]


def _distribution(properties: Mapping[str, Any], reference: str) -> dict[str, Any]:
    config = arguments("DistributionConfig", properties["DistributionConfig"])
    return {"Comment": "", **config, "CallerReference": reference}


def _described(request: ResourceRequest[Properties], response: Mapping[str, Any]) -> Properties:
    names = {"Id": response["Id"], "DomainName": response["DomainName"]}
    return {**request.desired_state, **names}


class _ConfigResource(ResourceProvider[Properties]):
    """A resource that consists of one configuration with an identifier and a version."""

    NAME: ClassVar[str]
    """The noun in the API's operation names."""
    OPERATION: ClassVar[str]
    """The noun in the client's method names."""

    def create(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Create the resource."""
        response = self._call(request, "create", **self._config(request))
        return done({**request.desired_state, "Id": response[self.NAME]["Id"]})

    def update(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Replace the configuration."""
        id_ = identity(request)
        etag = self._call(request, "get", Id=id_)["ETag"]
        self._call(request, "update", Id=id_, IfMatch=etag, **self._config(request))
        return done({**request.desired_state, "Id": id_})

    def delete(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Delete the resource."""
        id_ = identity(request)
        etag = self._call(request, "get", Id=id_)["ETag"]
        self._call(request, "delete", Id=id_, IfMatch=etag)
        return done({})

    def read(self, request: ResourceRequest[Properties]) -> ProgressEvent[Properties]:
        """Return the properties of the resource."""
        response = self._call(request, "get", Id=identity(request))
        return done({**request.desired_state, "Id": response[self.NAME]["Id"]})

    def _config(self, request: ResourceRequest[Properties]) -> dict[str, Any]:
        name = f"{self.NAME}Config"
        return {name: arguments(name, request.desired_state[name])}

    def _call(self, request: ResourceRequest[Properties], verb: str, **named: Any) -> Any:
        client = request.aws_client_factory.cloudfront
        return getattr(client, f"{verb}_{self.OPERATION}")(**named)


class OriginAccessControlResource(_ConfigResource):
    """``AWS::CloudFront::OriginAccessControl``."""

    NAME, OPERATION = "OriginAccessControl", "origin_access_control"
    SCHEMA = schema("AWS::CloudFront::OriginAccessControl")


class CachePolicyResource(_ConfigResource):
    """``AWS::CloudFront::CachePolicy``."""

    NAME, OPERATION = "CachePolicy", "cache_policy"
    SCHEMA = schema("AWS::CloudFront::CachePolicy")


class OriginRequestPolicyResource(_ConfigResource):
    """``AWS::CloudFront::OriginRequestPolicy``."""

    NAME, OPERATION = "OriginRequestPolicy", "origin_request_policy"
    SCHEMA = schema("AWS::CloudFront::OriginRequestPolicy")


class ResponseHeadersPolicyResource(_ConfigResource):
    """``AWS::CloudFront::ResponseHeadersPolicy``."""

    NAME, OPERATION = "ResponseHeadersPolicy", "response_headers_policy"
    SCHEMA = schema("AWS::CloudFront::ResponseHeadersPolicy")


class PublicKeyResource(_ConfigResource):
    """``AWS::CloudFront::PublicKey``."""

    NAME, OPERATION = "PublicKey", "public_key"
    SCHEMA = schema("AWS::CloudFront::PublicKey")


class KeyGroupResource(_ConfigResource):
    """``AWS::CloudFront::KeyGroup``."""

    NAME, OPERATION = "KeyGroup", "key_group"
    SCHEMA = schema("AWS::CloudFront::KeyGroup")
