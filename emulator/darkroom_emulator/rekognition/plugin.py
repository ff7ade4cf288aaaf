"""Declaring pictures' moderation labels over HTTP."""

from localstack.aws.api import CommonServiceException
from localstack.runtime import hooks
from rolo import Request, Response

PATH = "/_emulator/rekognition/moderation"


@hooks.on_infra_start()
def declare_moderation() -> None:
    """Let everybody who reaches the emulator declare what a picture is."""
    from localstack.services.edge import ROUTER

    ROUTER.add(PATH, answer, methods=["GET", "PUT"])
    ROUTER.add(f"{PATH}/<id_>", forget, methods=["DELETE"])


def answer(request: Request, **_: object) -> Response:
    """Tell what is declared (GET), after declaring the picture in the body (PUT).

    ``?label=NAME`` may be there several times; ``&confidence=95`` is that of them all.
    """
    from darkroom_emulator.rekognition.declared import DECLARED

    if request.method == "PUT":
        return _declare(request)
    found = [{"id": each.id, "labels": each.labels} for each in DECLARED.all()]
    return Response.for_json({"pictures": found})


def forget(request: Request, **arguments: str) -> Response:
    """Forget a declaration by its id."""
    from darkroom_emulator.rekognition.declared import DECLARED

    del request
    if not DECLARED.remove(arguments["id_"]):
        return Response.for_json({"message": "There is no such declaration."}, status=404)
    return Response(status=204)


def _declare(request: Request) -> Response:
    from darkroom_emulator.rekognition import moderation, pictures, workers
    from darkroom_emulator.rekognition.declared import DECLARED

    names = request.args.getlist("label")
    unknown = [name for name in names if name not in moderation.taxonomy()]
    if not names or unknown:
        known = ", ".join(moderation.taxonomy())
        return Response.for_json({"message": f"Name a label by ?label=: {known}"}, status=400)
    try:
        confidence = float(request.args.get("confidence", "99"))
        content = request.get_data()
        picture = workers.run(lambda: pictures.decode(content, min_side=1))
    except ValueError:
        return Response.for_json({"message": "The confidence is no number."}, status=400)
    except CommonServiceException as refused:
        return Response.for_json({"message": refused.message}, status=refused.status_code)
    if not 0 <= confidence <= 100:
        return Response.for_json({"message": "A confidence is from 0 to 100."}, status=400)
    declared = DECLARED.add(picture, dict.fromkeys(names, confidence))
    answer = Response.for_json({"id": declared.id, "labels": declared.labels}, status=201)
    answer.headers["Location"] = f"{PATH}/{declared.id}"
    return answer
