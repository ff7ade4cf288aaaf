"""What the workflow's function is told beside what all functions are told."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from processor.moderation.settings import ModerationSettings


@dataclass(frozen=True, slots=True)
class WorkflowSettings:
    """What the template says of the review."""

    workflow_topic: str
    wishes: ModerationSettings
    review_timeout: int
    """Seconds after which a picture that nobody reviewed is rejected."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "WorkflowSettings":
        """Read the variables that localstack_init/template.yaml sets.

        Raises ``LookupError`` that names the variables that are missing, and ``ValueError`` for one
        that cannot be used.
        """
        names = ("WORKFLOW_TOPIC", "REVIEW_TIMEOUT")
        missing = [name for name in names if not environment.get(name)]
        if missing:
            raise LookupError(
                f"The environment lacks {', '.join(missing)}. localstack_init/template.yaml sets "
                "them on the function."
            )
        return cls(
            workflow_topic=environment["WORKFLOW_TOPIC"],
            wishes=ModerationSettings.from_environment(environment),
            review_timeout=int(environment["REVIEW_TIMEOUT"]),
        )
