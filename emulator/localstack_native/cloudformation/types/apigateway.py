"""Resource types of API Gateway.

Amazon API Gateway API Reference, "PatchOperation".
"""

import contextlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from localstack.services.apigateway.helpers import get_moto_backend
from localstack.services.apigateway.resource_providers.aws_apigateway_account import (
    ApiGatewayAccountProvider,
)
from localstack.services.apigateway.resource_providers.aws_apigateway_apikey import (
    ApiGatewayApiKeyProvider,
)
from localstack.services.apigateway.resource_providers.aws_apigateway_deployment import (
    ApiGatewayDeploymentProvider,
)
from localstack.services.apigateway.resource_providers.aws_apigateway_restapi import (
    ApiGatewayRestApiProvider,
)
from localstack.services.apigateway.resource_providers.aws_apigateway_stage import (
    ApiGatewayStageProvider,
)
from localstack.services.apigateway.resource_providers.aws_apigateway_usageplan import (
    ApiGatewayUsagePlanProvider,
)
from localstack.utils.aws.arns import get_partition

from localstack_native.cloudformation.intrinsics import as_text
from localstack_native.cloudformation.planning import changed_properties
from localstack_native.cloudformation.types.base import (
    AppliedProperties,
    Properties,
    done,
    retag,
    tag_map,
)

type Patches = list[dict[str, str]]


def _patch(path: str, value: Any, operation: str = "replace") -> dict[str, str]:
    return {"op": operation, "path": path, "value": str(as_text(value))}


def _retag(request: Any, path: str, before: Any, after: Any) -> None:
    client, region = request.aws_client_factory.apigateway, request.region_name
    arn = f"arn:{get_partition(region)}:apigateway:{region}::/{path}"
    retag(
        before,
        after,
        lambda tags: client.tag_resource(resourceArn=arn, tags=tags),
        lambda names: client.untag_resource(resourceArn=arn, tagKeys=names),
    )
    # LocalStack stores tags of a creation with the entity, and only describes those.
    entity = _entity(get_moto_backend(request.account_id, region), path)
    system = {name: value for name, value in (entity.tags or {}).items() if name.startswith("aws:")}
    entity.tags = {**system, **tag_map(after)}


def _entity(backend: Any, path: str) -> Any:
    """Return moto's entity at a path."""
    match path.split("/"):
        case ["restapis", api]:
            return backend.apis[api]
        case ["restapis", api, "stages", stage]:
            return backend.apis[api].stages[stage]
        case ["usageplans", plan]:
            return backend.usage_plans[plan]
        case ["apikeys", key]:
            return backend.keys[key]
    raise LookupError(path)


class Account(ApiGatewayAccountProvider):
    """``AWS::ApiGateway::Account``."""

    def update(self, request: Any) -> Any:
        """Set the role that writes logs."""
        model = request.desired_state
        request.aws_client_factory.apigateway.update_account(
            patchOperations=[_patch("/cloudwatchRoleArn", model.get("CloudWatchRoleArn", ""))]
        )
        return done(model)


API_PATHS = {
    "ApiKeySourceType": ("/apiKeySource", "HEADER"),
    "Description": ("/description", ""),
    "DisableExecuteApiEndpoint": ("/disableExecuteApiEndpoint", False),
    "MinimumCompressionSize": ("/minimumCompressionSize", ""),
    "Name": ("/name", ""),
    "Policy": ("/policy", ""),
    "Version": ("/version", ""),
}
"""Properties of APIs that a patch sets, with their paths and defaults."""


class RestApi(AppliedProperties, ApiGatewayRestApiProvider):
    """``AWS::ApiGateway::RestApi``; its id and stages stay."""

    def complete(self, request: Any, model: Properties) -> None:
        """Set what the creation drops, and what an imported body overrides."""
        names = {"ApiKeySourceType", "Description", "Name"} & model.keys()
        request.aws_client_factory.apigateway.update_rest_api(
            restApiId=model["RestApiId"], patchOperations=_api_patches({}, model, names)
        )

    def update(self, request: Any) -> Any:
        """Import the body if it differs, and set the properties that differ."""
        before, model = request.previous_state, request.desired_state
        client, api = request.aws_client_factory.apigateway, before["RestApiId"]
        changed = set(changed_properties(before, model))
        if {"Body", "BodyS3Location", "Mode", "Parameters"} & changed:
            client.put_rest_api(
                restApiId=api,
                body=_body(request),
                parameters={"basepath": "ignore", **model.get("Parameters", {})},
                mode=model.get("Mode", "overwrite"),
                failOnWarnings=str(model.get("FailOnWarnings", False)).lower() == "true",
            )
            # Those of the body override them.
            changed |= {"Description", "Name"} & model.keys()
        if patches := _api_patches(before, model, changed):
            client.update_rest_api(restApiId=api, patchOperations=patches)
        _retag(request, f"restapis/{api}", before.get("Tags"), model.get("Tags"))
        pages = client.get_paginator("get_resources").paginate(restApiId=api)
        root = [each for page in pages for each in page["items"] if each["path"] == "/"]
        return done({**model, "RestApiId": api, "RootResourceId": root[0]["id"]})


