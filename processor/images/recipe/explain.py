"""Recipe error messages: what is allowed in the place of the error.

msgspec names the place, but seldom what is allowed there; the recipe's JSON Schema has both.
"""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

import msgspec

Schema = dict[str, Any]

PLACE = re.compile(r" - at (`key` in )?`\$(.*)`$")
PART = re.compile(r"\.(\w+)|\[\d+\]|\[\.\.\.\]")
"""A part of a place: a field, an item of an array, or the value of a key."""
MISSING = re.compile(r"missing required field `(\w+)`")
UNKNOWN = re.compile(r"unknown field `(.*?)`")
INVALID = re.compile(r"Invalid (?:enum )?value '(.*?)'")
RANGES = (
    ("minimum", "exclusiveMinimum", "maximum", ""),
    ("minLength", "", "maxLength", " characters"),
    ("minItems", "", "maxItems", " items"),
)


def explain(error: msgspec.MsgspecError, kind: type) -> str:
    """Return msgspec's message for a document of type ``kind``, with what is allowed there."""
    sentence = str(error)
    # An error with a cause comes from a __post_init__, whose message is complete.
    if not isinstance(error, msgspec.ValidationError) or error.__cause__:
        return sentence
    whole = msgspec.json.schema(kind)
    there = list(_resolve(whole, whole))
    place = PLACE.search(sentence)
    for part in PART.finditer(place[2] if place else ""):
        there = [found for schema in there for found in _enter(schema, part[1], whole)]
    if place and place[1]:
        there = [schema["propertyNames"] for schema in there if "propertyNames" in schema]

    if missing := MISSING.search(sentence):
        there = [found for schema in there for found in _enter(schema, missing[1], whole)]
        return sentence + _list(f"allowed for `{missing[1]}`", _values(there))
    fields = _once(f"`{field}`" for schema in there for field in schema.get("properties", ()))
    if unknown := UNKNOWN.search(sentence):
        return sentence + _list("allowed fields", fields) + _meant(unknown[1], fields)
    values = _values(there)
    invalid = INVALID.search(sentence)
    meant = _meant(invalid[1], values) if invalid else ""
    return sentence + _list("allowed fields", fields) + _list("allowed", values) + meant


def _resolve(schema: Schema, whole: Schema) -> Iterator[Schema]:
    """Yield what a reference points to, and all members of a union except null."""
    if "$ref" in schema:
        yield from _resolve(whole["$defs"][schema["$ref"].rpartition("/")[2]], whole)
    elif "anyOf" in schema:
        for member in schema["anyOf"]:
            yield from _resolve(member, whole)
    elif schema.get("type") != "null":
        yield schema


def _enter(schema: Schema, field: str | None, whole: Schema) -> Iterator[Schema]:
    """Yield the schemas of a field; without one, of an array's items or a mapping's values."""
    if field:
        inner = schema.get("properties", {}).get(field)
    else:
        inner = schema.get("items") or schema.get("additionalProperties")
    if inner:
        yield from _resolve(inner, whole)


def _values(schemas: Iterable[Schema]) -> list[str]:
    """Return the values, ranges and patterns that schemas allow, in words."""
    return _once(words for schema in schemas for words in _describe(schema))


def _describe(schema: Schema) -> Iterator[str]:
    yield from map(repr, schema.get("enum", ()))
    for least, above, most, unit in RANGES:
        if most in schema and least in schema:
            yield f"{schema[least]} to {schema[most]}{unit}"
        elif most in schema and above in schema:
            yield f"above {schema[above]}, up to {schema[most]}{unit}"
    if "pattern" in schema and "description" in schema:
        yield schema["description"].removesuffix(".")


def _once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


def _list(title: str, words: list[str]) -> str:
    return f"; {title}: {', '.join(words)}" if words else ""


def _meant(word: str, words: list[str]) -> str:
    bare = {quoted[1:-1]: quoted for quoted in words}
    near = get_close_matches(word, bare, 1)
    return f"; did you mean {bare[near[0]]}?" if near else ""
