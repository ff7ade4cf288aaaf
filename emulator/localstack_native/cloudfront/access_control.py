"""Origin access control: which origin requests CloudFront signs.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
"""

from collections.abc import Mapping
from typing import Any

from localstack_native.cloudfront import policies
from localstack_native.cloudfront.functions.origin_changes import SIGNING
from localstack_native.cloudfront.messages import Request
from localstack_native.cloudfront.store import Distribution, store_of


def signs(distribution: Distribution, origin: Mapping[str, Any], request: Request) -> bool:
    """Return whether CloudFront signs a request, as the distribution's service principal."""
    if (config := origin.get(SIGNING)) is None:
        if not (control := origin["OriginAccessControlId"]):
            return False
        config = policies.find(
            policies.ACCESS_CONTROL, store_of(distribution.account), control
        ).config
    match config["SigningBehavior"]:
        case "always":
            return True
        case "no-override":
            return "Authorization" not in request.headers
    return False
