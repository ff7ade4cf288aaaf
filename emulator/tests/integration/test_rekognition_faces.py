"""DetectFaces on a photograph in all orientations and several sizes."""

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from .vision import ASTRONAUT, FACE, SAMPLES, Rekognition, box_of, encoded, overlap, sample

# What brings an image back that is stored in each of EXIF's orientations.
TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
ORIENTATION = 0x0112


@pytest.fixture
def portrait() -> Image.Image:
    """Return a photograph of one astronaut, wider than high."""
    with Image.open(ASTRONAUT) as image:
        return image.crop((0, 0, 512, 400))


def oriented(image: Image.Image, orientation: int, kind: str = "JPEG") -> bytes:
    """Return an image stored in an orientation, with its EXIF tag."""
    turn = TURNS[orientation]
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return encoded(image.transpose(turn) if turn is not None else image, kind, exif=exif)


def test_a_face_has_its_box_and_landmarks(rekognition: Rekognition) -> None:
    """The box is around the face, and the landmarks are where eyes, nose and mouth are."""
    (face,) = rekognition.faces(ASTRONAUT.read_bytes())
    assert overlap(box_of(face), FACE) > 0.6
    assert face["Confidence"] > 80
    points = {each["Type"]: (each["X"], each["Y"]) for each in face["Landmarks"]}
    for name, (x, y) in {
        "eyeLeft": (0.40, 0.20), "eyeRight": (0.48, 0.20), "nose": (0.44, 0.25),
        "mouthLeft": (0.41, 0.29), "mouthRight": (0.47, 0.29),
    }.items():  # fmt: skip
        assert points.pop(name) == pytest.approx((x, y), abs=0.04), name
    assert not points
    assert all(abs(degrees) < 30 for degrees in face["Pose"].values())
    assert 20 < face["Quality"]["Brightness"] < 90


@pytest.mark.parametrize("size", [160, 1600])
def test_boxes_do_not_depend_on_the_image_size(
    rekognition: Rekognition, portrait: Image.Image, size: int
) -> None:
    """Boxes are ratios of the image's size."""
    scaled = portrait.resize((size, size * portrait.height // portrait.width))
    (face,) = rekognition.faces(encoded(scaled))
    left, top, right, bottom = FACE
    assert overlap(box_of(face), (left, top * 1.28, right, bottom * 1.28)) > 0.6


@pytest.mark.parametrize("orientation", TURNS)
def test_a_jpeg_is_analyzed_in_its_exif_orientation(
    rekognition: Rekognition, portrait: Image.Image, orientation: int
) -> None:
    """Boxes refer to the image as a viewer displays it, and OrientationCorrection is absent."""
    response = rekognition.client.detect_faces(Image={"Bytes": oriented(portrait, orientation)})
    (face,) = response["FaceDetails"]
    left, top, right, bottom = FACE
    assert overlap(box_of(face), (left, top * 1.28, right, bottom * 1.28)) > 0.6
    assert "OrientationCorrection" not in response


def test_the_orientation_of_a_png_is_ignored(
    rekognition: Rekognition, portrait: Image.Image
) -> None:
    """As on AWS, boxes refer to the stored pixels of a PNG."""
    (face,) = rekognition.faces(oriented(portrait, 2, "PNG"))
    left, top, right, bottom = FACE
    assert overlap(box_of(face), (1 - right, top * 1.28, 1 - left, bottom * 1.28)) > 0.6


def test_broken_exif_is_ignored(rekognition: Rekognition, portrait: Image.Image) -> None:
    """An image with broken metadata is analyzed as it is stored."""
    (face,) = rekognition.faces(encoded(portrait, exif=b"Exif\0\0MM\0*" + b"\xff" * 40))
    left, top, right, bottom = FACE
    assert overlap(box_of(face), (left, top * 1.28, right, bottom * 1.28)) > 0.6


def test_a_tilted_head_has_a_roll(rekognition: Rekognition, portrait: Image.Image) -> None:
    """Roll is in degrees, and increases clockwise."""
    (upright,) = rekognition.faces(encoded(portrait))
    (leaning,) = rekognition.faces(encoded(portrait.rotate(-20)))
    assert leaning["Pose"]["Roll"] - upright["Pose"]["Roll"] == pytest.approx(20, abs=6)


def test_small_faces_are_found_after_large_ones(rekognition: Rekognition) -> None:
    """In a group image, faces of a twentieth of its width are found, the largest first."""
    group = Image.new("RGB", (1600, 1200), "gray")
    with Image.open(ASTRONAUT) as image:
        for place, size in (((100, 100), 420), ((900, 60), 512), ((500, 620), 420)):
            group.paste(image.resize((size, size)), place)
    found = [box_of(face) for face in rekognition.faces(encoded(group))]
    assert len(found) == 3
    areas = [(right - left) * (bottom - top) for left, top, right, bottom in found]
    assert areas == sorted(areas, reverse=True)
    assert found[0][0] > 900 / 1600


PEOPLED = {"astronaut.jpg", "boats.jpg", "photographer.png"}


@pytest.mark.parametrize("name", sorted({path.name for path in SAMPLES.glob("*.[jp]*g")} - PEOPLED))
def test_images_without_people_have_no_faces(rekognition: Rekognition, name: str) -> None:
    """Cats, raccoons, a cup, a flower, mountains and others have no faces."""
    assert rekognition.faces(sample(name)) == []


@pytest.mark.parametrize("attribute", ["ALL", "AGE_RANGE", "EMOTIONS"])
def test_unsupported_attributes_are_refused(rekognition: Rekognition, attribute: str) -> None:
    """Face attributes such as the age are refused with an error that names them."""
    with pytest.raises(ClientError, match=attribute) as refused:
        rekognition.client.detect_faces(
            Image={"Bytes": ASTRONAUT.read_bytes()}, Attributes=["DEFAULT", attribute]
        )
    assert refused.value.response["Error"]["Code"] == "InvalidParameterException"
