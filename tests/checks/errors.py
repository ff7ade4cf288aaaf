"""docs/reference/errors.md: the error codes of images, dead letters and the API."""

import ast
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import get_args

from localstack_init.build import PROJECT
from localstack_init.gateway import GATEWAY_ERRORS
from processor import errors
from processor.api.http.problems import Code as ApiCode
from processor.images.errors import Code as ImageCode

from .markdown import code_spans, rows, section, unequal

PATH = "docs/reference/errors.md"
OF_IMAGES = ("PermanentError", "ImageError", "PermanentStepError")


def problems() -> Iterator[str]:
    """Yield each code that only the page or only the code has, and each wrong status."""
    page = (PROJECT / PATH).read_text()
    tables = {
        title: [row for row in rows(section(page, f"Errors of {title}")) if code_spans(row[0])]
        for title in ("an image", "a dead letter", "the API")
    }
    named = {title: [code_spans(row[0])[0] for row in table] for title, table in tables.items()}
    yield from unequal(PATH, "code", named["an image"], _image_codes())
    yield from unequal(PATH, "code", named["a dead letter"], _reasons())
    statuses = set(_statuses())
    known = {*get_args(ApiCode), *(code for code, _ in statuses)}
    yield from unequal(PATH, "code", named["the API"], known)
    written = {code: row[1] for code, row in zip(named["the API"], tables["the API"], strict=True)}
    for code, status in sorted(statuses):
        if written.get(code, status) != status:
            yield f"{PATH}: the status of {code} is {status}, not {written[code]}. Correct it."


def _image_codes() -> Iterator[str]:
    """Yield the codes of ``error``, ``retry`` and ``failed_request`` of an entry."""
    yield from get_args(ImageCode)
    for node in _nodes(PROJECT / "processor"):
        match node:
            case ast.Call(func=ast.Name(name), args=[code, *_]) if name in OF_IMAGES:
                if isinstance(code, ast.Constant):
                    yield str(code.value)
                elif isinstance(code, ast.Name) and hasattr(errors, code.id):
                    yield getattr(errors, code.id)
            case ast.Dict(keys=[ast.Constant("code"), *_], values=[ast.Constant(code), *_]):
                yield str(code)


def _reasons() -> Iterator[str]:
    """Yield the reasons of dead letters that are not codes of an image."""
    for node in _nodes(PROJECT / "darkroom" / "operations"):
        match node:
            case ast.Call(func=ast.Name("Reason"), args=[ast.Constant(code), *_]):
                yield str(code)


def _statuses() -> Iterator[tuple[str, str]]:
    """Yield the codes of the API and API Gateway, each with its status."""
    yield from ((code, str(status)) for status, code, _ in GATEWAY_ERRORS.values())
    for node in _nodes(PROJECT / "processor" / "api"):
        match node:
            case ast.Call(
                func=ast.Name("ProblemError"),
                args=[ast.Attribute(attr=status), ast.Constant(code), *_],
            ):
                yield str(code), str(HTTPStatus[status].value)
            case ast.Call(func=ast.Name("bad_request"), args=[ast.Constant(code), *_]):
                yield str(code), "400"


def _nodes(folder: Path) -> Iterator[ast.AST]:
    for path in sorted(folder.rglob("*.py")):
        yield from ast.walk(ast.parse(path.read_text()))
