"""Input images of Rekognition: sources, formats, limits and errors."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from PIL import Image

from tests.speed import LIMIT

from .localstack import LocalStack
from .vision import ASTRONAUT, Rekognition, encoded, sample
from .waiting import wait_for

OPERATIONS = (
    "detect_labels", "detect_faces", "detect_moderation_labels", "detect_text",
)  # fmt: skip
UNREACHABLE = (
    "InvalidS3ObjectException",
    "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
)
INVALID_FORMAT = ("InvalidImageFormatException", "Request has invalid image format")
INVALID = ("InvalidParameterException", "Request has invalid parameters")


def plain(width: int, height: int, kind: str = "PNG") -> bytes:
    """Return an image of one color."""
    return encoded(Image.new("RGB", (width, height), "olive"), kind)


def error_of(rekognition: Rekognition, operation: str, image: dict[str, Any]) -> tuple[str, str]:
    """Return the code and message of an image's error."""
    with pytest.raises(ClientError) as refused:
        getattr(rekognition.client, operation)(Image=image)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture(scope="module")
def s3(emulator: LocalStack) -> Any:
    """Return S3 with a bucket named images."""
    client = emulator.client("s3")
    client.create_bucket(Bucket="images")
    return client


@pytest.mark.parametrize("key", ["astronaut.jpg", "a b/ä+%2F?.jpg"])
def test_an_image_in_s3_is_the_same_as_its_bytes(
    rekognition: Rekognition, s3: Any, key: str
) -> None:
    """An object with any key gets the same response as its bytes."""
    s3.put_object(Bucket="images", Key=key, Body=ASTRONAUT.read_bytes())
    image = {"S3Object": {"Bucket": "images", "Name": key}}
    response = rekognition.client.detect_faces(Image=image)
    assert response["FaceDetails"] == rekognition.faces(ASTRONAUT.read_bytes())


def test_a_version_can_be_analyzed(rekognition: Rekognition, s3: Any) -> None:
    """An older version of an object can be analyzed; the default is the newest."""
    s3.create_bucket(Bucket="versions")
    s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket="versions", Key="it", Body=ASTRONAUT.read_bytes())["VersionId"]
    s3.put_object(Bucket="versions", Key="it", Body=sample("coffee.png"))
    place = {"Bucket": "versions", "Name": "it"}
    detect = rekognition.client.detect_faces
    assert len(detect(Image={"S3Object": {**place, "Version": old}})["FaceDetails"]) == 1
    assert detect(Image={"S3Object": place})["FaceDetails"] == []
    s3.delete_object(Bucket="versions", Key="it")
    assert error_of(rekognition, "detect_faces", {"S3Object": place}) == UNREACHABLE


def test_missing_objects_have_one_error(rekognition: Rekognition, s3: Any) -> None:
    """A missing bucket, a missing object and a missing version return the same error."""
    s3.put_object(Bucket="images", Key="there", Body=b"")
    for place in (
        {"Bucket": "no-such-bucket", "Name": "it"},
        {"Bucket": "images", "Name": "not-there"},
        {"Bucket": "images", "Name": "there", "Version": "none"},
    ):
        assert error_of(rekognition, "detect_labels", {"S3Object": place}) == UNREACHABLE


