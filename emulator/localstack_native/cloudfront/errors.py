"""CloudFront API errors: codes, with the HTTP statuses of the service model."""

from functools import cache

from botocore.model import NoShapeFoundError
from localstack.aws.api import CommonServiceException
from localstack.aws.spec import load_service


def error(code: str, message: str) -> CommonServiceException:
    """Return the error of a code such as ``NoSuchDistribution``."""
    return CommonServiceException(code, message, _status(code), sender_fault=True)


@cache
def _status(code: str) -> int:
    try:
        shape = load_service("cloudfront").shape_for(code)
    except NoShapeFoundError:
        return 400
    return int(shape.metadata["error"]["httpStatusCode"])
