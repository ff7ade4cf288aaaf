"""Operations of Lambda.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
"""

from collections.abc import Iterable
from typing import Any

from localstack_native.access.operations.table import (
    ALL,
    Parameters,
    Place,
    Required,
    Table,
    arn,
    given,
    pass_role,
)

_layer = arn("lambda", "layer:{}")
_mapping = arn("lambda", "event-source-mapping:{}")
_signing = arn("lambda", "code-signing-config:{}")
_provider = arn("lambda", "capacity-provider:{}")
_service = "lambda.amazonaws.com"


def function_arn(name: Any, place: Place) -> str:
    """Return the ARN of a function: of its name, its partial ARN, or its ARN, with a qualifier."""
    text = str(name)
    if text.startswith("arn:"):
        return text
    # account:function:name, or function:name
    head, _, rest = text.rpartition("function:")
    account = head.rstrip(":") or place.account
    return f"arn:{place.partition}:lambda:{place.region}:{account}:function:{rest}"


def _qualified(request: Parameters, place: Place) -> str:
    function = function_arn(request.get("FunctionName", ""), place)
    qualifier = request.get("Qualifier")
    is_bare = function.count(":") == 6
    return f"{function}:{qualifier}" if qualifier and is_bare else function


def _invoke(request: Parameters, place: Place) -> Iterable[Required]:
    yield Required("lambda:InvokeFunction", _qualified(request, place))


def _on_qualified(action: str) -> Any:
    def required(request: Parameters, place: Place) -> Iterable[Required]:
        yield Required(action, _qualified(request, place))

    return required


def _layer_version(action: str) -> Any:
    def required(request: Parameters, place: Place) -> Iterable[Required]:
        if version_arn := request.get("Arn"):
            yield Required(action, str(version_arn))
            return
        layer = _layer(request.get("LayerName", ""), place)
        yield Required(action, f"{layer}:{request.get('VersionNumber', '')}")

    return required


def _mapping_keys(request: Parameters, place: Place) -> dict[str, str | list[str]]:
    function = request.get("FunctionName") or _function_of_mapping(request.get("UUID"), place)
    return {"lambda:FunctionArn": function_arn(function, place)} if function else {}


def _function_of_mapping(uuid: Any, place: Place) -> str:
    """Return the function of an event source mapping; an empty string for an unknown one."""
    from localstack.services.lambda_.invocation.models import lambda_stores

    store = lambda_stores[place.account][place.region]
    mapping = store.event_source_mappings.get(str(uuid))
    return str(mapping.get("FunctionArn") or "") if mapping else ""


def _on_mapping(name: str) -> Any:
    def required(request: Parameters, place: Place) -> Iterable[Required]:
        uuid = request.get("UUID")
        resource = _mapping(uuid, place) if uuid else ALL
        yield Required(f"lambda:{name}", resource, _mapping_keys(request, place))

    return required


def _layers(request: Parameters, _: Place) -> Iterable[Required]:
    """Yield the permission to use layers: the caller must be able to get their versions."""
    for layer in request.get("Layers") or ():
        yield Required("lambda:GetLayerVersion", str(layer))


def _code(request: Parameters, place: Place) -> Iterable[Required]:
    """Yield the permission to read code in S3, with which Lambda reads it."""
    code = request.get("Code") or request.get("Content") or request
    if bucket := code.get("S3Bucket"):
        version = "Version" if code.get("S3ObjectVersion") else ""
        object_ = f"arn:{place.partition}:s3:::{bucket}/{code.get('S3Key', '')}"
        yield Required(f"s3:GetObject{version}", object_)


def _create(request: Parameters, place: Place) -> Iterable[Required]:
    yield from pass_role("Role", _service)(request, place)
    yield from _layers(request, place)
    yield from _code(request, place)


def _configure(request: Parameters, place: Place) -> Iterable[Required]:
    yield from pass_role("Role", _service)(request, place)
    yield from _layers(request, place)


_LAYER_VERSIONS = (
    "AddLayerVersionPermission", "DeleteLayerVersion", "GetLayerVersion", "GetLayerVersionPolicy",
    "RemoveLayerVersionPermission",
)  # fmt: skip
_MAPPINGS = (
    "CreateEventSourceMapping", "DeleteEventSourceMapping", "GetEventSourceMapping",
    "UpdateEventSourceMapping",
)  # fmt: skip
_VERSIONS = (
    "DeleteProvisionedConcurrencyConfig", "GetProvisionedConcurrencyConfig",
    "PutProvisionedConcurrencyConfig",
)  # fmt: skip

TABLE = Table(
    "lambda",
    resources={
        "FunctionName": function_arn,
        "PublishLayerVersion.LayerName": _layer,
        "Resource": given,
        "CodeSigningConfigArn": _signing,
        "CapacityProviderName": _provider,
        "DurableExecutionArn": given,
    },
    renamed={"GetLayerVersionByArn": "GetLayerVersion"},
    on_all=frozenset({"ListEventSourceMappings", "ListLayerVersions"}),
    keys={
        "Layers": "lambda:Layer",
        "Principal": "lambda:Principal",
        "FunctionUrlAuthType": "lambda:FunctionUrlAuthType",
        "AuthType": "lambda:FunctionUrlAuthType",
        "CreateFunction.CodeSigningConfigArn": "lambda:CodeSigningConfigArn",
        "PutFunctionCodeSigningConfig.CodeSigningConfigArn": "lambda:CodeSigningConfigArn",
    },
    special={
        "Invoke": _invoke,
        "InvokeWithResponseStream": _invoke,
        "GetLayerVersionByArn": _layer_version("lambda:GetLayerVersion"),
        **{name: _layer_version(f"lambda:{name}") for name in _LAYER_VERSIONS},
        **{name: _on_mapping(name) for name in _MAPPINGS},
        **{name: _on_qualified(f"lambda:{name}") for name in _VERSIONS},
    },
    more={
        "CreateFunction": _create,
        "UpdateFunctionConfiguration": _configure,
        "UpdateFunctionCode": _code,
        "PublishLayerVersion": _code,
    },
)
