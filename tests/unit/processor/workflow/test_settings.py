"""What the workflow's function is told by its environment."""

import pytest

from processor.moderation.settings import ModerationSettings
from processor.workflow.settings import WorkflowSettings

WHOLE = {
    "WORKFLOW_TOPIC": "arn:aws:sns:us-east-1:1:workflow",
    "ANALYZE": "all",
    "MODERATION_CONFIDENCE": "80",
    "REVIEW_TIMEOUT": "604800",
}


def test_all_is_read() -> None:
    """Words become what they mean."""
    assert WorkflowSettings.from_environment(WHOLE) == WorkflowSettings(
        "arn:aws:sns:us-east-1:1:workflow", ModerationSettings("all", 80.0), 604800
    )


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_missing_is_named(name: str) -> None:
    """A function that was not told everything does not start."""
    with pytest.raises(LookupError, match=name):
        WorkflowSettings.from_environment({**WHOLE, name: ""})


@pytest.mark.parametrize(
    ("name", "value"), [("ANALYZE", "yes"), ("REVIEW_TIMEOUT", "1.5"), ("REVIEW_TIMEOUT", "week")]
)
def test_what_cannot_be_used_is_refused(name: str, value: str) -> None:
    """Before anything is done."""
    with pytest.raises(ValueError, match=value):
        WorkflowSettings.from_environment({**WHOLE, name: value})
