"""API operations of functions.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateFunction.html and following
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from localstack.aws.api import RequestContext, handler

from localstack_native.cloudfront import policies
from localstack_native.cloudfront.errors import error
from localstack_native.cloudfront.functions import events
from localstack_native.cloudfront.functions.associations import function_arns, store_of_function
from localstack_native.cloudfront.functions.models import Function, Stage, store_arns
from localstack_native.cloudfront.functions.runtime import FunctionError, compiled, run
from localstack_native.cloudfront.policies import Output, check_version, paged
from localstack_native.cloudfront.store import CloudFrontStore, store_of

MAXIMUM = 10 * 1024
"""Bytes of a function's code."""

RUNTIME = "cloudfront-js-2.0"
_NAME = re.compile(r"[a-zA-Z0-9-_]{1,64}")


class FunctionOperations:
    """Functions in their two stages. A change takes effect immediately."""

    @handler("CreateFunction", expand=False)
    def create_function(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Create a function in the development stage."""
        store, name = store_of(context.account_id), request["Name"]
        if not _NAME.fullmatch(name):
            raise error("InvalidArgument", "A function's name has letters, digits, - and _.")
        if name in store.functions:
            raise error("FunctionAlreadyExists", f"A function with the name {name} exists.")
        made = Function(name, context.account_id, _stage(store, request))
        store.functions[name] = made
        return {
            **_response(store, made, made.development),
            "Location": f"/2020-05-31/function/{name}",
        }

    @handler("DescribeFunction", expand=False)
    def describe_function(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Return the configuration of a function in a stage."""
        store = store_of(context.account_id)
        return _response(store, *_find(store, request))

    @handler("GetFunction", expand=False)
    def get_function(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Return the code of a function in a stage."""
        _, stage = _find(store_of(context.account_id), request)
        return {
            "FunctionCode": stage.code,
            "ETag": stage.etag,
            "ContentType": "application/octet-stream",
        }

    @handler("UpdateFunction", expand=False)
    def update_function(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Replace code and configuration in the development stage."""
        store = store_of(context.account_id)
        function = _own(store, request)
        function.development = _stage(store, request)
        return _response(store, function, function.development)

    @handler("PublishFunction", expand=False)
    def publish_function(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Copy the development stage to the live stage, which distributions use."""
        store = store_of(context.account_id)
        function = _own(store, request)
        draft = function.development
        function.live = Stage(draft.config, draft.code, draft.compiled)
        return {"FunctionSummary": _summary(store, function, function.live)}

    @handler("DeleteFunction", expand=False)
    def delete_function(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Delete a function that no distribution uses."""
        store = store_of(context.account_id)
        function = _own(store, request)
        if users := _users(store, function):
            raise error(
                "FunctionInUse", f"Distributions use the function: {', '.join(sorted(users))}."
            )
        del store.functions[function.name]
        return {}

    @handler("ListFunctions", expand=False)
    def list_functions(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Return a page of functions: of a stage, or of both."""
        store, wanted = store_of(context.account_id), request.get("Stage")
        items = [
            (f"{name}/{stage}", _summary(store, function, found))
            for name, function in store.functions.items()
            for stage in ([wanted] if wanted else ["DEVELOPMENT", "LIVE"])
            if (found := function.stage(stage))
        ]
        page = policies.listing(*paged(items, request), request)
        return {
            "FunctionList": {
                name: page[name] for name in page if name not in {"Marker", "IsTruncated"}
            }
        }

    @handler("TestFunction", expand=False)
    def test_function(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Run a function on an event, and return what it returned."""
        store = store_of(context.account_id)
        function, stage = _find(store, request)
        check_version(stage, request.get("IfMatch"))
        event = _event(request["EventObject"])
        result: Output = {
            "FunctionSummary": _summary(store, function, stage),
            "ComputeUtilization": "0",
            "FunctionExecutionLogs": [],
            "FunctionErrorMessage": "",
            "FunctionOutput": "",
        }
        try:
            done = run(stage.compiled, event, store_of_function(store, stage))
            result["FunctionExecutionLogs"] = done.logs
            result["ComputeUtilization"] = str(done.utilization)
            events.check(done.result)
            result["FunctionOutput"] = json.dumps({events.kind_of(done.result): done.result})
        except FunctionError as failure:
            result["FunctionExecutionLogs"] = failure.logs
            result["FunctionErrorMessage"] = str(failure)
            if failure.kind == "FunctionThrottledError":
                result["ComputeUtilization"] = "100"
        except events.InvalidResultError as failure:
            result["FunctionErrorMessage"] = str(failure)
        return {"TestResult": result}


def _stage(store: CloudFrontStore, request: Mapping[str, Any]) -> Stage:
    """Return the stage that a request describes. Raises the API's errors."""
    config, code = dict(request["FunctionConfig"]), _bytes(request["FunctionCode"])
    if config.get("Runtime") != RUNTIME:
        raise error(
            "InvalidArgument",
            f"The emulator has no runtime {config.get('Runtime')}: use {RUNTIME}.",
        )
    if not code or len(code) > MAXIMUM:
        raise error(
            "FunctionSizeLimitExceeded" if code else "InvalidArgument",
            f"A function's code has 1 to {MAXIMUM} bytes. It has {len(code)}.",
        )
    arns = store_arns(config)
    if len(arns) > 1:
        raise error("InvalidArgument", "A function can have one key value store.")
    for arn in arns:
        if not any(each.arn == arn for each in store.key_value_stores.values()):
            raise error("InvalidArgument", f"The key value store {arn} does not exist.")
    config.setdefault("KeyValueStoreAssociations", {"Quantity": 0})
    try:
        text = compiled(code)
    except UnicodeDecodeError as failure:
        raise error("InvalidArgument", "The function's code is not UTF-8.") from failure
    except ValueError as failure:
        raise error(
            "InvalidArgument",
            f"The runtime {RUNTIME} does not support the function's code: {failure}.",
        ) from failure
    return Stage(config, code, text)


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _event(value: Any) -> dict[str, Any]:
    try:
        event = json.loads(_bytes(value))
    except ValueError as failure:
        raise error("InvalidArgument", f"The event object is not JSON: {failure}") from failure
    if not isinstance(event, dict) or "request" not in event:
        raise error("InvalidArgument", "The event object must be an event with a request.")
    return event


def _find(store: CloudFrontStore, request: Mapping[str, Any]) -> tuple[Function, Stage]:
    function = store.functions.get(request["Name"])
    stage = function.stage(request.get("Stage")) if function else None
    if function is None or stage is None:
        raise error("NoSuchFunctionExists", "The specified function does not exist.")
    return function, stage


def _own(store: CloudFrontStore, request: Mapping[str, Any]) -> Function:
    """Return a function whose development stage has the version in If-Match."""
    function, _ = _find(store, {"Name": request["Name"]})
    check_version(function.development, request.get("IfMatch"))
    return function


def _users(store: CloudFrontStore, function: Function) -> set[str]:
    return {
        each.id
        for each in store.distributions.values()
        if function.arn in function_arns(each.config)
    }


def _response(store: CloudFrontStore, function: Function, stage: Stage) -> Output:
    return {"FunctionSummary": _summary(store, function, stage), "ETag": stage.etag}


def _summary(store: CloudFrontStore, function: Function, stage: Stage) -> Output:
    is_live = stage is function.live
    return {
        "Name": function.name,
        "Status": _status(store, function, stage),
        "FunctionConfig": stage.config,
        "FunctionMetadata": {
            "FunctionARN": function.arn,
            "Stage": "LIVE" if is_live else "DEVELOPMENT",
            "CreatedTime": function.created,
            "LastModifiedTime": stage.modified,
        },
    }


def _status(store: CloudFrontStore, function: Function, stage: Stage) -> str:
    live = function.live
    if live is None or (live.code, live.config) != (stage.code, stage.config):
        return "UNPUBLISHED"
    return "DEPLOYED" if _users(store, function) else "UNASSOCIATED"
