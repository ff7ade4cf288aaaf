"""Rekognition client: DetectLabels, DetectFaces and DetectModerationLabels in parallel.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectLabels.html
"""

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from processor.settings import ModerationSettings
from processor.telemetry.log import logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_rekognition import RekognitionClient

LABELS = 30
"""Maximum number of labels that are requested."""

LABEL_CONFIDENCE = 55.0
"""Minimum confidence of a label in percent: Rekognition's own default."""

MODERATION_CONFIDENCE = 50.0
"""Minimum confidence in percent of a moderation label that the entry keeps."""

UNREADABLE = (
    "InvalidImageFormatException",
    "ImageTooLargeException",
    "InvalidParameterException",
)
"""Error codes for images that Rekognition will never read."""


@dataclass(frozen=True, slots=True)
class Rekognition:
    """Calls Rekognition for images."""

    client: "RekognitionClient"
    settings: ModerationSettings
    executor: Executor

    def detect(self, image: bytes) -> dict[str, Any]:
        """Return Rekognition's responses by question; none if it cannot read the image.

        Raises transient errors as botocore does.
        """
        questions: dict[str, Callable[[], Any]] = {
            "labels": lambda: self.client.detect_labels(
                Image={"Bytes": image}, MaxLabels=LABELS, MinConfidence=LABEL_CONFIDENCE
            ),
            "faces": lambda: self.client.detect_faces(Image={"Bytes": image}),
            "moderation": lambda: self.client.detect_moderation_labels(
                Image={"Bytes": image}, MinConfidence=MODERATION_CONFIDENCE
            ),
        }
        asked = {name: self.executor.submit(questions[name]) for name in self.settings.questions}
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
