"""Resource types of Lambda."""

import copy
import time
from typing import Any

from localstack.services.cloudformation.provider_utils import generate_default_name
from localstack.services.lambda_.resource_providers.aws_lambda_eventinvokeconfig import (
    LambdaEventInvokeConfigProvider,
)
from localstack.services.lambda_.resource_providers.aws_lambda_eventsourcemapping import (
    LambdaEventSourceMappingProvider,
)
from localstack.services.lambda_.resource_providers.aws_lambda_function import (
    LambdaFunctionProvider,
    _get_lambda_code_param,
)
from localstack.services.lambda_.resource_providers.aws_lambda_permission import (
    LambdaPermissionProvider,
)
from localstack.services.lambda_.resource_providers.aws_lambda_url import LambdaUrlProvider
from localstack.services.lambda_.resource_providers.aws_lambda_version import (
    LambdaVersionProvider,
)
from localstack.services.lambda_.resource_providers.lambda_alias import LambdaAliasProvider

from localstack_native.cloudformation.planning import changed_properties
from localstack_native.cloudformation.types.base import AppliedProperties, Properties, done, retag

CONFIGURATION: dict[str, Any] = {
    "DeadLetterConfig": {"TargetArn": ""},
    "Description": "",
    "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512},
    "Handler": None,
    "ImageConfig": {},
    "KMSKeyArn": "",
    "Layers": [],
    "LoggingConfig": None,
    "MemorySize": 128,
    "Role": None,
    "Runtime": None,
    "SnapStart": {"ApplyOn": "None"},
    "Timeout": 3,
    "TracingConfig": {"Mode": "PassThrough"},
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
}
"""Properties that UpdateFunctionConfiguration sets, with their defaults."""


def _wait(client: Any, function: str) -> None:
    """Wait until a function is updated; botocore's delay is a second."""
    waiter = client.get_waiter("function_updated_v2")
    waiter.wait(FunctionName=function, WaiterConfig={"Delay": 0.05, "MaxAttempts": 6000})


def _reserved(clients: Any, model: Properties, value: Any) -> None:
    """Reserve concurrency. Raises ClientError if too little unreserved concurrency remains."""
    name = model["FunctionName"]
    if value is None:
        clients.lambda_.delete_function_concurrency(FunctionName=name)
    else:
        # A template's numbers may be strings.
        clients.lambda_.put_function_concurrency(
            FunctionName=name, ReservedConcurrentExecutions=int(value)
        )


def _recursion(clients: Any, model: Properties, value: Any) -> None:
    clients.lambda_.put_function_recursion_config(
        FunctionName=model["FunctionName"], RecursiveLoop=value or "Terminate"
    )


class Function(AppliedProperties, LambdaFunctionProvider):
    """``AWS::Lambda::Function``."""

    APPLY = {  # noqa: RUF012
        "RecursiveLoop": _recursion,
        "ReservedConcurrentExecutions": _reserved,
    }
    DROPPED = tuple(APPLY)

    def complete(self, request: Any, model: Properties) -> None:
        """Apply what the creation dropped."""
        super().complete(request, model)
        dropped = {"EphemeralStorage", "KmsKeyArn", "SnapStart"} & model.keys()
        if dropped:
            self._configure(request, {"KMSKeyArn" if n == "KmsKeyArn" else n for n in dropped})

    def update(self, request: Any) -> Any:
        """Set the code, the configuration, concurrency and tags that differ."""
        before, model = request.previous_state, request.desired_state
        client, name = request.aws_client_factory.lambda_, before["FunctionName"]
        changed = set(changed_properties(before, model))
        if {"Architectures", "Code"} & changed:
            wanted: Any = {"Architectures": ["x86_64"], **copy.deepcopy(model)}
            code = _get_lambda_code_param(wanted, _include_arch=True)
            client.update_function_code(FunctionName=name, **code)
            _wait(client, name)
        if "KmsKeyArn" in changed:
            changed.add("KMSKeyArn")
        if settings := changed & CONFIGURATION.keys():
            self._configure(request, settings)
        super().update(request)
        arn = before["Arn"]
        retag(
            before.get("Tags"),
            model.get("Tags"),
            lambda tags: client.tag_resource(Resource=arn, Tags=tags),
            lambda names: client.untag_resource(Resource=arn, TagKeys=names),
        )
        return done(model)

    def _configure(self, request: Any, names: set[str]) -> None:
        model, client = request.desired_state, request.aws_client_factory.lambda_
        wanted = {}
        for name in names:
            value = model.get("KmsKeyArn" if name == "KMSKeyArn" else name, CONFIGURATION[name])
            if name == "Environment":
                variables = value.get("Variables", {})
                value = {"Variables": {key: str(each) for key, each in variables.items()}}
            if name == "LoggingConfig" and value is None:
                value = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{model['FunctionName']}"}
            if value is not None:
                wanted[name] = int(value) if name in ("MemorySize", "Timeout") else value
        client.update_function_configuration(FunctionName=model["FunctionName"], **wanted)
        _wait(client, model["FunctionName"])