def _body(request: Any) -> bytes:
    model = request.desired_state
    if body := model.get("Body"):
        return (body if isinstance(body, str) else json.dumps(body)).encode()
    if not (location := model.get("BodyS3Location")):
        # An API without resources.
        return json.dumps({"openapi": "3.0.1", "info": {"title": "", "version": ""}}).encode()
    version = {"VersionId": location["Version"]} if "Version" in location else {}
    found = request.aws_client_factory.s3.get_object(
        Bucket=location["Bucket"], Key=location["Key"], **version
    )
    return bytes(found["Body"].read())


def _api_patches(before: Properties, after: Properties, changed: Iterable[str]) -> Patches:
    patches = []
    for name in sorted(set(changed) & API_PATHS.keys()):
        path, default = API_PATHS[name]
        value = after.get(name, default)
        patches.append(_patch(path, json.dumps(value) if isinstance(value, dict) else value))
    if "BinaryMediaTypes" in changed:
        had, wanted = (set(each.get("BinaryMediaTypes", [])) for each in (before, after))
        for operation, names in (("remove", had - wanted), ("add", wanted - had)):
            for each in sorted(names):
                path = f"/binaryMediaTypes/{each.replace('/', '~1')}"
                patches.append({"op": operation, "path": path})
    if "EndpointConfiguration" in changed:
        (had,), (wanted,) = (
            each.get("EndpointConfiguration", {}).get("Types", ["EDGE"]) for each in (before, after)
        )
        if had != wanted:
            patches.append(_patch(f"/endpointConfiguration/types/{had}", wanted))
    return patches


class Deployment(ApiGatewayDeploymentProvider):
    """``AWS::ApiGateway::Deployment``, an immutable snapshot of an API."""

    def update(self, request: Any) -> Any:
        """Set the description."""
        model = request.desired_state
        request.aws_client_factory.apigateway.update_deployment(
            restApiId=model["RestApiId"],
            deploymentId=request.previous_state["DeploymentId"],
            patchOperations=[_patch("/description", model.get("Description", ""))],
        )
        return done(model)

    def delete(self, request: Any) -> Any:
        """Delete the deployment. LocalStack deletes its stages, too; they have a newer one."""
        model, client = request.desired_state, request.aws_client_factory.apigateway
        with contextlib.suppress(client.exceptions.NotFoundException):
            client.delete_deployment(
                restApiId=model["RestApiId"], deploymentId=model["DeploymentId"]
            )
        return done(model)


STAGE_PATHS = {
    "CacheClusterEnabled": ("/cacheClusterEnabled", False),
    "CacheClusterSize": ("/cacheClusterSize", "0.5"),
    "ClientCertificateId": ("/clientCertificateId", ""),
    "DeploymentId": ("/deploymentId", ""),
    "Description": ("/description", ""),
    "DocumentationVersion": ("/documentationVersion", ""),
    "TracingEnabled": ("/tracingEnabled", False),
}
"""Properties of stages that a patch sets, with their paths and defaults."""

METHOD_PATHS = {
    "CacheDataEncrypted": "caching/dataEncrypted",
    "CacheTtlInSeconds": "caching/ttlInSeconds",
    "CachingEnabled": "caching/enabled",
    "DataTraceEnabled": "logging/dataTrace",
    "LoggingLevel": "logging/loglevel",
    "MetricsEnabled": "metrics/enabled",
    "ThrottlingBurstLimit": "throttling/burstLimit",
    "ThrottlingRateLimit": "throttling/rateLimit",
}
"""Members of method settings, with their paths."""


