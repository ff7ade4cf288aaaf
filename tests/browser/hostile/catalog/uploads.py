"""Documents at the emulator's own origins: uploaded by anybody or by their owner, then opened."""

import json

from tests.browser.hostile.attack import Aim, Attack, Script
from tests.browser.hostile.effects import either, noticed, queue_exists, read, uploaded
from tests.browser.hostile.origins import EVERYWHERE, SOME, page
from tests.browser.hostile.signing import (
    INVENTED,
    KNOWN,
    presigned,
    presigned_form,
    presigned_put,
)
from tests.browser.hostile.stage import SECRET

CREATE_QUEUE = {
    "method": "POST",
    "headers": {
        "X-Amz-Target": "AmazonSQS.CreateQueue",
        "Content-Type": "application/x-amz-json-1.0",
    },
}  # fmt: skip


def document(aim: Aim) -> str:
    """Return an HTML document that, opened, calls AWS's API from where it is.

    Of the API's own origin, it calls that of the same origin, and that which the API has.
    """
    target = f"{aim.stage.private_bucket}/secret.txt"
    invocation = f"/2015-03-31/functions/{aim.stage.function}/invocations"
    options = {**CREATE_QUEUE, "body": json.dumps({"QueueName": aim.mark})}
    return page(
        f"""
        for (const base of [location.origin, {json.dumps(aim.base)}]) {{
          await take(base + "/", {json.dumps(options)});
          await take(base + "/{target}", {{headers: {{Authorization: "AWS4-HMAC-SHA256 x"}}}});
          await take(base + "{invocation}", {{method: "POST", body: "{{}}"}});
        }}
        """
    )


def registering(aim: Aim) -> str:
    """Return an HTML document that registers a service worker, if it is at the API's origin."""
    script = presigned(aim.base, aim.stage.cloud.outputs["RawBucket"], f"{aim.mark}.js", key(aim))
    return page(
        f"""
        if (location.origin !== {json.dumps(aim.base)}) return;
        await navigator.serviceWorker.register({json.dumps(script)});
        await loot("a service worker was registered");
        """
    )


def posted(signer: tuple[str, str]) -> Script:
    """Return a maker of scripts that post an HTML file to the raw bucket, by a signed form."""

    def script(aim: Aim) -> str:
        form = presigned_form(
            aim.base, aim.stage.cloud.outputs["RawBucket"], f"{aim.mark}.html", "text/html", signer
        )
        fields = ", ".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in form["fields"].items())
        return (
            f"const html = {_quoted(document(aim))};"
            f"await submit({json.dumps(form['url'])}, {{{fields},"
            " file: new File([html], 'a.html', {type: 'text/html'})},"
            " {enctype: 'multipart/form-data'});"
        )

    return script


def posted_and_opened(aim: Aim) -> str:
    """Return a script that posts an HTML file and navigates to it."""
    url = presigned(aim.base, aim.stage.cloud.outputs["RawBucket"], f"{aim.mark}.html")
    return posted(KNOWN)(aim) + f"location = {json.dumps(url)};"


def put(aim: Aim) -> str:
    """Return a script that puts an HTML file to a URL signed with the known key."""
    url = presigned_put(aim.base, aim.stage.cloud.outputs["RawBucket"], f"{aim.mark}.html")
    return f"await take({json.dumps(url)}, {{method: 'PUT', body: 'x', mode: 'cors'}});"


def put_by_owner(aim: Aim, name: str, body: str, media_type: str) -> None:
    """Put a document into the raw bucket, as an application may that takes uploads."""
    aim.stage.client("s3").put_object(
        Bucket=aim.stage.cloud.outputs["RawBucket"], Key=name,
        Body=body.encode(), ContentType=media_type,
    )  # fmt: skip


def put_worker(aim: Aim) -> None:
    """Put a service worker into the raw bucket, and the document that registers it."""
    put_by_owner(aim, f"{aim.mark}.js", "self.onfetch = () => {};", "text/javascript")
    put_by_owner(aim, f"{aim.mark}.html", registering(aim), "text/html")


_keys: dict[str, tuple[str, str]] = {}
"""Keys of users, by the attack's mark."""


def key(aim: Aim) -> tuple[str, str]:
    """Return the key of a user of the account, whose links are valid."""
    if aim.mark not in _keys:
        iam = aim.stage.client("iam")
        iam.create_user(UserName=f"{aim.mark}-reader")
        iam.attach_user_policy(
            UserName=f"{aim.mark}-reader",
            PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
        )
        made = iam.create_access_key(UserName=f"{aim.mark}-reader")["AccessKey"]
        _keys[aim.mark] = (made["AccessKeyId"], made["SecretAccessKey"])
    return _keys[aim.mark]


def opened(aim: Aim) -> str:
    """Return a script that opens the document by a link that a user of the account has signed."""
    bucket = aim.stage.cloud.outputs["RawBucket"]
    return f"location = {json.dumps(presigned(aim.base, bucket, f'{aim.mark}.html', key(aim)))};"


def svg(aim: Aim) -> str:
    """Return the document as an SVG image."""
    html = document(aim)
    script = html[html.index("<script>") + len("<script>") : html.rindex("</script>")]
    # An SVG image has no body to wait for.
    script = script.replace("document.body", "document.documentElement")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
        f"<script><![CDATA[{script}]]></script></svg>"
    )


def _quoted(text: str) -> str:
    """Return a JavaScript string that may stand in a script element."""
    return json.dumps(text).replace("</", "<\\/")


CALLED = either(queue_exists, read(SECRET, '"process"'))

ATTACKS = (
    Attack(
        "form to the raw bucket", "multipart form of an HTML file, signed with test/test",
        posted(KNOWN), uploaded, EVERYWHERE,
    ),
    Attack(
        "form signed with an invented key", "multipart form of an HTML file",
        posted(INVENTED), uploaded,
    ),
    Attack(
        "PUT to the raw bucket", "fetch PUT to a URL signed with test/test", put, uploaded, SOME,
    ),
    Attack(
        "form, then navigation", "form and link signed with test/test; the document calls the API",
        posted_and_opened, CALLED, leaves=True,
    ),
    *(
        Attack(
            f"opened upload, {media_type}",
            "a document that the account's owner has uploaded and linked calls the API",
            opened, CALLED, leaves=True,
            prepare=lambda aim, make=make, media_type=media_type: put_by_owner(  # type: ignore[misc]
                aim, f"{aim.mark}.html", make(aim), media_type
            ),
        )
        for media_type, make in {"text/html": document, "image/svg+xml": svg}.items()
    ),
    Attack(
        "service worker", "an uploaded document registers a service worker at the API's origin",
        opened, noticed("a service worker"), leaves=True,
        prepare=put_worker,
    ),
)  # fmt: skip
