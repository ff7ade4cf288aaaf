"""What DetectFaces answers: boxes, landmarks, and what follows from them."""

import math
from typing import TYPE_CHECKING, Any

from darkroom_emulator.rekognition.picture import Picture

if TYPE_CHECKING:
    from darkroom_emulator.rekognition.networks.face_detector import Face

MOST = 100
# Half the width of a mouth, in distances of the eyes.
_MOUTH = 0.4
# How far below the line of the eyes a nose's tip is in a face that looks straight ahead.
_NOSE = 0.55

type Point = tuple[float, float]


def detect(picture: Picture) -> list[dict[str, Any]]:
    """Return the details of the hundred largest faces, largest first."""
    from darkroom_emulator.rekognition.networks import face_detector

    found = sorted(face_detector.detect(picture.image), key=_area, reverse=True)
    return [_details(face, picture) for face in found[:MOST]]


def _area(face: "Face") -> float:
    left, top, right, bottom = face.box
    return (right - left) * (bottom - top)


def _details(face: "Face", picture: Picture) -> dict[str, Any]:
    left, top, right, bottom = (min(max(value, 0.0), 1.0) for value in face.box)
    return {
        "BoundingBox": {
            "Width": right - left, "Height": bottom - top, "Left": left, "Top": top
        },
        "Landmarks": [
            {"Type": name, "X": x / picture.width, "Y": y / picture.height}
            for name, (x, y) in _landmarks(face, picture).items()
        ],
        "Pose": _pose(face, picture),
        "Quality": _quality((left, top, right, bottom), picture),
        "Confidence": face.score * 100,
    }  # fmt: skip


def _points(face: "Face", picture: Picture) -> list[Point]:
    return [(x * picture.width, y * picture.height) for x, y in face.points]


def _landmarks(face: "Face", picture: Picture) -> dict[str, Point]:
    """Return AWS's five in pixels; of the mouth, only the center is measured."""
    left, right, nose, mouth, *_ = _points(face, picture)
    x, y = (right[0] - left[0]) * _MOUTH, (right[1] - left[1]) * _MOUTH
    return {
        "eyeLeft": left,
        "eyeRight": right,
        "mouthLeft": (mouth[0] - x, mouth[1] - y),
        "mouthRight": (mouth[0] + x, mouth[1] + y),
        "nose": nose,
    }


def _pose(face: "Face", picture: Picture) -> dict[str, float]:
    """Return degrees: roll as measured, yaw and pitch as far as a nose's place tells them."""
    left, right, nose, mouth, *_ = _points(face, picture)
    across = right[0] - left[0], right[1] - left[1]
    eyes = math.hypot(*across) or 1.0
    roll = math.degrees(math.atan2(across[1], across[0]))
    middle = (left[0] + right[0]) / 2, (left[1] + right[1]) / 2
    # The nose in a face that is turned upright, in distances of the eyes from between them.
    unit = across[0] / eyes, across[1] / eyes
    x, y = nose[0] - middle[0], nose[1] - middle[1]
    aside, below = (x * unit[0] + y * unit[1]) / eyes, (y * unit[0] - x * unit[1]) / eyes
    down = math.hypot(mouth[0] - middle[0], mouth[1] - middle[1]) / eyes or 1.0
    return {
        "Roll": roll,
        "Yaw": math.degrees(math.asin(min(max(aside, -1.0), 1.0))),
        "Pitch": math.degrees(math.asin(min(max(_NOSE - below / down, -1.0), 1.0))),
    }


def _quality(box: tuple[float, float, float, float], picture: Picture) -> dict[str, float]:
    """Return brightness and sharpness of the face from 0 to 100, by a scale of our own."""
    from PIL import ImageFilter, ImageStat

    left, top, right, bottom = box
    width, height = picture.image.size
    crop = picture.image.crop(
        (
            math.floor(left * width),
            math.floor(top * height),
            max(math.ceil(right * width), math.floor(left * width) + 1),
            max(math.ceil(bottom * height), math.floor(top * height) + 1),
        )
    ).convert("L")
    edges = ImageStat.Stat(crop.filter(ImageFilter.FIND_EDGES)).rms[0]
    return {
        "Brightness": ImageStat.Stat(crop).mean[0] / 255 * 100,
        "Sharpness": min(edges / 64, 1.0) * 100,
    }
