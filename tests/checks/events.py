"""docs/reference/events.md: its tables have the messages that the pipeline accepts and sends."""

import json
from collections.abc import Iterator
from typing import get_args

from localstack_init.build import PROJECT
from localstack_init.definitions import TEMPLATE
from localstack_init.template import read_template
from processor.change import Change
from processor.events.outcomes import Event, EventStatus
from processor.sqs.reprocess import message_of, new_request
from processor.sqs.s3_events import read_message

from .markdown import code_spans, rows, section, unequal

PATH = "docs/reference/events.md"


def problems() -> Iterator[str]:
    """Yield each message and field that only the page or only the code has."""
    page = (PROJECT / PATH).read_text()
    accepted = section(page, "Accepted: messages of the queue")
    table = [row[0].strip("`") for row in rows(accepted)]
    kinds = [f"s3:{name}" for name in table if name.startswith(("Object", "Lifecycle"))]
    bucket = read_template(TEMPLATE.read_text())["Resources"]["RawBucket"]["Properties"]
    queues = bucket["NotificationConfiguration"]["QueueConfigurations"]
    sent = [each["Event"] if isinstance(each, dict) else each[2]["Event"] for each in queues]
    yield from unequal(PATH, "S3 event", kinds, sent)
    example = page.partition("```json\n")[2].partition("```")[0]
    (change,) = read_message(example, json.loads(example)["Records"][0]["s3"]["bucket"]["name"])
    request = json.loads(message_of("raw", new_request(change.key, change.time, change.sequencer)))
    below = page.partition("\n### Requests\n")[2].partition("\n### ")[0]
    fields = [code_spans(row[0])[0] for row in rows(below)]
    yield from unequal(PATH, "field of a request", fields, _paths(request["Records"][0]))
    inputs = rows(section(page, "Accepted: input of the workflow"))
    known = set(Change.__dataclass_fields__) - {"size", "etag", "version_id"}
    yield from unequal(PATH, "input", [code_spans(row[0])[0] for row in inputs], known)
    yield from _events(section(page, "Sent: events of outcomes"))


def _events(sent: str) -> Iterator[str]:
    spans = [code_spans(row[0])[0] for row in rows(sent) if code_spans(row[0])]
    types = [name.removeprefix("image.") for name in spans if name.startswith("image.")]
    yield from unequal(PATH, "event", types, get_args(EventStatus))
    fields = [name for name in spans if "." not in name and name[0].islower()]
    yield from unequal(PATH, "field of an event", fields, Event.__struct_encode_fields__)


def _paths(record: dict[str, object], above: str = "") -> Iterator[str]:
    """Yield the paths of all values in a record."""
    for name, value in record.items():
        if isinstance(value, dict):
            yield from _paths(value, f"{above}{name}.")
        else:
            yield f"{above}{name}"
