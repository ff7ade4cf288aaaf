"""docs/reference/catalog.md: its tables have the attributes, types and statuses of the entries."""

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Literal, NotRequired, get_args, get_origin, get_type_hints, is_typeddict

from localstack_init.build import PROJECT
from processor.catalog.entries import (
    SHARDS,
    Entry,
    FailedRequest,
    RenditionEntry,
    Review,
    Status,
)
from processor.images import Analysis
from processor.moderation.labels import DETECTED

from .markdown import code_spans, rows, section, unequal

PATH = "docs/reference/catalog.md"
SECTIONS = {
    "Attributes": Entry,
    "Renditions": RenditionEntry,
    "Failed requests": FailedRequest,
    "Reviews": Review,
}
ENGINE = set(get_type_hints(Analysis))
TYPES = {str: "S", int: "N", float: "N", bool: "BOOL", list: "L", dict: "M"}


def problems() -> Iterator[str]:
    """Yield each attribute and status that only the page or only the code has, and wrong types."""
    page = (PROJECT / PATH).read_text()
    for title, kind in SECTIONS.items():
        yield from _attributes(rows(section(page, title)), get_type_hints(kind))
    statuses = [code_spans(row[0])[0] for row in rows(section(page, "Statuses"))]
    yield from unequal(PATH, "status", statuses, get_args(Status))
    analysis = rows(section(page, "Analysis"))
    engine = [row for row in analysis if row[2] == "engine"]
    yield from _attributes(engine, {**get_type_hints(Analysis)})
    detected = [code_spans(row[0])[0] for row in analysis if row[2] == "Rekognition"]
    yield from unequal(PATH, "attribute", detected, DETECTED)
    if f"{SHARDS} shards" not in page:
        yield f"{PATH}: the index has {SHARDS} shards. Correct the number."


def _attributes(table: list[list[str]], hints: Mapping[str, Any]) -> Iterator[str]:
    named = {code_spans(row[0])[0]: row[1] for row in table}
    yield from unequal(PATH, "attribute", named, hints)
    for name, written in named.items():
        if name in hints and written != (wanted := _type(hints[name])):
            yield f"{PATH}: {name} is stored as {wanted}, not {written}. Correct it."


def _type(hint: Any) -> str:
    """Return DynamoDB's name of the type of an annotated value."""
    origin = get_origin(hint)
    if origin is NotRequired or origin is UnionType:
        return _type(get_args(hint)[0])
    if origin is Literal:
        return "S"
    is_map = is_typeddict(hint) or hasattr(hint, "__struct_fields__")
    return "M" if is_map else TYPES[origin or hint]
