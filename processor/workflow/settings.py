"""What the workflow's function is told beside what all functions are told."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

ANALYSES = ("off", "labels", "all")


@dataclass(frozen=True, slots=True)
class WorkflowSettings:
    """What the template says of the review."""

    workflow_topic: str
    analyze: str
    """What Rekognition is asked for: ``off``, ``labels`` or ``all``."""
    moderation_confidence: float
    """Percent at or above which a picture is flagged."""
    review_timeout: int
    """Seconds after which a picture that nobody reviewed is rejected."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "WorkflowSettings":
        """Read the variables that have the names of the fields, in capitals.

        Raises ``LookupError`` that names the variables that are missing, and ``ValueError`` for one
        that cannot be used.
        """
        names = [field.upper() for field in cls.__dataclass_fields__]
        missing = [name for name in names if not environment.get(name)]
        if missing:
            raise LookupError(
                f"The environment lacks {', '.join(missing)}. localstack_init/template.yaml sets "
                "them on the function."
            )
        if environment["ANALYZE"] not in ANALYSES:
            raise ValueError(
                f"ANALYZE is {environment['ANALYZE']!r}; write one of {', '.join(ANALYSES)}."
            )
        return cls(
            workflow_topic=environment["WORKFLOW_TOPIC"],
            analyze=environment["ANALYZE"],
            moderation_confidence=float(environment["MODERATION_CONFIDENCE"]),
            review_timeout=int(environment["REVIEW_TIMEOUT"]),
        )
