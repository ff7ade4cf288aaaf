"""HTTP endpoint for moderation overrides."""

from localstack.aws.api import CommonServiceException
from rolo import Request, Response

PATH = "/_emulator/rekognition/moderation"


def serve_moderation_overrides() -> None:
    """Add the endpoint to LocalStack's router."""
    from localstack.services.edge import ROUTER

    ROUTER.add(PATH, serve_overrides, methods=["GET", "PUT"])
    ROUTER.add(f"{PATH}/<id_>", remove_override, methods=["DELETE"])


def serve_overrides(request: Request, **_: object) -> Response:
    """Return the overrides (GET), or add one for the image in the body (PUT).

    ``?label=NAME`` may occur several times; ``&confidence=95`` applies to all labels.
    """
    from localstack_native.rekognition.moderation_overrides import OVERRIDES

    if request.method == "PUT":
        return _add_override(request)
    found = [{"id": each.id, "labels": each.labels} for each in OVERRIDES.all()]
    return Response.for_json({"overrides": found})


def remove_override(request: Request, **arguments: str) -> Response:
    """Remove an override by its ID."""
    from localstack_native.rekognition.moderation_overrides import OVERRIDES

    del request
    if not OVERRIDES.remove(arguments["id_"]):
        return Response.for_json({"message": "No override has this ID."}, status=404)
    return Response(status=204)


def _add_override(request: Request) -> Response:
    from localstack_native.rekognition import image_input, moderation, workers
    from localstack_native.rekognition.moderation_overrides import OVERRIDES

    names = request.args.getlist("label")
    unknown = [name for name in names if name not in moderation.taxonomy()]
    if not names or unknown:
        known = ", ".join(moderation.taxonomy())
        message = f"The query has no label, or an unknown one. Set ?label= to one of: {known}"
        return Response.for_json({"message": message}, status=400)
    try:
        confidence = float(request.args.get("confidence", "99"))
        content = request.get_data()
        image = workers.run(lambda: image_input.decode(content, min_side=1))
    except ValueError:
        return Response.for_json({"message": "The confidence must be a number."}, status=400)
    except CommonServiceException as refused:
        return Response.for_json({"message": refused.message}, status=refused.status_code)
    if not 0 <= confidence <= 100:
        return Response.for_json({"message": "The confidence must be from 0 to 100."}, status=400)
    override = OVERRIDES.add(image, dict.fromkeys(names, confidence))
    response = Response.for_json({"id": override.id, "labels": override.labels}, status=201)
    response.headers["Location"] = f"{PATH}/{override.id}"
    return response
