"""Judgment of requests to function URLs.

https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html

A caller needs ``lambda:InvokeFunctionUrl``, and ``lambda:InvokeFunction`` for calls by the URL.
With the type ``NONE``, the function's policy must allow everyone. With ``AWS_IAM``, the request
must be signed.
"""

from types import SimpleNamespace
from typing import Any

from localstack_native.access import context_keys, resource_policies
from localstack_native.access.authorizer import authorizer
from localstack_native.access.callers import Caller, anonymous, caller_of
from localstack_native.access.context_keys import Keys
from localstack_native.access.credentials import access_key_id_of
from localstack_native.access.operations import Required
from localstack_native.security import signatures

FORBIDDEN = (
    "Forbidden. For troubleshooting Function URL authorization issues, see:"
    " https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)


def find(api_id: str, region: str) -> Any:
    """Return the configuration of a function URL; None if it does not exist."""
    from localstack.services.lambda_.invocation.models import lambda_stores

    for account in list(lambda_stores):
        for function in list(lambda_stores[account][region].functions.values()):
            for config in list(function.function_url_configs.values()):
                if config.url_id.lower() == api_id.lower():
                    return config
    return None


def refusal(request: Any, api_id: str, region: str) -> str | None:
    """Return why a request is refused; None if it is allowed, or if the URL does not exist."""
    config = find(api_id, region)
    if config is None:
        return None
    caller = anonymous()
    if config.auth_type == "AWS_IAM":
        if not signatures.is_signed(request):
            return FORBIDDEN
        if (fault := signatures.fault_of(request)) is not None:
            return signatures.sentence_of(fault)
        authorization = request.headers.get("Authorization", "")
        query_key = request.args.get("X-Amz-Credential", "").split("/")[0]
        caller = caller_of(access_key_id_of(authorization) or query_key)
    context: Any = SimpleNamespace(request=request)
    keys = context_keys.of_any_request(context)
    return None if allows(caller, config, keys) else FORBIDDEN


def allows(caller: Caller, config: Any, keys: Keys) -> bool:
    """Return whether a caller may invoke a function by its URL."""
    required = (
        Required(
            "lambda:InvokeFunctionUrl",
            config.function_arn,
            {"lambda:FunctionUrlAuthType": str(config.auth_type)},
        ),
        Required(
            "lambda:InvokeFunction",
            config.function_arn,
            {"lambda:InvokedViaFunctionUrl": "true"},
        ),
    )
    refusals = (
        authorizer().refusal(
            caller,
            each,
            lambda: keys,
            "lambda.InvokeFunctionUrl",
            resource_policies.find(each.action, each.resource),
        )
        for each in required
    )
    return not any(refusals)
