"""Identifiers of CloudFront distributions."""

import re

import pytest

from localstack_native.cloudfront.identifiers import (
    LOGICAL_ID_TAG,
    STACK_ID_TAG,
    derived_id,
    new_id,
)

ARN = "arn:aws:cloudformation:us-east-1:000000000000:stack/darkroom"
ID = "EIDVCFYSY5SVSJ"


def tags(stack: str = f"{ARN}/1", resource: str = "Distribution") -> dict[str, str]:
    """Return the tags that CloudFormation sets."""
    return {STACK_ID_TAG: stack, LOGICAL_ID_TAG: resource, "for": "anything"}


def test_a_stack_always_has_the_same_identifier() -> None:
    """It is the same in each process and release, so that saved links remain valid."""
    assert derived_id(tags(), ()) == derived_id(tags(f"{ARN}/another-time"), ()) == ID


@pytest.mark.parametrize(
    "others",
    [
        tags(f"{ARN}-2/1"),
        tags(f"{ARN.replace('us-east-1', 'eu-west-1')}/1"),
        tags(f"{ARN.replace('000000000000', '000000000001')}/1"),
        tags(resource="Other"),
    ],
    ids=["stack", "region", "account", "resource"],
)
def test_identifiers_differ_by_account_region_stack_and_logical_id(others: dict[str, str]) -> None:
    """Account, region, stack and logical id all count."""
    assert derived_id(others, ()) != ID


def test_a_used_identifier_is_followed_by_another() -> None:
    """A replacement is created before the old distribution is deleted."""
    assert derived_id(tags(), {ID}) == "EQ1V6SF9G5W4GA"


def test_identifiers_look_like_those_of_aws() -> None:
    """Derived and random identifiers have AWS's form."""
    for id_ in (derived_id(tags(), ()), new_id()):
        assert re.fullmatch(r"E[A-Z0-9]{13}", id_)
