"""Errors of refused requests, in each service's form and AWS's words.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from localstack.aws.api import CommonServiceException, RequestContext, ServiceException
from localstack.aws.api.s3 import AccessDenied
from localstack.services.s3.constants import S3_HOST_ID

from localstack_native.access.judgment import Verdict
from localstack_native.access.operations import ALL

_XML = {"ec2", "query", "rest-xml"}
_SQS = {"sqs", "sqs-query"}


class AccessDeniedException(CommonServiceException):
    """The error of most services; SQS takes the ``__type`` from the class's name."""


def sentence(service: str, caller: str, action: str, resource: str, verdict: Verdict) -> str:
    """Return a service's sentence about a refusal."""
    if service in _SQS:
        action = action.lower()
    elif service == "sns":
        action = action.replace("sns:", "SNS:")
    elif service == "execute-api":
        # API Gateway hides most of the account.
        parts = resource.split(":")
        resource = ":".join([*parts[:4], f"{'*' * 8}{parts[4][-4:]}", *parts[5:]])
    elif service == "s3":
        resource = f'"{resource}"' if resource != ALL else resource
    where = "" if resource == ALL else f" on resource: {resource}"
    why = _reason(action, verdict)
    return f"User: {caller} is not authorized to perform: {action}{where} {why}"


def error(context: RequestContext, text: str) -> ServiceException:
    """Return the error of a request's service with a sentence."""
    assert context.service is not None
    service, protocol = context.service.service_name, str(context.protocol)
    if service == "s3":
        return AccessDenied(text, HostId=S3_HOST_ID)
    if service == "sns":
        return AccessDeniedException("AuthorizationError", text, 403, sender_fault=True)
    # CloudWatch keeps the codes of its query protocol in its newer ones.
    if service == "cloudwatch" or (protocol in _XML and service not in _SQS):
        return AccessDeniedException("AccessDenied", text, 403, sender_fault=True)
    status = 400 if protocol == "json" and service not in _SQS else 403
    return AccessDeniedException("AccessDeniedException", text, status, sender_fault=True)


def _reason(action: str, verdict: Verdict) -> str:
    kind = verdict.type
    if not verdict.is_explicit:
        return f"because no {kind} allows the {action} action"
    if kind == "role trust policy":
        return f"with an explicit deny in the {kind}"
    article = "an" if kind.startswith("identity") else "a"
    return f"with an explicit deny in {article} {kind}"