def test_a_bucket_of_another_region_is_unreachable(rekognition: Rekognition, s3: Any) -> None:
    """As on AWS, Rekognition reads buckets of its own region only."""
    s3.create_bucket(
        Bucket="far-away", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    s3.put_object(Bucket="far-away", Key="it", Body=sample("coffee.png"))
    place = {"S3Object": {"Bucket": "far-away", "Name": "it"}}
    assert error_of(rekognition, "detect_labels", place) == UNREACHABLE


def test_a_denied_object_is_not_analyzed(rekognition: Rekognition, s3: Any) -> None:
    """A principal that a bucket's policy denies an object can't have it analyzed."""
    s3.create_bucket(Bucket="denied")
    s3.put_object(Bucket="denied", Key="it", Body=sample("coffee.png"))
    place = {"S3Object": {"Bucket": "denied", "Name": "it"}}
    assert rekognition.client.detect_labels(Image=place)["Labels"]
    statement = {
        "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::denied/*",
    }  # fmt: skip
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(Bucket="denied", Policy=json.dumps(policy))
    assert error_of(rekognition, "detect_labels", place) == UNREACHABLE


def test_a_bucket_of_another_account_is_unreachable(emulator: LocalStack, s3: Any) -> None:
    """Another account's objects can't be analyzed."""
    s3.put_object(Bucket="images", Key="ours", Body=sample("coffee.png"))
    stranger = boto3.client(
        "rekognition", "us-east-1", endpoint_url=emulator.url,
        aws_access_key_id="999988887777", aws_secret_access_key="test",
    )  # fmt: skip
    with pytest.raises(ClientError, match=UNREACHABLE[0]):
        stranger.detect_labels(Image={"S3Object": {"Bucket": "images", "Name": "ours"}})


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    "content",
    [b"not an image", plain(100, 100, "GIF"), plain(100, 100, "WEBP"), sample("coffee.png")[:999]],
    ids=["text", "GIF", "WebP", "cut off"],
)
def test_other_formats_are_refused(
    rekognition: Rekognition, operation: str, content: bytes
) -> None:
    """Everything but complete JPEG and PNG files is refused."""
    assert error_of(rekognition, operation, {"Bytes": content}) == INVALID_FORMAT


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_is_analyzed(rekognition: Rekognition, mode: str) -> None:
    """Gray, palette, transparent and 16-bit PNGs are analyzed."""
    with Image.open(ASTRONAUT) as image:
        if mode == "I;16":
            # Each gray value in the upper of two bytes.
            gray = image.convert("L").tobytes()
            wide = bytes(byte for value in gray for byte in (0, value))
            converted = Image.frombytes("I;16", image.size, wide)
        else:
            converted = image.convert(mode)
    (face,) = rekognition.faces(encoded(converted, "PNG"))
    assert 0.3 < face["BoundingBox"]["Left"] < 0.4


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_gray_and_cmyk_jpegs_are_analyzed(rekognition: Rekognition, mode: str) -> None:
    """Gray and CMYK JPEGs are analyzed."""
    with Image.open(ASTRONAUT) as image:
        assert len(rekognition.faces(encoded(image.convert(mode)))) == 1


@pytest.mark.parametrize("operation", OPERATIONS)
def test_small_images_are_refused(rekognition: Rekognition, operation: str) -> None:
    """A side of 79 pixels is an invalid parameter, without a reason."""
    assert getattr(rekognition.client, operation)(Image={"Bytes": plain(80, 200)})
    assert error_of(rekognition, operation, {"Bytes": plain(200, 79)}) == INVALID


def test_an_image_may_have_10000_pixels_a_side(rekognition: Rekognition) -> None:
    """A side of 10,001 pixels is too large."""
    assert rekognition.labels(plain(10_000, 100), MinConfidence=0)
    code, message = error_of(rekognition, "detect_labels", {"Bytes": plain(10_001, 100)})
    assert code == "ImageTooLargeException"
    assert "10001 x 100" in message


def padded(size: int) -> bytes:
    """Return an image in a file of some size: bytes after a JPEG are ignored."""
    return ASTRONAUT.read_bytes().ljust(size, b"\0")


def test_bytes_have_a_limit(rekognition: Rekognition) -> None:
    """Bytes in the request may have 5 MB."""
    assert len(rekognition.faces(padded(5 * 1024**2))) == 1
    code, message = error_of(rekognition, "detect_faces", {"Bytes": padded(5 * 1024**2 + 1)})
    assert code == "ValidationException"
    assert message == (
        "1 validation error detected: Value at 'image.bytes' failed to satisfy constraint:"
        " Member must have length less than or equal to 5242880"
    )


def test_objects_have_a_limit(rekognition: Rekognition, s3: Any) -> None:
    """Objects in S3 may have 15 MB."""
    place = {"S3Object": {"Bucket": "images", "Name": "large"}}
    s3.put_object(Bucket="images", Key="large", Body=padded(15 * 1024**2))
    assert len(rekognition.client.detect_faces(Image=place)["FaceDetails"]) == 1
    s3.put_object(Bucket="images", Key="large", Body=padded(15 * 1024**2 + 1))
    assert error_of(rekognition, "detect_faces", place)[0] == "ImageTooLargeException"


