"""The page's modules: import order, preloads, and the names of the pipeline's stages."""

import ast
import re
from collections.abc import Callable, Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from localstack_init.site import PAGE
from processor.telemetry.timings import STAGES

JS = PAGE / "js"
MODULES = sorted(JS.rglob("*.js"))
STATIC = re.compile(r'^(?:import|} from)\b.*"(\..+)";$', re.MULTILINE)
DYNAMIC = re.compile(r'import\("(\..+)"\)')


def imported(module: Path, pattern: re.Pattern[str]) -> Iterator[Path]:
    """Yield the modules that a module imports, without types in comments."""
    code = re.sub(r"^ *(?:/\*|\*|//).*$", "", module.read_text(), flags=re.MULTILINE)
    for path in pattern.findall(code):
        yield (module.parent / path).resolve()


def file(module: Path) -> str:
    """Return the path of a module below ``js/``."""
    return module.relative_to(JS).as_posix()


def folder(module: Path) -> str:
    """Return the folder of a module; a module without one stands for itself."""
    return file(module).split("/")[0]


@pytest.mark.parametrize("unit", [file, folder])
def test_no_import_cycles(unit: Callable[[Path], str]) -> None:
    """Neither modules nor folders import each other in a circle."""
    graph: dict[str, set[str]] = {}
    for module in MODULES:
        targets = {unit(each) for each in (*imported(module, STATIC), *imported(module, DYNAMIC))}
        graph.setdefault(unit(module), set()).update(targets - {unit(module)})
    TopologicalSorter(graph).prepare()


def test_preloads() -> None:
    """``index.html`` preloads exactly the modules that ``main.js`` needs, in one round trip."""
    needed: set[Path] = set()
    pending = [JS / "main.js"]
    while pending:
        found = set(imported(pending.pop(), STATIC)) - needed
        needed |= found
        pending += found
    preloads = re.findall(r'rel="modulepreload" href="js/(.+)"', (PAGE / "index.html").read_text())
    assert preloads == sorted(map(file, needed))


def test_stages() -> None:
    """The page knows the pipeline's stages, and has a meaning and a color for each."""
    source = (JS / "lib/timings.js").read_text()
    (stages,) = re.findall(r"STAGES = (\[.+\]);", source)
    assert tuple(ast.literal_eval(stages)) == STAGES
    colors = (PAGE / "css/colors.css").read_text()
    for stage in STAGES:
        assert f"\n  {stage}: " in source
        assert f"--stage-{stage}: " in colors
