"""Patterns of ARNs: which forms of resources they can name."""

import pytest

from tests.assurance.arns import can_name, covers_all


@pytest.mark.parametrize(
    ("pattern", "form", "named"),
    [
        ("arn:aws:s3:::b", "arn:${Partition}:s3:::${BucketName}", True),
        ("arn:aws:s3:::b/*", "arn:${Partition}:s3:::${BucketName}", False),
        ("arn:aws:s3:::b*", "arn:${Partition}:s3:::${BucketName}/${ObjectName}", True),
        ("arn:aws:s3:::b/c/d", "arn:${Partition}:s3:::${BucketName}/${ObjectName}", True),
        ("arn:aws:s3:::b/?", "arn:${Partition}:s3:::${BucketName}/${ObjectName}", True),
        ("arn:aws:s3:::${aws:username}", "arn:${Partition}:s3:::${BucketName}", True),
        ("*", "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}", True),
        ("arn:aws:sns:r:1:q", "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}", False),
        ("arn:aws:sqs:r:1", "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}", False),
    ],
)
def test_can_name(pattern: str, form: str, *, named: bool) -> None:
    """A pattern names a form's resources if one text matches both; names end at / and :."""
    assert can_name(pattern, form) is named


def test_covers_all() -> None:
    """A pattern covers a form if it leaves out no name of one account and region."""
    form = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"
    assert covers_all("arn:aws:iam::111122223333:role/*", form)
    assert not covers_all("arn:aws:iam::111122223333:role/darkroom-*", form)
    assert not covers_all(
        "arn:aws:apigateway:r::/apis", "arn:${Partition}:apigateway:${Region}::/apis"
    )
