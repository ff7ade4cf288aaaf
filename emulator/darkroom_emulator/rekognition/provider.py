"""The Rekognition API, as far as it is about what one picture shows.

https://docs.aws.amazon.com/rekognition/latest/APIReference/

What comes and goes is shaped by botocore's service model; the methods take requests whole. All
other operations are refused as LocalStack refuses what a service of its own lacks.
"""

from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.api import RequestContext, handler
from localstack.services.plugins import Service, ServiceLifecycleHook, aws_provider

from darkroom_emulator.rekognition import faces, labels, moderation, pictures, text, workers
from darkroom_emulator.rekognition.errors import invalid_parameters, not_emulated
from darkroom_emulator.rekognition.picture import Picture

type Answer = dict[str, Any]


class RekognitionProvider(ServiceLifecycleHook):
    """Each request is answered from its picture alone; nothing is kept."""

    service = "rekognition"

    @handler("DetectLabels", expand=False)
    def detect_labels(self, context: RequestContext, request: Mapping[str, Any]) -> Answer:
        """Tell what a picture shows."""
        settings = request.get("Settings") or {}
        features = set(request.get("Features") or ())
        if unknown := features - {"GENERAL_LABELS", "IMAGE_PROPERTIES"}:
            raise invalid_parameters(f"there is no feature {', '.join(sorted(unknown))}")
        if "IMAGE_PROPERTIES" in features or "ImageProperties" in settings:
            raise not_emulated("IMAGE_PROPERTIES, but GENERAL_LABELS alone")
        confidence = _confidence(request, labels.DEFAULT_CONFIDENCE)
        found = _look(context, request, labels.detect)
        most, filters = request.get("MaxLabels"), settings.get("GeneralLabels") or {}
        return {
            "Labels": labels.chosen(found, confidence, most, filters),
            "LabelModelVersion": labels.MODEL_VERSION,
        }

    @handler("DetectFaces", expand=False)
    def detect_faces(self, context: RequestContext, request: Mapping[str, Any]) -> Answer:
        """Tell where faces are."""
        if others := set(request.get("Attributes") or ()) - {"DEFAULT"}:
            raise not_emulated(
                f"{', '.join(sorted(others))}: of faces it finds the DEFAULT attributes alone"
            )
        return {"FaceDetails": _look(context, request, faces.detect)}

    @handler("DetectModerationLabels", expand=False)
    def detect_moderation_labels(
        self, context: RequestContext, request: Mapping[str, Any]
    ) -> Answer:
        """Tell whether a picture is explicit, or what was declared that it is."""
        for name in ("HumanLoopConfig", "ProjectVersion"):
            if name in request:
                raise not_emulated(name)
        confidence = _confidence(request, moderation.DEFAULT_CONFIDENCE)
        found = _look(context, request, moderation.detect)
        return {
            "ModerationLabels": [each for each in found if each["Confidence"] >= confidence],
            "ModerationModelVersion": moderation.MODEL_VERSION,
            "ContentTypes": [],
        }

    @handler("DetectText", expand=False)
    def detect_text(self, context: RequestContext, request: Mapping[str, Any]) -> Answer:
        """Tell what is written in a picture."""
        filters = request.get("Filters") or {}
        if filters.get("RegionsOfInterest"):
            raise not_emulated("RegionsOfInterest")
        words = filters.get("WordFilter") or {}
        return {
            "TextDetections": _look(context, request, lambda each: text.detect(each, words)),
            "TextModelVersion": text.MODEL_VERSION,
        }


def _look[T](
    context: RequestContext, request: Mapping[str, Any], detect: Callable[[Picture], T]
) -> T:
    """Return what is found in the picture of a request."""
    content = pictures.content_of(context, request["Image"])
    return workers.run(lambda: detect(pictures.decode(content)))


def _confidence(request: Mapping[str, Any], default: float) -> float:
    wanted = request.get("MinConfidence")
    if wanted is None:
        return default
    if not 0 <= wanted <= 100:
        raise invalid_parameters()
    return float(wanted)


@aws_provider(api="rekognition")
def rekognition() -> Service:
    """Make the service; LocalStack calls this at the first request."""
    return Service.for_provider(RekognitionProvider())
