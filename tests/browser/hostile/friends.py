"""A front end of one's own, at an origin that ``CorsOrigins`` names: what it must be able to do.

In the shape of attacks, with the effect that is wanted.
"""

import json

from darkroom.cloud import Cloud
from tests.integration.waiting import wait_for

from .attack import Aim, Attack, Effect, Evidence
from .catalog.darkroom_api import ADDRESSES, KINDS, READ, address, process, read_all
from .effects import image_gone, image_processed, noticed, read_each
from .origins import Origin

FRONT_END = Origin("a front end in CorsOrigins", kind="local")

IMAGE = """
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 200;
  const image = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg"));
"""


def ticket(aim: Aim) -> str:
    """Return a script that asks the API for a form (``upload``) to upload an image with."""
    body = json.dumps({"files": [{"name": f"{aim.mark}.jpg"}]})
    options = {"method": "POST", "headers": {"Content-Type": KINDS[-1]}, "body": body}
    url = f"{address(aim, 'CloudFront path')}/uploads"
    return IMAGE + (
        f"const response = await fetch({json.dumps(url)}, {json.dumps(options)});"
        "const upload = (await response.json()).uploads[0];"
    )


def upload_by_fetch(aim: Aim) -> str:
    """Return a script that uploads as a single-page application does."""
    return ticket(aim) + (
        "const data = new FormData();"
        "for (const [name, value] of Object.entries(upload.fields)) data.append(name, value);"
        "data.append('file', image);"
        "const stored = await fetch(upload.url, {method: 'POST', body: data});"
        "await loot('stored ' + stored.status + ' ' + upload.key);"
    )


def upload_by_form(aim: Aim) -> str:
    """Return a script that uploads as a plain HTML form does."""
    return ticket(aim) + (
        "const file = new File([image], 'a.jpg', {type: 'image/jpeg'});"
        "const sent = submit(upload.url, {...upload.fields, file}, {enctype: 'multipart/form-data',"
        " policy: 'strict-origin-when-cross-origin'});"
        "await loot('stored by a form ' + upload.key);"
    )


def processed(e: Evidence) -> str:
    """Whether what was uploaded has become renditions."""
    stored = noticed("stored")(e)
    return stored and _done(e.stage.cloud, stored.split()[-1])


def _done(cloud: Cloud, key: str) -> str:
    def is_done() -> bool:
        entry = cloud.catalog.get(key)
        return entry is not None and entry["status"] == "done"

    wait_for(is_done)
    return f"{key} is done"


def show_rendition(aim: Aim) -> str:
    """Return a script that shows a rendition as an image, by both addresses of CloudFront."""
    entry = aim.stage.cloud.catalog.get(f"{aim.mark}.jpg")
    assert entry
    key = entry["renditions"][0]["key"]
    urls = [
        address(aim, place).removesuffix("/api") + f"/{key}"
        for place in ("CloudFront path", "CloudFront host")
    ]
    return f"""
    const results = [];
    for (const url of {json.dumps(urls)}) results.push(await insert(`<img src="${{url}}">`));
    if (results.every((each) => each === "load")) await loot("two images were shown");
    """


def delete(aim: Aim) -> str:
    """Return a script that deletes an image."""
    url = f"{address(aim, 'CloudFront path')}/images/{aim.mark}.jpg"
    return f"await take({json.dumps(url)}, {{method: 'DELETE'}});"


def _complete(effect: Effect, count: int) -> Effect:
    """Take an effect for one only if it names as many things."""
    return lambda e: found if (found := effect(e)).count(", ") == 2 * count - 1 else ""


def _upload(aim: Aim) -> None:
    aim.stage.upload_image(f"{aim.mark}.jpg")


def _use(name: str, tries: str, script: object, effect: Effect, *, planted: bool = False) -> Attack:
    prepare = _upload if planted else None
    return Attack(name, tries, script, effect, (FRONT_END,), prepare)  # type: ignore[arg-type]


USES = (
    _use(
        "call the API", "GET /images, POST /uploads, at all addresses",
        read_all, _complete(read_each(READ), len(READ)),
    ),
    _use("upload by fetch", "presigned form as FormData", upload_by_fetch, processed),
    _use("upload by a form", "presigned form as an HTML form", upload_by_form, processed),
    _use("show renditions", "<img> from CloudFront", show_rendition, noticed("two"), planted=True),
    *(
        _use(
            f"process, {place}", "POST /images/<key>/process", process(place), image_processed,
            planted=True,
        )
        for place in ADDRESSES
    ),
    _use("delete", "DELETE /images/<key>", delete, image_gone, planted=True),
)  # fmt: skip
