"""Judgment of parsed requests: LocalStack calls it before it loads a service.

Each action that a request requires is judged, and a refused request gets its service's error.
Requests that are not signed are judged elsewhere: by ``requests`` for S3, and by ``security/``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from localstack.aws.api import RequestContext
from rolo import Response
from rolo.gateway import HandlerChain

from localstack_native import features
from localstack_native.access import buckets, context_keys, mode, multi_delete, operations, refusals
from localstack_native.access.authorizer import Authorizer, authorizer
from localstack_native.access.callers import Caller, caller_of
from localstack_native.access.context_keys import Keys
from localstack_native.access.credentials import access_key_id_of, find_for_headers
from localstack_native.access.operations import Place, Required

_INJECTED = "injectedaccesskey"
"""The key that LocalStack gives to requests without one."""

_OF_IAM = ("AKIA", "ASIA", "LKIA", "LSIA")
"""How access keys begin that IAM and STS create."""

_READS = {"s3:GetObject", "s3:GetObjectVersion"}


class RequestJudge:
    """Judges the actions of each request."""

    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer
        self._verifies = features.is_enabled("signatures")

    def __call__(
        self,
        chain: HandlerChain[Any],
        context: RequestContext,
        response: Response,  # noqa: ARG002
    ) -> None:
        """Judge a request. Raises the error of its service if it is refused."""
        if context.service is None or context.operation is None:
            return
        key = signer_of(context)
        if key == _INJECTED or context.request.method == "OPTIONS":
            return
        if not self._verifies:
            _check_key(key, context)
        caller = caller_of(key, context.internal_request_params)
        if caller.kind == "root":
            return
        parameters = parameters_of(context)
        service = context.service.service_name
        place = Place(context.account_id, context.region or "us-east-1", context.partition)
        required = operations.required(service, context.operation, parameters, place)
        if service == "s3" and context.operation.name == "DeleteObjects":
            refused: dict[str, str] = {}
            for each in required:
                if refusal := self.refusal(context, caller, each):
                    refused[each.resource] = refusal
            multi_delete.omit(refused, chain, context)
            return
        for each in _with_listings(required) if service == "s3" else required:
            if refusal := self.refusal(context, caller, each):
                raise refusals.error(context, refusal)

    def refusal(self, context: RequestContext, caller: Caller, required: Required) -> str | None:
        """Return the sentence about an action of a request that is refused."""
        assert context.service is not None
        assert context.operation is not None
        operation = f"{context.service.service_name}.{context.operation.name}"
        return self._authorizer.refusal(caller, required, lambda: _keys(context), operation)


def signer_of(context: RequestContext) -> str:
    """Return the access key of a request: of its signature, or of its form's."""
    if form_key := getattr(context, "form_key", None):
        return str(form_key)
    return access_key_id_of(context.request.headers.get("Authorization", ""))


def refusal_on_behalf(context: RequestContext, required: Required) -> str | None:
    """Return the sentence about an action that a service may not do for the caller of a request.

    It acts with the caller's permissions.
    """
    if mode.mode() == "off" or context.service is None or context.operation is None:
        return None
    caller = caller_of(signer_of(context), context.internal_request_params)
    via = f"{context.service.service_name}.amazonaws.com"
    return authorizer().refusal(
        caller,
        required,
        lambda: _keys(context) | {"aws:ViaAWSService": "true", "aws:CalledVia": [via]},
        f"{context.service.service_name}.{context.operation.name}",
    )


def parameters_of(context: RequestContext) -> Mapping[str, Any]:
    """Return the parameters of a request, with the fields of a form."""
    form: Mapping[str, Any] | None = getattr(context, "form_parameters", None)
    parsed: Any = context.service_request
    return form or parsed or {}


def _keys(context: RequestContext) -> Keys:
    """Return the condition keys of a request."""
    assert context.service is not None
    parameters = parameters_of(context)
    keys = context_keys.of_any_request(context) | context_keys.of_tags(parameters)
    if context.service.service_name == "s3":
        keys |= context_keys.of_s3(context, parameters)
    return keys


def _with_listings(required: list[Required]) -> Iterator[Required]:
    """Yield requirements, and that of reading a missing object: to list its bucket.

    Without it, S3 returns 403 instead of 404.
    """
    for each in required:
        yield each
        if each.action not in _READS:
            continue
        bucket_arn, _, key = each.resource.partition("/")
        bucket = buckets.find(bucket_arn.rpartition(":")[2])
        if bucket is not None and not buckets.has_object(bucket, key):
            yield Required("s3:ListBucket", bucket_arn)


def _check_key(key: str, context: RequestContext) -> None:
    """Raise the error for a key that looks like one of IAM's and is not."""
    if key.startswith(_OF_IAM) and not find_for_headers(key):
        from localstack_native.security import signatures

        raise signatures.error_for("unknown-key", context)
