"""Cross-site request forgery against the pipeline's own API, by each of its addresses."""

import json

from tests.browser.hostile.attack import Aim, Attack, Script
from tests.browser.hostile.effects import image_gone, image_processed, read_each
from tests.browser.hostile.origins import EVERYWHERE, FOREIGN, REBOUND, SANDBOXED, Origin

ADDRESSES = {
    "CloudFront path": "{base}/_aws/cloudfront/{distribution}/api",
    "CloudFront host": "http://{distribution}.cloudfront.localhost:{port}/api",
    "execute-api path": "{base}/_aws/execute-api/{api}/api",
    "execute-api host": "http://{api}.execute-api.localhost:{port}/api",
}

RECIPE = json.dumps({"recipe": "avatar"})

KINDS = ("text/plain", "application/x-www-form-urlencoded", "application/json")


def address(aim: Aim, name: str) -> str:
    """Return an address of the API."""
    outputs = aim.stage.cloud.outputs
    return ADDRESSES[name].format(
        base=aim.base, port=aim.stage.port, distribution=outputs["Distribution"], api=outputs["Api"]
    )


def process(name: str) -> Script:
    """Return a maker of scripts that ask for an image to be processed, by several content types."""

    def script(aim: Aim) -> str:
        url = f"{address(aim, name)}/images/{aim.mark}.jpg/process"
        requests = [
            {"method": "POST", "body": RECIPE, "headers": {"Content-Type": kind}} for kind in KINDS
        ]
        return "".join(f"await take({json.dumps(url)}, {json.dumps(each)});" for each in requests)

    return script


def delete(name: str) -> Script:
    """Return a maker of scripts that delete an image."""
    return lambda aim: (
        f"await take({json.dumps(f'{address(aim, name)}/images/{aim.mark}.jpg')},"
        " {method: 'DELETE'});"
    )


def read_all(aim: Aim) -> str:
    """Return a script that reads the catalog, and forms for uploads, from all addresses."""
    uploads = {
        "method": "POST", "body": '{"files": [{"name": "a.jpg"}]}',
        "headers": {"Content-Type": "application/json"},
    }  # fmt: skip
    return "".join(
        f"await take({json.dumps(url)}, {json.dumps(options)}, {json.dumps(name)});\n"
        for name, url, options in (
            each
            for place in ADDRESSES
            for each in (
                (f"images, {place}", f"{address(aim, place)}/images", {}),
                (f"uploads, {place}", f"{address(aim, place)}/uploads", uploads),
            )
        )
    )


def rebound(name: str) -> tuple[Origin, ...]:
    """Return the rebound origin, for addresses that have its name."""
    return (REBOUND,) if name.endswith("path") else ()


def _upload(aim: Aim) -> None:
    aim.stage.upload_image(f"{aim.mark}.jpg")


READ = {
    f"{what}, {place}": (word,)
    for place in ADDRESSES
    for what, word in {"images": '"images"', "uploads": '"fields"'}.items()
}

ATTACKS = (
    *(
        Attack(
            f"process, {place}", "POST /images/<key>/process, by three content types",
            process(place), image_processed, (FOREIGN, *rebound(place)), prepare=_upload,
        )
        for place in ADDRESSES
    ),
    *(
        Attack(
            f"DELETE an image, {place}", "DELETE /images/<key>", delete(place), image_gone,
            (FOREIGN, SANDBOXED, *rebound(place)), prepare=_upload,
        )
        for place in ADDRESSES
    ),
    Attack(
        "read the API", "GET /images and POST /uploads, to read the answers", read_all,
        read_each(READ), EVERYWHERE,
    ),
)  # fmt: skip
