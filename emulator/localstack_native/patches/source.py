"""Signatures of functions, read from a package's source without importing it."""

import ast
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec, resolve_name
from pathlib import Path

PACKAGES = ("localstack", "moto", "werkzeug")
"""Packages in which a name's definition is looked up."""

INHERITED = "inherited"
"""In place of parameters: a class has base classes, and does not define the name itself."""


def parameters_of(module: str, path: list[str]) -> str | None:
    """Return the names of a function's parameters; None for another object, or ``INHERITED``.

    Raises ``LookupError`` if it does not exist.
    """
    body, bases = _parsed(module).body, False
    for depth, name in enumerate(path):
        node = next((each for each in _statements(body) if name in _names(each)), None)
        match node:
            case ast.ImportFrom():
                known = next(each.name for each in node.names if name in (each.asname, each.name))
                found = resolve_name("." * node.level + (node.module or ""), _package(module))
                if found.partition(".")[0] not in PACKAGES:
                    return None
                return parameters_of(found, [known, *path[depth + 1 :]])
            case ast.ClassDef():
                body, bases = node.body, bool(node.bases)
            case ast.FunctionDef():
                return ast.unparse(_bare(node.args)).replace(", ", " ")
            case None if bases:
                return INHERITED
            case None:
                raise LookupError(name)
    return None


def visited() -> list[Path]:
    """Return the files that were read."""
    return sorted(_files)


def file_of(module: str) -> Path:
    """Return a module's file, without importing its packages. Raises ``LookupError``."""
    package, *rest = module.split(".")
    spec = find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder).joinpath(*rest)
        for file in (path / "__init__.py", path.with_suffix(".py")):
            if file.exists():
                return file
    raise LookupError(module)


_files: set[Path] = set()


@cache
def _parsed(module: str) -> ast.Module:
    _files.add(file_of(module))
    return ast.parse(file_of(module).read_text())


def _package(module: str) -> str:
    """Return the package that a module's relative imports start at."""
    return module if file_of(module).name == "__init__.py" else module.rpartition(".")[0]


def _bare(given: ast.arguments) -> ast.arguments:
    """Return arguments without annotations and defaults."""
    return ast.arguments(
        posonlyargs=[ast.arg(each.arg) for each in given.posonlyargs],
        args=[ast.arg(each.arg) for each in given.args],
        vararg=given.vararg and ast.arg(given.vararg.arg),
        kwonlyargs=[ast.arg(each.arg) for each in given.kwonlyargs],
        kw_defaults=[None] * len(given.kwonlyargs),
        kwarg=given.kwarg and ast.arg(given.kwarg.arg),
        defaults=[],
    )


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a body, the last first."""
    for each in reversed(body):
        yield each
        if isinstance(each, ast.If | ast.Try):
            yield from _statements(each.body)


def _names(node: ast.stmt) -> list[str]:
    """Return the names that a statement defines."""
    match node:
        case ast.FunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.ImportFrom():
            return [each.asname or each.name for each in node.names]
        case ast.Assign():
            return [each.id for each in node.targets if isinstance(each, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []
