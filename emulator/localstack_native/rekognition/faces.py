"""DetectFaces: bounding boxes, landmarks, pose and quality of faces."""

import math
from typing import TYPE_CHECKING, Any

from localstack_native.rekognition.image import DecodedImage

if TYPE_CHECKING:
    from localstack_native.rekognition.networks.face_detector import Face

MOST = 100
# Half the width of a mouth, in units of the distance between the eyes.
_MOUTH = 0.4
# The distance of the nose's tip from the line of the eyes, in a face that looks straight ahead.
_NOSE = 0.55

type Point = tuple[float, float]


def detect(image: DecodedImage) -> list[dict[str, Any]]:
    """Return the details of the hundred largest faces, largest first."""
    from localstack_native.rekognition.networks import face_detector

    found = sorted(face_detector.detect(image.pixels), key=_area, reverse=True)
    return [_details(face, image) for face in found[:MOST]]


def _area(face: "Face") -> float:
    left, top, right, bottom = face.box
    return (right - left) * (bottom - top)


def _details(face: "Face", image: DecodedImage) -> dict[str, Any]:
    left, top, right, bottom = (min(max(value, 0.0), 1.0) for value in face.box)
    return {
        "BoundingBox": {
            "Width": right - left, "Height": bottom - top, "Left": left, "Top": top
        },
        "Landmarks": [
            {"Type": name, "X": x / image.width, "Y": y / image.height}
            for name, (x, y) in _landmarks(face, image).items()
        ],
        "Pose": _pose(face, image),
        "Quality": _quality((left, top, right, bottom), image),
        "Confidence": face.score * 100,
    }  # fmt: skip


def _points(face: "Face", image: DecodedImage) -> list[Point]:
    return [(x * image.width, y * image.height) for x, y in face.points]


def _landmarks(face: "Face", image: DecodedImage) -> dict[str, Point]:
    """Return AWS's five landmarks in pixels; the mouth's corners are estimated from its center."""
    left, right, nose, mouth, *_ = _points(face, image)
    x, y = (right[0] - left[0]) * _MOUTH, (right[1] - left[1]) * _MOUTH
    return {
        "eyeLeft": left,
        "eyeRight": right,
        "mouthLeft": (mouth[0] - x, mouth[1] - y),
        "mouthRight": (mouth[0] + x, mouth[1] + y),
        "nose": nose,
    }


def _pose(face: "Face", image: DecodedImage) -> dict[str, float]:
    """Return roll, yaw and pitch in degrees; yaw and pitch are estimated from the nose."""
    left, right, nose, mouth, *_ = _points(face, image)
    across = right[0] - left[0], right[1] - left[1]
    eyes = math.hypot(*across) or 1.0
    roll = math.degrees(math.atan2(across[1], across[0]))
    middle = (left[0] + right[0]) / 2, (left[1] + right[1]) / 2
    # The nose relative to the middle of the eyes, in a face that is turned upright, in units of the
    # distance between the eyes.
    unit = across[0] / eyes, across[1] / eyes
    x, y = nose[0] - middle[0], nose[1] - middle[1]
    aside, below = (x * unit[0] + y * unit[1]) / eyes, (y * unit[0] - x * unit[1]) / eyes
    down = math.hypot(mouth[0] - middle[0], mouth[1] - middle[1]) / eyes or 1.0
    return {
        "Roll": roll,
        "Yaw": math.degrees(math.asin(min(max(aside, -1.0), 1.0))),
        "Pitch": math.degrees(math.asin(min(max(_NOSE - below / down, -1.0), 1.0))),
    }


def _quality(box: tuple[float, float, float, float], image: DecodedImage) -> dict[str, float]:
    """Return brightness and sharpness of the face from 0 to 100; the scale differs from AWS's."""
    from PIL import ImageFilter, ImageStat

    left, top, right, bottom = box
    width, height = image.pixels.size
    crop = image.pixels.crop(
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
