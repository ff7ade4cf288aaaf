"""A plain handler: read, resize and store, one image after another.

Without claims: a duplicate event is processed twice, the last write wins, and one unreadable image
fails its whole batch.
"""

import io
import json
import os
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

import boto3
from PIL import Image, ImageDraw, ImageFont, ImageOps

s3 = boto3.client("s3")
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event: dict[str, Any], _context: object) -> None:
    """Render each image of the batch."""
    for message in event["Records"]:
        for record in json.loads(message["body"]).get("Records", []):
            process(
                record["s3"]["bucket"]["name"],
                unquote_plus(record["s3"]["object"]["key"]),
                record["eventTime"],
            )


def process(bucket: str, key: str, uploaded: str) -> None:
    """Read an image, store its renditions, and write its item."""
    data = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")

    thumb = ImageOps.fit(image, (300, 300))
    preview = image.copy()
    preview.thumbnail((800, 800))
    web = image.copy()
    web.thumbnail((1600, 1600))
    font = ImageFont.load_default(web.height / 20)
    place = (web.width - 10, web.height - 10)
    ImageDraw.Draw(web).text(place, "Darkroom", "white", font, anchor="rd")

    renditions = [
        store(key, "thumb.webp", thumb, "WEBP", quality=80),
        store(key, "preview.webp", preview, "WEBP", quality=80),
        store(key, "web.jpg", web, "JPEG", quality=82, progressive=True),
    ]
    table.put_item(
        Item={
            "filename": key,
            "status": "done",
            "timestamp": uploaded,
            "updated": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "renditions": renditions,
        }
    )


def store(key: str, name: str, image: Image.Image, kind: str, **options: Any) -> str:  # noqa: ANN401
    """Encode and store a rendition; return its key."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    target = f"processed/{key}/{name}"
    s3.put_object(
        Bucket=os.environ["PROCESSED_BUCKET"],
        Key=target,
        Body=buffer.getvalue(),
        ContentType=Image.MIME[kind],
    )
    return target
