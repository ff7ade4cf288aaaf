"""The functions' code in a checkout: its changes, its errors and its zip file."""

import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from darkroom.dev.code import Code, CodeError
from localstack_init.build import PROJECT
from localstack_init.function_code import build_code


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with two modules and a JSON file."""
    folder = tmp_path / "processor"
    (folder / "steps").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "steps" / "one.py").write_text("ONE = 1\n")
    (folder / "table.json").write_text("{}")
    return tmp_path


def test_the_archive_equals_that_of_a_deployment() -> None:
    """The zip file has the same files and sources as that of a deployment."""
    mine = zipfile.ZipFile(io.BytesIO(Code().archive()))
    deployed = zipfile.ZipFile(build_code().path)
    assert mine.namelist() == deployed.namelist()
    sources = [name for name in mine.namelist() if not name.endswith(".pyc")]
    assert [mine.read(name) for name in sources] == [deployed.read(name) for name in sources]


def test_changes(project: Path) -> None:
    """New, changed and deleted files are returned until they are deployed; a restored file is no
    change.
    """
    code = Code(project)
    assert code.changed() == []
    (project / "processor" / "steps" / "one.py").write_text("ONE = 2\n")
    (project / "processor" / "new.py").write_text("NEW = 1\n")
    (project / "processor" / "table.json").unlink()
    names = ["processor/new.py", "processor/steps/one.py", "processor/table.json"]
    assert code.changed() == names
    assert code.changed() == names
    code.set_deployed()
    assert code.changed() == []
    (project / "processor" / "new.py").write_text("NEW = 2\n")
    (project / "processor" / "new.py").write_text("NEW = 1\n")
    assert code.changed() == []


@pytest.mark.parametrize("document", [None, "{}", '{"mine": {"renditions": []}}'])
def test_recipes_without_a_default(tmp_path: Path, document: str | None) -> None:
    """A recipe file without the default recipe is an error until it is repaired, and so is a
    deleted one.
    """
    shutil.copytree(PROJECT / "processor", tmp_path / "processor")
    recipes = tmp_path / "processor" / "recipes.json"
    code = Code(tmp_path)
    good = recipes.read_text()
    if document is None:
        recipes.unlink()
    else:
        recipes.write_text(document)
    for _ in range(2):
        with pytest.raises(CodeError, match=r"processor/recipes\.json"):
            code.changed()
    recipes.write_text(good)
    assert code.changed() == []


def test_recipes_are_checked_as_they_were_read(tmp_path: Path) -> None:
    """Recipes that are repaired during the check are an error: the functions would get the content
    that was read.
    """
    shutil.copytree(PROJECT / "processor", tmp_path / "processor")
    recipes = tmp_path / "processor" / "recipes.json"
    good = recipes.read_text()

    def repair(*arguments: Any, **named: Any) -> Any:
        recipes.write_text(good)
        return subprocess.run(*arguments, **named)  # noqa: PLW1510 (as the caller chooses)

    code = Code(tmp_path, run=repair)
    recipes.write_text(good.replace('"quality": 80', '"quality": 999', 1))
    with pytest.raises(CodeError, match="allowed: 1 to 100"):
        code.changed()


def test_pipes_and_broken_links(project: Path) -> None:
    """Neither is part of the code."""
    code = Code(project)
    os.mkfifo(project / "processor" / "pipe.py")
    (project / "processor" / "link.py").symlink_to("nowhere")
    assert code.changed() == []


def test_bytecode_is_that_of_the_source(project: Path) -> None:
    """The archive has the bytecode of a changed source where Python looks for it."""
    code = Code(project)
    (project / "processor" / "steps" / "one.py").write_text("ONE = 2\n")
    assert code.changed()
    archive = zipfile.ZipFile(io.BytesIO(code.archive()))
    compiled = f"processor/steps/__pycache__/one.{sys.implementation.cache_tag}.pyc"
    assert compiled in archive.namelist()


def test_a_name_with_a_line_break(project: Path) -> None:
    """It is escaped in errors."""
    code = Code(project)
    (project / "processor" / "a\nb.py").write_text("ONE = (\n")
    with pytest.raises(CodeError, match=r"^processor/a\\nb.py:1: SyntaxError"):
        code.changed()


@pytest.mark.parametrize(
    "name",
    [".one.py.swp", "one.py~", "4913", "#one.py#", "one.py.tmp", "one.py___jb_tmp___",
     "__pycache__/one.pyc"],
)  # fmt: skip
def test_files_of_editors(project: Path, name: str) -> None:
    """Temporary files are not part of the code."""
    code = Code(project)
    file = project / "processor" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("not Python (")
    assert code.changed() == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "steps/one.py",
            "ONE = 1\nif ONE:\n    TWO = (\n",
            "processor/steps/one.py:3: SyntaxError: '(' was never closed\n    TWO = (\n          ^",
        ),
        ("steps/one.py", "  ONE = 1\n", "processor/steps/one.py:1: IndentationError"),
        (
            "steps/one.py",
            "ONE = 1\nTWO = '\0'\n",
            "steps/one.py:2: SyntaxError: null byte",
        ),
        ("steps/one.py", "ONE = 1\nTWO = '\udcff'\n", "steps/one.py:2: SyntaxError: "),
        ("table.json", '{\n"\udcff"}', "processor/table.json:2: 'utf-8' codec can't decode"),
        ("table.json", '{"a": 1,\n}', "processor/table.json:"),
    ],
)
def test_errors(project: Path, name: str, content: str, message: str) -> None:
    """The error names file, line and reason, every time until the file is repaired."""
    code = Code(project)
    file = project / "processor" / name
    before = file.read_text()
    file.write_bytes(content.encode(errors="surrogateescape"))
    for _ in range(2):
        with pytest.raises(CodeError) as error:
            code.changed()
        assert message in str(error.value)
    file.write_text(before)
    assert code.changed() == []
