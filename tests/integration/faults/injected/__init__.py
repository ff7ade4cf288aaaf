"""The functions' entry points in these tests: the real ones, with every step shown to the tests.

They run in Lambda. Each call to AWS, at each try, and each rendering is told to the tests' director
before it happens and after it has; the answer says what goes wrong there. A function makes its
clients when its module is imported, which is after this one.
"""

import json
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
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

only_key = ""
"""What all steps of this invocation of the process function are about; empty if several keys."""

reads: Counter[str] = Counter()
"""How often this invocation has read the entry of a key."""

subject: tuple[str, str] | None = None
"""What this invocation of another function is about: the director's key, and a word for steps."""

calls: Counter[str] = Counter()
"""How often that invocation has called each operation."""

lock = threading.Lock()

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
    if subject:
        with lock:
            calls[operation] += 1
            number = f" {calls[operation]}" if calls[operation] > 1 else ""
        here.call = (subject[0], f"{subject[1]} {operation}{number}".strip())
        return
    key = only_key
    match model.name:
        case "GetObject" if not params["Key"].startswith(("processed/", "variants/")):
            key = here.original = params["Key"]
        case "HeadObject" | "DeleteObject" if params["Bucket"] == os.environ["RAW_BUCKET"]:
            key = params["Key"]
            operation += " original"
        case "GetObject" | "HeadObject" | "PutObject" | "DeleteObject":
            key, _slash, name = params["Key"].removeprefix("processed/").rpartition("/")
            operation += f" {name}"
        case "ListObjectsV2":
            key = params["Prefix"].removeprefix("processed/").removesuffix("/")
        case "GetItem" if "filename" in params["Key"]:
            there = params["Key"]["filename"]["S"]
            reads[there] += 1
            operation += f" {reads[there]}" if reads[there] > 1 else ""
            if there != (key := only_key or there):
                operation += " of the first"
        case "GetItem" | "PutItem":
            operation += " sha256"
        case "UpdateItem":
            values = params["ExpressionAttributeValues"]
            key = params["Key"]["filename"]["S"]
            status = values.get(":new_status", {"S": "in advance"})["S"]
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


def begin_batch(keys: set[str], left: Callable[[], float]) -> None:
    """Begin an invocation of the process function, which has so many seconds ``left``."""
    global only_key, remaining  # noqa: PLW0603
    # A late sweep's steps are no steps of an outcome.
    only_key = "".join(keys) or "swept" if len(keys) < 2 else ""
    remaining = left
    reads.clear()


def begin(key: str, what: str = "") -> None:
    """Show the invocation of another function than the process function."""
    global subject  # noqa: PLW0603
    subject = (key, what)
    calls.clear()
    meet(key, f"{what} invocation".strip(), "before")


def end() -> None:
    """Show that it has ended."""
    assert subject
    meet(subject[0], f"{subject[1]} invocation".strip(), "after")


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


boto3.setup_default_session()
# The clients that are made below take their hooks from it.
events = boto3._get_default_session().events
events.register("before-parameter-build", remember)
events.register("before-send", send)
