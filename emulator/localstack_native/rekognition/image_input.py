"""Input images of requests: loading from bytes or S3, limits, and decoding.

https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
https://docs.aws.amazon.com/rekognition/latest/dg/images-orientation.html
"""

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from localstack.aws.api import RequestContext
from localstack.aws.connect import connect_to

from localstack_native.access import buckets
from localstack_native.access.enforcement import refusal_on_behalf
from localstack_native.access.operations import Required
from localstack_native.access.principals import Principal
from localstack_native.rekognition.errors import error, invalid_parameters
from localstack_native.rekognition.image import DecodedImage

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_BYTES = 5 * 1024**2
MAX_OBJECT_BYTES = 15 * 1024**2
MIN_SIDE = 80
# Documented for labels and moderation.
MAX_SIDE = 10_000
# No network uses more pixels a side: a JPEG is decoded at a half, a quarter or an eighth.
_ENOUGH = 1280

# EXIF's tag, and Pillow's name of the transposition that turns each orientation upright.
_ORIENTATION = 0x0112
_TRANSPOSITIONS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})


def content_of(context: RequestContext, image: Mapping[str, Any]) -> bytes:
    """Return the bytes of a request's image. Raises the API's errors."""
    content: bytes = image.get("Bytes") or b""
    s3_object = image.get("S3Object")
    if bool(content) == bool(s3_object):
        raise invalid_parameters()
    if s3_object:
        return _from_s3(context, s3_object)
    if len(content) > MAX_BYTES:
        raise error(
            "ValidationException",
            "1 validation error detected: Value at 'image.bytes' failed to satisfy constraint:"
            f" Member must have length less than or equal to {MAX_BYTES}",
        )
    return content


def decode(content: bytes, min_side: int = MIN_SIDE) -> DecodedImage:
    """Return the decoded image of a file. Raises the API's errors."""
    from PIL import Image

    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as image:
            if max(image.size) > MAX_SIDE:
                raise error(
                    "ImageTooLargeException",
                    f"Image dimensions: {image.width} x {image.height} pixels exceed the maximum"
                    " limit.",
                )
            if min(image.size) < min_side:
                raise invalid_parameters()
            return _upright(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as broken:
        raise error("InvalidImageFormatException", "Request has invalid image format") from broken


def _upright(image: "Image") -> DecodedImage:
    from PIL import Image

    width, height = image.size
    orientation = _orientation(image)
    image.draft("RGB", (_ENOUGH, _ENOUGH))
    rgb = _in_rgb(image)
    if orientation and (name := _TRANSPOSITIONS.get(orientation)):
        rgb = rgb.transpose(Image.Transpose[name])
    if orientation in _ON_ITS_SIDE:
        width, height = height, width
    return DecodedImage(rgb, width, height)


def _orientation(image: "Image") -> int | None:
    """Return a JPEG's EXIF orientation; None without one, or if the metadata is broken."""
    # AWS: "Images in .png format don't contain Exif metadata".
    if image.format == "PNG":
        return None
    try:
        found = image.getexif().get(_ORIENTATION)
    except Exception:  # noqa: BLE001 (Pillow raises many kinds of errors)
        return None
    return found if isinstance(found, int) else None


def _in_rgb(image: "Image") -> "Image":
    from PIL import Image

    if image.mode.startswith("I"):
        # 16 bits a channel, which Pillow clips at 255 instead of scaling.
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in {"LA", "PA", "RGBA"} or "transparency" in image.info:
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image.convert("RGBA"))
    return image.convert("RGB")


def _from_s3(context: RequestContext, s3_object: Mapping[str, Any]) -> bytes:
    bucket, key, version = s3_object.get("Bucket"), s3_object.get("Name"), s3_object.get("Version")
    if not bucket or not key:
        raise invalid_parameters()
    found = buckets.find(bucket)
    caller = Principal.aws(f"arn:aws:iam::{context.account_id}:root")
    action = "s3:GetObjectVersion" if version else "s3:GetObject"
    if (
        found is None
        or str(found.bucket_region) != context.region
        or not buckets.is_allowed(caller, action, found, key, version=version)
        or refusal_on_behalf(context, Required(action, f"arn:aws:s3:::{bucket}/{key}"))
    ):
        raise _unreachable()
    s3 = connect_to(aws_access_key_id=context.account_id, region_name=context.region).s3
    which = {"VersionId": version} if version else {}
    try:
        response = s3.get_object(Bucket=bucket, Key=key, **which)
    except ClientError as refused:
        raise _unreachable() from refused
    if response["ContentLength"] > MAX_OBJECT_BYTES:
        response["Body"].close()
        raise error(
            "ImageTooLargeException",
            f"Image size of {response['ContentLength']} bytes exceeds the maximum limit of"
            f" {MAX_OBJECT_BYTES} bytes.",
        )
    return bytes(response["Body"].read())


def _unreachable() -> Exception:
    return error(
        "InvalidS3ObjectException",
        "Unable to get object metadata from S3. Check object key, region and/or access"
        " permissions.",
    )
