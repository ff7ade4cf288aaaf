"""The entry point of the function that processes messages."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from processor.errors import MalformedMessageError
from processor.handlers import process
from processor.images import render
from processor.pipeline import process as pipeline
from processor.sqs.s3_events import read_message

from . import begin_batch, here, meet


def shown[**P, T](function: Callable[P, T]) -> Callable[P, T]:
    """Show the rendering of this thread's original to the director."""

    @wraps(function)
    def rendering(*arguments: P.args, **named: P.kwargs) -> T:
        meet(here.original, "render", "before")
        rendered = function(*arguments, **named)
        meet(here.original, "render", "after")
        return rendered

    return rendering


pipeline.render = shown(render)  # type: ignore[attr-defined]


def keys_of(event: dict[str, Any]) -> list[str]:
    """The keys that a batch of messages speaks of; late sweeps are of no outcome."""
    keys = []
    for record in event["Records"]:
        try:
            changes = read_message(record["body"], process.settings.raw_bucket)
        except MalformedMessageError:
            continue
        keys += [change.key for change in changes if change.kind != "swept"]
    return keys


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Show the invocation itself, for each of its keys."""
    keys = keys_of(event)
    begin_batch(set(keys), lambda: context.get_remaining_time_in_millis() / 1000)
    for key in keys:
        meet(key, "invocation", "before")
    answer = process.handler(event, context)
    for key in keys:
        meet(key, "invocation", "after")
    return answer
