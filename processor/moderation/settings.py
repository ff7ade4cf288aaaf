"""What is to be asked about pictures, and what the answers mean: the operator's wishes."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Analyze = Literal["off", "labels", "all"]

NAMES = ("ANALYZE", "MODERATION_CONFIDENCE")


@dataclass(frozen=True, slots=True)
class ModerationSettings:
    """The template's parameters of the analysis."""

    analyze: Analyze = "off"
    """``labels`` is what is in a picture; ``all`` adds faces, and what is to be reviewed."""
    moderation_confidence: float = 80.0
    """Percent at or above which a picture is flagged."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "ModerationSettings":
        """Read the variables that localstack_init/template.yaml sets.

        Raises ``LookupError`` for one that is missing, ``ValueError`` for one that cannot be used.
        """
        missing = [name for name in NAMES if not environment.get(name)]
        if missing:
            raise LookupError(
                f"The environment lacks {', '.join(missing)}. localstack_init/template.yaml sets "
                "them on the function."
            )
        analyze, confidence = (environment[name] for name in NAMES)
        if analyze not in get_args(Analyze):
            raise ValueError(
                f"ANALYZE is {analyze!r}; write one of {', '.join(get_args(Analyze))}."
            )
        return cls(analyze, float(confidence))  # type: ignore[arg-type]

    @property
    def questions(self) -> tuple[str, ...]:
        """Which of them are asked: ``labels``, ``faces``, ``moderation``."""
        if self.analyze == "off":
            return ()
        return ("labels",) if self.analyze == "labels" else ("labels", "faces", "moderation")
