"""The Rekognition provider: DetectLabels, DetectFaces, DetectModerationLabels, DetectText.

https://docs.aws.amazon.com/rekognition/latest/APIReference/

Requests and responses have the shapes of botocore's service model. LocalStack returns its usual
error for all other operations.
"""

from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.api import RequestContext, handler
from localstack.services.plugins import Service, ServiceLifecycleHook

from localstack_native.rekognition import faces, image_input, labels, moderation, text, workers
from localstack_native.rekognition.errors import invalid_parameters, not_emulated
from localstack_native.rekognition.image import DecodedImage

type Output = dict[str, Any]


class RekognitionProvider(ServiceLifecycleHook):
    """Rekognition's image operations, which have no state."""

    service = "rekognition"

    @handler("DetectLabels", expand=False)
    def detect_labels(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Return the labels of an image."""
        settings = request.get("Settings") or {}
        features = set(request.get("Features") or ())
        if unknown := features - {"GENERAL_LABELS", "IMAGE_PROPERTIES"}:
            raise invalid_parameters(f"unknown feature {', '.join(sorted(unknown))}")
        if "IMAGE_PROPERTIES" in features or "ImageProperties" in settings:
            raise not_emulated("IMAGE_PROPERTIES, only GENERAL_LABELS")
        confidence = _confidence(request, labels.DEFAULT_CONFIDENCE)
        found = _detect_in(context, request, labels.detect)
        most, filters = request.get("MaxLabels"), settings.get("GeneralLabels") or {}
        return {
            "Labels": labels.filtered(found, confidence, most, filters),
            "LabelModelVersion": labels.MODEL_VERSION,
        }

    @handler("DetectFaces", expand=False)
    def detect_faces(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Return the faces in an image."""
        if others := set(request.get("Attributes") or ()) - {"DEFAULT"}:
            raise not_emulated(
                f"the face attributes {', '.join(sorted(others))}, only those of DEFAULT"
            )
        return {"FaceDetails": _detect_in(context, request, faces.detect)}

    @handler("DetectModerationLabels", expand=False)
    def detect_moderation_labels(
        self, context: RequestContext, request: Mapping[str, Any]
    ) -> Output:
        """Return the moderation labels of an image, or those of its override."""
        for name in ("HumanLoopConfig", "ProjectVersion"):
            if name in request:
                raise not_emulated(name)
        confidence = _confidence(request, moderation.DEFAULT_CONFIDENCE)
        found = _detect_in(context, request, moderation.detect)
        return {
            "ModerationLabels": [each for each in found if each["Confidence"] >= confidence],
            "ModerationModelVersion": moderation.MODEL_VERSION,
            "ContentTypes": [],
        }

    @handler("DetectText", expand=False)
    def detect_text(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Return the lines and words of text in an image."""
        filters = request.get("Filters") or {}
        if filters.get("RegionsOfInterest"):
            raise not_emulated("RegionsOfInterest")
        words = filters.get("WordFilter") or {}
        return {
            "TextDetections": _detect_in(context, request, lambda each: text.detect(each, words)),
            "TextModelVersion": text.MODEL_VERSION,
        }


def _detect_in[T](
    context: RequestContext, request: Mapping[str, Any], detect: Callable[[DecodedImage], T]
) -> T:
    """Return the result of ``detect`` for a request's image."""
    content = image_input.content_of(context, request["Image"])
    return workers.run(lambda: detect(image_input.decode(content)))


def _confidence(request: Mapping[str, Any], default: float) -> float:
    wanted = request.get("MinConfidence")
    if wanted is None:
        return default
    if not 0 <= wanted <= 100:
        raise invalid_parameters()
    return float(wanted)


def service() -> Service:
    """Return the service."""
    return Service.for_provider(RekognitionProvider())