class Stage(AppliedProperties, ApiGatewayStageProvider):
    """``AWS::ApiGateway::Stage``."""

    def complete(self, request: Any, model: Properties) -> None:
        """Set what the creation drops: method settings and the access log."""
        patches = [*_method_patches(model), *_access_log_patches(model)]
        self._patch(request, model, patches)

    def update(self, request: Any) -> Any:
        """Set what differs."""
        before, model = request.previous_state, request.desired_state
        changed = set(changed_properties(before, model))
        patches = [
            _patch(STAGE_PATHS[name][0], model.get(name, STAGE_PATHS[name][1]))
            for name in sorted(changed & STAGE_PATHS.keys())
        ]
        if "Variables" in changed:
            had, wanted = (each.get("Variables", {}) for each in (before, model))
            patches += [_patch(f"/variables/{name}", value) for name, value in wanted.items()]
            gone = sorted(had.keys() - wanted.keys())
            patches += [{"op": "remove", "path": f"/variables/{name}"} for name in gone]
        if "AccessLogSetting" in changed:
            patches += _access_log_patches(model) or [
                {"op": "remove", "path": "/accessLogSettings"}
            ]
        if "MethodSettings" in changed:
            # A removal has to be the only operation.
            for each in {_method(each) for each in before.get("MethodSettings", [])}:
                self._patch(request, model, [{"op": "remove", "path": f"/{each}"}])
            patches += _method_patches(model)
        self._patch(request, model, patches)
        path = f"restapis/{model['RestApiId']}/stages/{model['StageName']}"
        _retag(request, path, before.get("Tags"), model.get("Tags"))
        return done(model)

    def _patch(self, request: Any, model: Properties, patches: Patches) -> None:
        if patches:
            request.aws_client_factory.apigateway.update_stage(
                restApiId=model["RestApiId"],
                stageName=model["StageName"],
                patchOperations=patches,
            )


def _method(settings: Properties) -> str:
    """Return the path of a method, in which ``/*`` is every resource."""
    path = settings.get("ResourcePath", "/*")
    resource = "*" if path in ("/*", "*") else path.replace("/", "~1")
    return f"{resource}/{settings.get('HttpMethod', '*')}"


def _method_patches(model: Properties) -> Patches:
    return [
        _patch(f"/{_method(each)}/{path}", each[name])
        for each in model.get("MethodSettings", [])
        for name, path in METHOD_PATHS.items()
        if name in each
    ]


def _access_log_patches(model: Properties) -> Patches:
    settings = model.get("AccessLogSetting", {})
    paths = {"DestinationArn": "destinationArn", "Format": "format"}
    return [
        _patch(f"/accessLogSettings/{path}", settings[name])
        for name, path in paths.items()
        if name in settings
    ]


class UsagePlan(ApiGatewayUsagePlanProvider):
    """``AWS::ApiGateway::UsagePlan``; its keys stay."""

    def update(self, request: Any) -> Any:
        """Set what differs."""
        before, model = request.previous_state, request.desired_state
        changed = set(changed_properties(before, model))
        if patches := list(_plan_patches(before, model, changed)):
            request.aws_client_factory.apigateway.update_usage_plan(
                usagePlanId=before["Id"], patchOperations=patches
            )
        _retag(request, f"usageplans/{before['Id']}", before.get("Tags"), model.get("Tags"))
        return done(model)


def _plan_patches(
    before: Properties, after: Properties, changed: set[str]
) -> Iterator[dict[str, str]]:
    if "UsagePlanName" in changed:
        yield _patch("/name", after["UsagePlanName"])
    if "Description" in changed:
        yield _patch("/description", after.get("Description", ""))
    if "ApiStages" in changed:
        had, wanted = (
            {f"{stage['ApiId']}:{stage['Stage']}" for stage in each.get("ApiStages", [])}
            for each in (before, after)
        )
        yield from (_patch("/apiStages", each, "remove") for each in sorted(had - wanted))
        yield from (_patch("/apiStages", each, "add") for each in sorted(wanted - had))
    for name in sorted({"Quota", "Throttle"} & changed):
        if name not in after:
            yield {"op": "remove", "path": f"/{name.lower()}"}
        for member, value in after.get(name, {}).items():
            yield _patch(f"/{name.lower()}/{member[0].lower()}{member[1:]}", value)


class ApiKey(ApiGatewayApiKeyProvider):
    """``AWS::ApiGateway::ApiKey``; its value stays."""

    def update(self, request: Any) -> Any:
        """Set what differs."""
        before, model = request.previous_state, request.desired_state
        paths = {"CustomerId": "customerId", "Description": "description", "Enabled": "enabled"}
        patches = [
            _patch(f"/{paths[name]}", model.get(name, False if name == "Enabled" else ""))
            for name in changed_properties(before, model)
            if name in paths
        ]
        if patches:
            request.aws_client_factory.apigateway.update_api_key(
                apiKey=before["APIKeyId"], patchOperations=patches
            )
        _retag(request, f"apikeys/{before['APIKeyId']}", before.get("Tags"), model.get("Tags"))
        return done(model)