MAPPING: dict[str, Any] = {
    "BatchSize": None,
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {},
    "DocumentDBEventSourceConfig": None,
    "Enabled": True,
    "FilterCriteria": {},
    "FunctionName": None,
    "FunctionResponseTypes": [],
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "ScalingConfig": {},
    "SourceAccessConfigurations": [],
    "TumblingWindowInSeconds": 0,
}
"""Properties that UpdateEventSourceMapping sets, with their defaults."""
QUEUE_BATCH_SIZE, STREAM_BATCH_SIZE = 10, 100
PROVISIONING_SECONDS = 0.1
"""How long to wait between two looks at environments that start."""


class EventSourceMapping(LambdaEventSourceMappingProvider):
    """``AWS::Lambda::EventSourceMapping``."""

    def update(self, request: Any) -> Any:
        """Set what differs."""
        before, model = request.previous_state, request.desired_state
        client = request.aws_client_factory.lambda_
        changed = set(changed_properties(before, model))
        wanted = {name: model.get(name, MAPPING[name]) for name in sorted(changed & MAPPING.keys())}
        if "BatchSize" in wanted and wanted["BatchSize"] is None:
            is_queue = ":sqs:" in model.get("EventSourceArn", "")
            wanted["BatchSize"] = QUEUE_BATCH_SIZE if is_queue else STREAM_BATCH_SIZE
        if wanted:
            client.update_event_source_mapping(UUID=before["Id"], **wanted)
        if "Tags" in changed:
            arn = before["EventSourceMappingArn"]
            retag(
                before.get("Tags"),
                model.get("Tags"),
                lambda tags: client.tag_resource(Resource=arn, Tags=tags),
                lambda names: client.untag_resource(Resource=arn, TagKeys=names),
            )
        return done({**model, "EventSourceMappingArn": before.get("EventSourceMappingArn")})


class EventInvokeConfig(LambdaEventInvokeConfigProvider):
    """``AWS::Lambda::EventInvokeConfig``."""

    def update(self, request: Any) -> Any:
        """Replace retries, age and destinations."""
        before, model = request.previous_state, request.desired_state
        numbers = ("MaximumEventAgeInSeconds", "MaximumRetryAttempts")
        request.aws_client_factory.lambda_.put_function_event_invoke_config(
            FunctionName=model["FunctionName"],
            Qualifier=model["Qualifier"],
            DestinationConfig=model.get("DestinationConfig", {}),
            **{name: int(model[name]) for name in numbers if name in model},
        )
        return done({**model, "Id": before["Id"]})


PERMISSION = (
    "Action",
    "EventSourceToken",
    "FunctionName",
    "FunctionUrlAuthType",
    "InvokedViaFunctionUrl",
    "Principal",
    "PrincipalOrgID",
    "SourceAccount",
    "SourceArn",
)
"""Properties of permissions that AddPermission sets; LocalStack's creation drops half of them."""


class Permission(LambdaPermissionProvider):
    """``AWS::Lambda::Permission``; each change replaces it."""

    def create(self, request: Any) -> Any:
        """Add the statement, with all of its conditions."""
        model = request.desired_state
        wanted = {name: model[name] for name in PERMISSION if name in model}
        if "InvokedViaFunctionUrl" in wanted:
            is_via_url = str(wanted["InvokedViaFunctionUrl"]).lower() == "true"
            wanted["InvokedViaFunctionUrl"] = is_via_url
        sid = generate_default_name(request.stack_name, request.logical_resource_id)
        request.aws_client_factory.lambda_.add_permission(StatementId=sid, **wanted)
        return done({**model, "Id": sid})


