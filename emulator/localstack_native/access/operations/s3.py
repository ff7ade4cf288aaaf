"""Operations of S3, whose actions ``access/actions.py`` has.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from collections.abc import Iterable

from localstack_native.access.actions import required_actions
from localstack_native.access.operations.table import ALL, Parameters, Place, Required


def required(operation: str, request: Parameters, place: Place) -> Iterable[Required]:
    """Yield what an operation requires."""
    for each in required_actions(operation, request):
        bucket = f"arn:{place.partition}:s3:::{each.bucket}"
        resource = f"{bucket}/{each.key}" if each.key else bucket
        yield Required(each.action, resource if each.bucket else ALL)
