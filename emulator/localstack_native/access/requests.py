"""Access checks of parsed S3 requests: anonymous access, a Deny, forms, Block Public Access."""

import json
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.api.s3 import AccessDenied
from localstack.services.s3.constants import S3_HOST_ID
from localstack.services.s3.exceptions import MalformedPolicy
from rolo import Response
from rolo.gateway import HandlerChain

from localstack_native.access import buckets, context_keys, forms, mode, regions
from localstack_native.access.actions import RequiredAction, required_actions
from localstack_native.access.buckets import Context
from localstack_native.access.callers import anonymous, caller_of
from localstack_native.access.credentials import access_key_id_of
from localstack_native.access.patterns import UndecidableError
from localstack_native.access.policy import check
from localstack_native.access.presigned import is_anonymous
from localstack_native.access.principals import Principal
from localstack_native.access.publicity import is_public

_READS = {"s3:GetObject", "s3:GetObjectVersion"}


def check_access(
    chain: HandlerChain[Any],  # noqa: ARG001
    context: RequestContext,
    response: Response,  # noqa: ARG001
) -> None:
    """Check an S3 request; LocalStack calls this for each parsed request.

    Raises S3's errors: AccessDenied, and those of forms and regions.
    """
    if not (context.service and context.operation and context.service.service_name == "s3"):
        return
    assert context.service_request is not None
    request: dict[str, Any] = dict(context.service_request)
    operation = context.operation.name
    if context.request.method == "OPTIONS":
        # A CORS preflight, which has no credentials.
        return
    if operation == "PostObject":
        form = forms.read(context.request)
        if form is not None:
            request |= {"Key": form.fields["key"], "ACL": form.fields.get("acl")}
            forms.check(form, context, request["Bucket"])
        if form is None or form.is_signed:
            key = form.access_key_id if form else ""
            note: Any = context
            note.form_key, note.form_parameters = key, request
            _check_denials(context, request, key)
            _check_publicity(operation, request)
            return
    if not is_anonymous(context):
        regions.check(context, request.get("Bucket", ""))
        authorization = context.request.headers.get("Authorization", "")
        _check_denials(context, request, access_key_id_of(authorization))
    else:
        for required in required_actions(operation, request):
            _check_anonymous(required, _conditions(context, request))
    _check_publicity(operation, request)


def _check_anonymous(required: RequiredAction, conditions: Context) -> None:
    bucket = buckets.find(required.bucket)
    if bucket is None and required.bucket and required.action != "s3:CreateBucket":
        return  # LocalStack returns NoSuchBucket
    anybody = Principal.anonymous()
    allowed = bucket is not None and buckets.is_allowed(
        anybody, required.action, bucket, required.key, conditions, required.version
    )
    if allowed and bucket is not None and required.action in _READS:
        allowed = buckets.has_object(bucket, required.key, required.version) or buckets.is_allowed(
            anybody, "s3:ListBucket", bucket, "", conditions
        )
    if not allowed:
        raise _denied()


def _check_denials(context: RequestContext, request: dict[str, Any], access_key_id: str) -> None:
    """Refuse a signed request that a bucket's policy denies explicitly."""
    assert context.operation is not None
    if context.is_internal_call:
        return
    if mode.is_enforced() and caller_of(access_key_id).kind != "root":
        return  # access/enforcement.py judges all policies, and names the one that denies
    for required in required_actions(context.operation.name, request):
        bucket = buckets.find(required.bucket)
        if bucket is None or not bucket.policy:
            continue
        caller = caller_of(access_key_id)
        conditions = {**_conditions(context, request), **caller.keys()}
        if buckets.is_denied(caller.principal, required.action, bucket, required.key, conditions):
            raise _denied()


def _check_publicity(operation: str, request: dict[str, Any]) -> None:
    """Refuse public policies and ACLs that Block Public Access blocks, and undecidable policies."""
    bucket = buckets.find(request.get("Bucket", ""))
    if bucket is None:
        return
    if operation == "PutBucketPolicy":
        _check_policy(bucket, request.get("Policy", ""))
    elif buckets.blocks(bucket, "BlockPublicAcls") and _asks_for_public_acl(request):
        raise _denied()


def _check_policy(bucket: Any, text: str) -> None:
    try:
        policy = json.loads(text)
        if not isinstance(policy, dict):
            return  # LocalStack returns an error
        if "Statement" not in policy:
            raise MalformedPolicy("Missing required field Statement")
        check(policy)
        public = is_public(policy)
    except UndecidableError as error:
        raise MalformedPolicy(str(error)) from error
    except json.JSONDecodeError:
        return
    except (AttributeError, TypeError) as error:
        raise MalformedPolicy("Policy has invalid syntax") from error
    if public and buckets.blocks(bucket, "BlockPublicPolicy"):
        raise _denied()


def _asks_for_public_acl(request: dict[str, Any]) -> bool:
    if str(request.get("ACL") or "") in {"public-read", "public-read-write", "authenticated-read"}:
        return True
    headers = (value for name, value in request.items() if name.startswith("Grant"))
    if any("/groups/global/" in str(value) for value in headers):
        return True
    return buckets.is_public_acl((request.get("AccessControlPolicy") or {}).get("Grants") or ())


def _conditions(context: RequestContext, request: dict[str, Any]) -> Context:
    """Return the condition keys of a request of an anonymous principal."""
    return {
        **context_keys.of_any_request(context),
        **context_keys.of_s3(context, request),
        **anonymous().keys(),
    }


def _denied() -> AccessDenied:
    return AccessDenied("Access Denied", HostId=S3_HOST_ID)
