"""Authorization of REST APIs by signatures (``AWS_IAM``) and by resource policies.

https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from localstack.services.apigateway.next_gen.execute_api.context import RestApiInvocationContext
from localstack.services.apigateway.next_gen.execute_api.gateway_response import (
    AccessDeniedError,
    BaseGatewayException,
    InvalidSignatureError,
    MissingAuthTokenError,
)
from rolo import Response
from rolo.gateway import HandlerChain

from localstack_native.access import context_keys
from localstack_native.access.authorizer import Authorizer
from localstack_native.access.callers import Caller, anonymous, caller_of
from localstack_native.access.context_keys import Keys
from localstack_native.access.credentials import access_key_id_of
from localstack_native.access.judgment import Document, Resource
from localstack_native.access.operations import Required
from localstack_native.security import signatures

_EXTENSION = "x-amazon-apigateway-authtype"
_SIGNED = "awssigv4"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_ANY = "x-amazon-apigateway-any-method"


class RestApiJudge:
    """Judges requests to REST APIs, which LocalStack handles in a chain of their own."""

    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer

    def __call__(
        self,
        chain: HandlerChain[Any],  # noqa: ARG002
        context: RestApiInvocationContext,
        response: Response,  # noqa: ARG002
    ) -> None:
        """Judge a request to a method. Raises API Gateway's errors."""
        method: Mapping[str, Any] = context.resource_method or {}
        is_signed = method.get("authorizationType") == "AWS_IAM"
        policy = _policy(context)
        if not is_signed and policy is None:
            return
        caller = _signer(context) if is_signed else anonymous()
        required = Required("execute-api:Invoke", _arn(context))
        resource = Resource(str(context.account_id), policy)
        text = self._authorizer.refusal(
            caller, required, lambda: _keys(context), "execute-api.Invoke", resource
        )
        if text is not None:
            refused: Any = _error(AccessDeniedError, text, "AccessDeniedException")
            refused.is_by_iam = True  # whose default response has "Message", not "message"
            raise refused


def import_methods(document: Mapping[str, Any], container: Any) -> None:
    """Set the authorization of methods that an OpenAPI document says are signed.

    LocalStack knows authorizers and API keys only.
    """
    schemes = {
        **(document.get("securityDefinitions") or {}),
        **((document.get("components") or {}).get("securitySchemes") or {}),
    }
    signed = {
        name
        for name, scheme in schemes.items()
        if str(scheme.get(_EXTENSION, "")).lower() == _SIGNED
    }
    wanted = {key for key, needs in _needs(document) if signed & needs}
    for resource in container.resources.values():
        for name, method in resource.resource_methods.items():
            if (resource.get_path(), name.upper()) in wanted:
                method.authorization_type = "AWS_IAM"


def _needs(document: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], set[str]]]:
    """Yield path and method of each operation, with the names of its security schemes."""
    for path, item in (document.get("paths") or {}).items():
        for name in (*_METHODS, _ANY):
            operation = item.get(name)
            if not isinstance(operation, Mapping):
                continue
            security = operation.get("security", document.get("security")) or []
            method = "ANY" if name == _ANY else name.upper()
            yield (path, method), {key for each in security for key in each}


def _signer(context: RestApiInvocationContext) -> Caller:
    """Return who signed a request. Raises API Gateway's errors."""
    request: Any = context.request
    if not signatures.is_signed(request):
        raise _error(
            MissingAuthTokenError,
            "Missing Authentication Token",
            "MissingAuthenticationTokenException",
        )
    fault = signatures.fault_of(request)
    if fault == "unknown-key":
        text = "The security token included in the request is invalid."
        raise _error(InvalidSignatureError, text, "UnrecognizedClientException")
    if fault is not None:
        raise _error(
            InvalidSignatureError, signatures.sentence_of(fault), "InvalidSignatureException"
        )
    authorization = request.headers.get("Authorization", "")
    key = access_key_id_of(authorization) or request.args.get("X-Amz-Credential", "").split("/")[0]
    caller = caller_of(key)
    identity: Any = (context.context_variables or {}).get("identity")
    user = str(caller.keys().get("aws:userid", ""))
    identity.update(
        accessKey=key, accountId=caller.account, caller=user, user=user, userArn=caller.name
    )
    return caller


def _arn(context: RestApiInvocationContext) -> str:
    """Return the ARN of an invocation: API, stage, method and path."""
    request: Any = context.invocation_request
    path = str(request["path"]).lstrip("/")
    return (
        f"arn:aws:execute-api:{context.region}:{context.account_id}:{context.api_id}"
        f"/{context.stage}/{request['http_method']}/{path}"
    )


def _policy(context: RestApiInvocationContext) -> Document | None:
    """Return the API's resource policy, whose resources may be relative to the API."""
    deployment: Any = context.deployment
    text = deployment.rest_api.rest_api.get("policy")
    if not text:
        return None
    # API Gateway returns policies with escaped quotes.
    text = text.replace('\\"', '"') if text.startswith('{\\"') else text
    whole = f"arn:aws:execute-api:{context.region}:{context.account_id}:{context.api_id}/"
    return Document(str(context.api_id), text.replace('"execute-api:/', f'"{whole}'))


def _keys(context: RestApiInvocationContext) -> Keys:
    any_context: Any = context
    return context_keys.of_any_request(any_context)


def _error(kind: type[BaseGatewayException], message: str, code: str) -> BaseGatewayException:
    error = kind(message)
    error.code = code
    return error
