"""Asks Rekognition about pictures.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectLabels.html
"""

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from processor.moderation.settings import ModerationSettings
from processor.telemetry.log import logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_rekognition import RekognitionClient

LABELS = 30
"""Most of them that are asked for, and..."""

LABEL_CONFIDENCE = 55.0
"""...percent that Rekognition is to be sure of each: its own default."""

MODERATION_CONFIDENCE = 50.0
"""Percent from which a moderation label is worth keeping, whatever is made of it."""

UNREADABLE = (
    "InvalidImageFormatException",
    "ImageTooLargeException",
    "InvalidParameterException",
)
"""What Rekognition says of pictures that it will take at no other time either."""


@dataclass(frozen=True, slots=True)
class Analyst:
    """Asks what there is to ask, all at once."""

    rekognition: "RekognitionClient"
    wishes: ModerationSettings
    executor: Executor

    def ask(self, picture: bytes) -> dict[str, Any]:
        """Rekognition's answers by question; none at all if it cannot read the picture.

        Errors that may pass by themselves are raised, as botocore raises them.
        """
        questions: dict[str, Callable[[], Any]] = {
            "labels": lambda: self.rekognition.detect_labels(
                Image={"Bytes": picture}, MaxLabels=LABELS, MinConfidence=LABEL_CONFIDENCE
            ),
            "faces": lambda: self.rekognition.detect_faces(Image={"Bytes": picture}),
            "moderation": lambda: self.rekognition.detect_moderation_labels(
                Image={"Bytes": picture}, MinConfidence=MODERATION_CONFIDENCE
            ),
        }
        asked = {name: self.executor.submit(questions[name]) for name in self.wishes.questions}
        errors = [error for each in asked.values() if (error := each.exception())]
        for error in errors:
            if not (
                isinstance(error, ClientError) and error.response["Error"]["Code"] in UNREADABLE
            ):
                raise error
        if errors:
            logger.warning("not analyzed", reason=str(errors[0]))
            return {}
        return {name: each.result() for name, each in asked.items()}