class Url(LambdaUrlProvider):
    """``AWS::Lambda::Url``; its address stays."""

    def update(self, request: Any) -> Any:
        """Set the authorization, CORS and how responses are returned."""
        before, model = request.previous_state, request.desired_state
        qualifier = {"Qualifier": model["Qualifier"]} if "Qualifier" in model else {}
        request.aws_client_factory.lambda_.update_function_url_config(
            FunctionName=model["TargetFunctionArn"],
            AuthType=model["AuthType"],
            Cors=model.get("Cors", {}),
            InvokeMode=model.get("InvokeMode", "BUFFERED"),
            **qualifier,
        )
        return done({**before, **model})


class Version(LambdaVersionProvider):
    """``AWS::Lambda::Version``, an immutable snapshot of a function; each change replaces it."""

    def create(self, request: Any) -> Any:
        """Publish a version. Raises ``ValueError`` if the function is that of the last one."""
        client, model = request.aws_client_factory.lambda_, request.desired_state
        if "Version" in model:
            # Published, and not yet ready.
            return super().create(request)
        pages = client.get_paginator("list_versions_by_function").paginate(
            FunctionName=model["FunctionName"]
        )
        known = {each["Version"] for page in pages for each in page["Versions"]}
        event: Any = super().create(request)
        if (version := model["Version"]) in known:
            raise ValueError(
                f"A version for this Lambda function exists ( {version} ). Modify the function to "
                "create a new version."
            )
        return event


class _UnweightedAlias(LambdaAliasProvider):
    """An alias without weights, which LocalStack does not convert for Lambda."""

    def create(self, request: Any) -> Any:
        model = request.desired_state
        weights = model.pop("RoutingConfig", None)
        try:
            return super().create(request)
        finally:
            if weights:
                model["RoutingConfig"] = weights


class Alias(AppliedProperties, _UnweightedAlias):
    """``AWS::Lambda::Alias``; its ARN stays."""

    def complete(self, request: Any, model: Properties) -> None:
        """Set the weights."""
        if "RoutingConfig" in model:
            self._point(request, model)

    def update(self, request: Any) -> Any:
        """Set the versions, their weights, the description and the provisioned concurrency."""
        before, model = request.previous_state, request.desired_state
        client = request.aws_client_factory.lambda_
        self._point(request, model)
        if "ProvisionedConcurrencyConfig" in changed_properties(before, model):
            alias = {"FunctionName": model["FunctionName"], "Qualifier": model["Name"]}
            if wanted := model.get("ProvisionedConcurrencyConfig"):
                _provision(client, alias, int(wanted["ProvisionedConcurrentExecutions"]))
            else:
                client.delete_provisioned_concurrency_config(**alias)
        return done({**model, "Id": before["Id"]})

    def _point(self, request: Any, model: Properties) -> None:
        weights = {
            each["FunctionVersion"]: float(each["FunctionWeight"])
            for each in (model.get("RoutingConfig") or {}).get("AdditionalVersionWeights", [])
        }
        request.aws_client_factory.lambda_.update_alias(
            FunctionName=model["FunctionName"],
            Name=model["Name"],
            FunctionVersion=model["FunctionVersion"],
            Description=model.get("Description", ""),
            RoutingConfig={"AdditionalVersionWeights": weights},
        )


def _provision(client: Any, alias: dict[str, str], count: int) -> None:
    """Provision concurrency, and return when it is there. Raises ``ValueError`` if it fails."""
    client.put_provisioned_concurrency_config(ProvisionedConcurrentExecutions=count, **alias)
    while True:
        found = client.get_provisioned_concurrency_config(**alias)
        if found["Status"] == "READY":
            return
        if found["Status"] == "FAILED":
            raise ValueError(f"Provisioned concurrency failed: {found.get('StatusReason')}")
        time.sleep(PROVISIONING_SECONDS)
