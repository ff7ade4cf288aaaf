"""Check of the region that an S3 request is signed for: it must be the bucket's.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from typing import Any

from localstack.aws.api import RequestContext, ServiceException
from localstack.aws.api.s3 import (
    AuthorizationHeaderMalformed,
    AuthorizationQueryParametersError,
    InvalidArgument,
)
from localstack.services.s3.constants import S3_HOST_ID
from rolo import Response
from rolo.gateway import HandlerChain

from localstack_native.access import buckets

_FOR_ANY_REGION = {"CreateBucket", "GetBucketLocation"}


def check(context: RequestContext, bucket: str) -> None:
    """Check the credential scope in a request's query or header.

    Raises AuthorizationQueryParametersError or AuthorizationHeaderMalformed. Signatures of version
    2 have no region.
    """
    assert context.operation is not None
    if context.is_internal_call or context.operation.name in _FOR_ANY_REGION:
        return
    request = context.request
    error: type[ServiceException] = AuthorizationHeaderMalformed
    what, credential = "The authorization header is malformed", ""
    if "X-Amz-Credential" in request.args:
        error = AuthorizationQueryParametersError
        what = "Error parsing the X-Amz-Credential parameter"
        credential = request.args["X-Amz-Credential"]
    elif "Signature" not in request.args:
        credential = request.headers.get("Authorization", "").partition("Credential=")[2]
    if reason := _fault(context, credential.partition(",")[0], bucket):
        raise error(f"{what}; {reason}", HostId=S3_HOST_ID)


def check_form(context: RequestContext, credential: str, bucket: str) -> None:
    """Check the credential scope of a form; raise InvalidArgument."""
    if reason := _fault(context, credential, bucket):
        raise InvalidArgument(
            reason,
            ArgumentName="X-Amz-Credential",
            ArgumentValue=credential,
            HostId=S3_HOST_ID,
        )


def _fault(context: RequestContext, credential: str, bucket: str) -> str | None:
    """Return why the region of a credential scope is wrong; None if it is right or missing."""
    found, scope = buckets.find(bucket), credential.split("/")[-4:]
    if found is None or len(scope) < 4 or scope[1] == found.bucket_region:
        return None
    note: Any = context
    note.bucket_region = found.bucket_region
    return f"the region '{scope[1]}' is wrong; expecting '{found.bucket_region}'"


def name_region(
    chain: HandlerChain[Any],  # noqa: ARG001
    context: RequestContext,
    response: Response,
) -> None:
    """Name the bucket's region in the errors of this module: clients repeat the request there."""
    region = getattr(context, "bucket_region", None)
    if region is None:
        return
    response.headers["x-amz-bucket-region"] = region
    end = "</Message>"
    response.set_data(
        response.get_data(as_text=True).replace(end, f"{end}<Region>{region}</Region>")
    )
