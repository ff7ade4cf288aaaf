"""The function's entry point in these tests: the real one, with every step shown to the tests.

It runs in Lambda. Each call to AWS, at each try, and each rendering is told to the tests' director
before it happens and after it has; the answer says what goes wrong there.
"""

import json
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import wraps
from io import BytesIO
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session
from urllib3.exceptions import ProtocolError

here = threading.local()
"""Of this thread: its connection to the director, the call it makes, the original it works on."""

remaining: Callable[[], float]
"""Returns the seconds that the invocation has left."""

reads: Counter[str] = Counter()
"""How often this invocation has read the entry of a key."""

network = URLLib3Session(timeout=10, max_pool_connections=50)


def meet(key: str, step: str, when: str) -> dict[str, Any]:
    """Tell the director where this thread is, and suffer what it answers."""
    if not hasattr(here, "director"):
        host, port = os.environ["FAULTS_DIRECTOR"].split(":")
        here.director = socket.create_connection((host, int(port))).makefile("rw")
    here.director.write(json.dumps({"key": key, "step": step, "when": when}) + "\n")
    here.director.flush()
    fault: dict[str, Any] = json.loads(here.director.readline())
    match fault["do"]:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)
        case "sleep":
            time.sleep(fault["seconds"])
        case "linger":
            time.sleep(max(0.0, remaining() - fault["seconds"]))
        case "memory":
            raise MemoryError
        case "reset":
            raise ConnectionClosedError(endpoint_url=step)
    return fault


def remember(params: dict[str, Any], model: Any, **_: object) -> None:
    """Note what the call is about, which the request that is sent hardly tells."""
    operation = f"{model.service_model.service_id.lower()}.{model.name}"
    key = ""
    match model.name:
        case "GetObject" if not params["Key"].startswith("processed/"):
            key = here.original = params["Key"]
        case "GetObject" | "HeadObject" | "PutObject" | "DeleteObject":
            key, _slash, name = params["Key"].removeprefix("processed/").rpartition("/")
            operation += f" {name}"
        case "ListObjectsV2":
            key = params["Prefix"].removeprefix("processed/").removesuffix("/")
        case "GetItem":
            key = params["Key"]["filename"]["S"]
            reads[key] += 1
            operation += f" {reads[key]}" if reads[key] > 1 else ""
        case "UpdateItem":
            values = params["ExpressionAttributeValues"]
            key, status = params["Key"]["filename"]["S"], values[":new_status"]["S"]
            is_claim = status == "processing" and ":new_lease" in values
            operation += " claim" if is_claim else f" {status}"
            # What is known of the key makes the first claim fail.
            operation += " again" if is_claim and ":seen" in str(params) else ""
    here.call = (key, operation)


def send(request: AWSPreparedRequest, **_: object) -> Any:
    """Send the request in botocore's place, or answer it ourselves."""
    key, step = here.call
    if (fault := meet(key, step, "before"))["do"] == "answer":
        return refusal(request, step, fault)
    answer = network.send(request)
    match meet(key, step, "after"):
        case {"do": "answer"} as fault:
            return refusal(request, step, fault)
        case {"do": "cut"}:
            whole = answer.raw.read()
            answer.raw = Cut(whole[: len(whole) // 2])
    return answer


def refusal(request: AWSPreparedRequest, step: str, fault: dict[str, Any]) -> AWSResponse:
    """What a service answers that does not do as it was asked."""
    code = fault["code"]
    body = json.dumps({"__type": f"com.amazonaws#{code}", "message": f"{code}, as arranged."})
    if step.startswith("s3."):
        body = f"<Error><Code>{code}</Code><Message>{code}, as arranged.</Message></Error>"
    if request.method == "HEAD":
        body = ""
    return AWSResponse(request.url, fault["status"], HTTPHeaders(), Body(body.encode()))


class Body(BytesIO):
    """The body of an answer."""

    def stream(self) -> Iterator[bytes]:
        """All of it."""
        yield self.read()


class Cut(BytesIO):
    """The body of an answer whose connection breaks."""

    def read(self, size: int | None = None) -> bytes:
        """Give what there is, and break."""
        if data := super().read(size):
            return data if size else self._break()
        return self._break()

    def _break(self) -> bytes:
        raise ProtocolError("The connection broke, as arranged.")


def shown[**P, T](function: Callable[P, T]) -> Callable[P, T]:
    """Show the rendering of this thread's original to the director."""

    @wraps(function)
    def rendering(*arguments: P.args, **named: P.kwargs) -> T:
        meet(here.original, "render", "before")
        rendered = function(*arguments, **named)
        meet(here.original, "render", "after")
        return rendered

    return rendering


boto3.setup_default_session()
# The clients that are made below take their hooks from it.
events = boto3._get_default_session().events
events.register("before-parameter-build", remember)
events.register("before-send", send)

# Only now: the function makes its clients when it is imported.
from processor.errors import MalformedMessageError  # noqa: E402
from processor.handlers import process  # noqa: E402
from processor.images import render  # noqa: E402
from processor.pipeline import process as pipeline  # noqa: E402
from processor.sqs.s3_events import read_message  # noqa: E402

pipeline.render = shown(render)  # type: ignore[attr-defined]
# The tests' originals are the same pictures under many keys: the steps of one key would depend on
# the others. Its write is conditional on the key, and may be repeated.
object.__setattr__(process.deliveries.pipeline, "duplicates", None)


def keys_of(event: dict[str, Any]) -> list[str]:
    """The keys that a batch of messages speaks of."""
    keys = []
    for record in event["Records"]:
        try:
            changes = read_message(record["body"], process.settings.raw_bucket)
        except MalformedMessageError:
            continue
        keys += [change.key for change in changes]
    return keys


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Show the invocation itself, for each of its keys."""
    global remaining  # noqa: PLW0603
    remaining = lambda: context.get_remaining_time_in_millis() / 1000  # noqa: E731
    reads.clear()
    keys = keys_of(event)
    for key in keys:
        meet(key, "invocation", "before")
    answer = process.handler(event, context)
    for key in keys:
        meet(key, "invocation", "after")
    return answer


def variant_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Respond to a request for a variant."""
    # Its settings are those of its own function alone.
    from processor.handlers import variant  # noqa: PLC0415

    return variant.handler(event, context)
