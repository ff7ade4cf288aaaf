"""fetch from a foreign page: no-cors, with preflights, and with signatures of every kind."""

import json
from collections.abc import Callable
from typing import Any

from tests.browser.hostile.attack import Aim, Attack, Script
from tests.browser.hostile.effects import queue_exists, ran, read_each, stack_exists
from tests.browser.hostile.origins import EVERYWHERE, SOME
from tests.browser.hostile.signing import (
    INVENTED,
    KNOWN,
    presigned,
    signed_get,
    signed_json,
    signed_query,
)
from tests.browser.hostile.stage import SECRET

from . import operations

SIGNERS = {"unsigned": None, "with test/test": KNOWN, "with an invented key": INVENTED}

JSON_PREFIXES = {"secretsmanager": "secretsmanager", "ssm": "AmazonSSM", "sqs": "AmazonSQS"}


def taken(url: str, options: object, name: str = "") -> str:
    """Return a script that fetches."""
    return f"await take({json.dumps(url)}, {json.dumps(options)}, {json.dumps(name)});\n"


def json_options(
    aim: Aim, service: str, operation: str, body: object, signer: tuple[str, str] | None
) -> dict[str, Any]:
    """Return fetch's options for an operation by JSON, signed or not."""
    target = f"{JSON_PREFIXES[service]}.{operation}"
    options = signed_json(aim.base, service, target, body, signer or KNOWN)
    if signer is None:
        del options["headers"]["Authorization"]
    return options


def urlencoded(aim: Aim) -> str:
    """Return a script that posts the query protocol without a preflight."""
    return (
        f"await take({json.dumps(aim.base + '/')}, {{method: 'POST', mode: 'no-cors',"
        f" body: new URLSearchParams({json.dumps(operations.create_queue(aim))})}});"
    )


def created(signer: tuple[str, str] | None) -> Script:
    """Return a maker of scripts that create a queue by JSON."""
    return lambda aim: taken(
        f"{aim.base}/", json_options(aim, "sqs", "CreateQueue", {"QueueName": aim.mark}, signer)
    )


def invoked(options: dict[str, Any]) -> Script:
    """Return a maker of scripts that invoke a function."""
    return lambda aim: taken(
        f"{aim.base}/2015-03-31/functions/{aim.stage.function}/invocations",
        {"method": "POST", "body": json.dumps({"mark": aim.mark}), **options},
    )


def signed_image(service: str, parameters: Callable[[Aim], dict[str, str]]) -> Script:
    """Return a maker of scripts with an image of a presigned operation."""

    def script(aim: Aim) -> str:
        url = signed_query(aim.base, service, parameters(aim))
        return f"await insert(`<img referrerpolicy=no-referrer src='{url}'>`);"

    return script


def read_all(aim: Aim) -> str:
    """Return a script that reads what is secret, with signatures of every kind."""
    bucket = aim.stage.private_bucket
    identity = operations.get_caller_identity(aim)
    parameter = {"Name": aim.stage.run, "WithDecryption": True}
    requests: dict[str, tuple[str, dict[str, Any]]] = {}
    for name, signer in SIGNERS.items():
        secret = json_options(
            aim, "secretsmanager", "GetSecretValue", {"SecretId": aim.stage.run}, signer
        )
        requests[f"GetSecretValue {name}"] = (f"{aim.base}/", secret)
        if signer:
            url = presigned(aim.base, bucket, "secret.txt", signer)
            requests[f"presigned GET {name}"] = (url, {})
            url = signed_query(aim.base, "sts", identity, signer)
            requests[f"presigned GetCallerIdentity {name}"] = (url, {})
            path = f"/{bucket}/secret.txt"
            options = signed_get(aim.base, "s3", path, signer)
            requests[f"GetObject {name}"] = (aim.base + path, options)
    options = json_options(aim, "ssm", "GetParameter", parameter, KNOWN)
    requests["GetParameter"] = (f"{aim.base}/", options)
    return "".join(taken(*request, name) for name, request in requests.items())


READ = {
    **{
        f"{operation} {name}": (SECRET, "arn:aws")
        for operation in (
            "GetSecretValue",
            "presigned GET",
            "presigned GetCallerIdentity",
            "GetObject",
        )
        for name in SIGNERS
    },
    "GetParameter": (SECRET,),
}

ATTACKS = (
    Attack(
        "read with signatures", "fetch with signatures in headers and queries, by several keys",
        read_all, read_each(READ), EVERYWHERE,
    ),
    Attack("no-cors CreateQueue", "fetch no-cors, urlencoded", urlencoded, queue_exists, SOME),
    Attack(
        "no-cors Invoke", "fetch no-cors to Lambda's Invoke", invoked({"mode": "no-cors"}), ran,
        EVERYWHERE,
    ),
    Attack(
        "cors Invoke", "fetch with a preflight to Lambda's Invoke",
        invoked({"headers": {"Content-Type": "application/json"}}), ran, SOME,
    ),
    *(
        Attack(
            f"CreateQueue, {name}", "fetch with X-Amz-Target", created(signer), queue_exists,
            EVERYWHERE if signer == KNOWN else SOME,
        )
        for name, signer in SIGNERS.items()
    ),
    *(
        Attack(
            f"img {name}, signed in the query", "<img> of an operation presigned with test/test",
            signed_image(service, parameters), effect, SOME,
        )
        for name, service, parameters, effect in (
            ("CreateQueue", "sqs", operations.create_queue, queue_exists),
            ("CreateStack", "cloudformation", operations.create_stack, stack_exists),
        )
    ),
)  # fmt: skip