def test_an_image_is_bytes_or_an_object(rekognition: Rekognition) -> None:
    """Neither, both, and half an object are invalid."""
    place = {"Bucket": "images", "Name": "it"}
    for image in ({}, {"Bytes": plain(99, 99), "S3Object": place}, {"S3Object": {"Name": "it"}}):
        assert error_of(rekognition, "detect_labels", image) == INVALID


def test_concurrent_requests_get_their_own_responses(rekognition: Rekognition) -> None:
    """Concurrent requests get the same responses as consecutive ones."""
    images = [ASTRONAUT.read_bytes(), sample("coffee.png"), sample("raccoon.jpg")]

    def detect(image: bytes) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        return rekognition.faces(image), rekognition.labels(image)

    alone = [detect(image) for image in images]
    with ThreadPoolExecutor(9) as pool:
        assert list(pool.map(detect, images * 6)) == alone * 6


def test_other_operations_are_not_implemented(rekognition: Rekognition) -> None:
    """Operations on collections of faces return LocalStack's error."""
    with pytest.raises(ClientError, match="ListCollections"):
        rekognition.client.list_collections()


@pytest.mark.parametrize(
    ("missing", "operation", "extra"),
    [("PIL", "detect_labels", "vision"), ("rapidocr", "detect_text", "text")],
)
def test_without_its_packages_an_error_names_the_extra(
    own_root: Path, missing: str, operation: str, extra: str
) -> None:
    """Without the extra, the error names what to install, and other services work."""
    packages = own_root / "packages"
    packages.mkdir(parents=True)
    (packages / f"{missing}.py").write_text(f"raise ImportError('There is no {missing}.')\n")
    with LocalStack(own_root, PYTHONPATH=str(packages)) as localstack:
        localstack.wait_until_healthy()
        with pytest.raises(ClientError) as refused:
            getattr(localstack.client("rekognition"), operation)(
                Image={"Bytes": sample("coffee.png")}
            )
        localstack.client("s3").list_buckets()
    assert f"pip install 'localstack-extension-native[{extra}]'" in str(refused.value)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_a_checkpoint_runs_no_code(tmp_path: Path) -> None:
    """Weights are a pickle; a call in it is not executed."""
    program = """
import os, pickle, sys
from pathlib import Path
from localstack_native.rekognition.networks import checkpoint

class Evil:
    def __reduce__(self):
        return os.mkdir, (sys.argv[1] + "/harm",)

file = Path(sys.argv[1], "weights.pth")
file.write_bytes(pickle.dumps(Evil()))
try:
    checkpoint.read(file)
except pickle.UnpicklingError as refused:
    print(refused)
"""

    ran = subprocess.run(
        [sys.executable, "-c", program, tmp_path],
        check=True,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert ran.stdout == "A checkpoint must not use posix.mkdir.\n"
    assert not (tmp_path / "harm").exists()


def test_a_state_machine_can_call_rekognition(
    emulator: LocalStack, rekognition: Rekognition, s3: Any
) -> None:
    """Step Functions' SDK integrations work, and errors have AWS's names."""
    steps = emulator.client("stepfunctions")
    s3.put_object(Bucket="images", Key="of a state", Body=ASTRONAUT.read_bytes())
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:rekognition:detectFaces",
        "Parameters": {"Image": {"S3Object": {"Bucket": "images", "Name.$": "$.key"}}},
        "Catch": [{"ErrorEquals": ["Rekognition.InvalidS3ObjectException"], "Next": "Unreachable"}],
        "End": True,
    }
    states = {"Look": state, "Unreachable": {"Type": "Pass", "Result": "caught", "End": True}}
    arn = steps.create_state_machine(
        name="looking",
        definition=json.dumps({"StartAt": "Look", "States": states}),
        roleArn="arn:aws:iam::000000000000:role/any",
    )["stateMachineArn"]

    def run(key: str) -> Any:
        execution = steps.start_execution(stateMachineArn=arn, input=json.dumps({"key": key}))
        place = {"executionArn": execution["executionArn"]}
        wait_for(lambda: steps.describe_execution(**place)["status"] != "RUNNING")
        return json.loads(steps.describe_execution(**place)["output"])

    assert run("of a state")["FaceDetails"] == rekognition.faces(ASTRONAUT.read_bytes())
    assert run("not there") == "caught"
