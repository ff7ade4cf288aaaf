"""The archive of the functions' code."""

import os
import zipfile
from pathlib import Path

import pytest

from localstack_init.build import BuildError
from localstack_init.function_code import build_code


def test_the_same_source_gives_the_same_bytes(project: Path) -> None:
    """The archive does not depend on times, caches and hash order."""
    first = build_code(project)
    content = first.path.read_bytes()
    first.path.unlink()
    (project / "processor" / "__init__.py").touch()
    (project / "processor" / "__pycache__").mkdir()
    (project / "processor" / "__pycache__" / "stale.cpython-313.pyc").write_bytes(b"old")
    second = build_code(project)
    assert second.key == first.key
    assert second.path.read_bytes() == content


def test_a_change_gives_another_name(project: Path) -> None:
    """The artifact's key follows its content."""
    before = build_code(project)
    (project / "processor" / "recipes.json").write_text('{"default": {}, "b": {}}')
    assert build_code(project).key != before.key


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (None, "recipes.json is missing"),
        ("{}", "no recipe 'default'"),
        ('{"mine": {}}', "no recipe 'default'"),
        ("[]", "no recipe 'default'"),
        ('{\n"default": {},}', "recipes.json:2: "),
    ],
)
def test_unusable_recipes(project: Path, document: str | None, said: str) -> None:
    """A missing or malformed recipe file, and one without the default recipe, is refused."""
    file = project / "processor" / "recipes.json"
    file.unlink()
    if document is not None:
        file.write_text(document)
    with pytest.raises(BuildError, match=said):
        build_code(project)


def test_pipes_and_broken_links(project: Path) -> None:
    """A pipe and a broken link are not archived."""
    before = build_code(project)
    os.mkfifo(project / "processor" / "pipe.py")
    (project / "processor" / "link.py").symlink_to("nowhere")
    assert build_code(project).key == before.key


def test_the_archive_has_source_and_bytecode(project: Path) -> None:
    """The archive has source and bytecode, which Python loads without checking the source."""
    with zipfile.ZipFile(build_code(project).path) as archive:
        assert set(archive.namelist()) == {
            "processor/__init__.py",
            "processor/__pycache__/__init__.cpython-313.pyc",
            "processor/inner/__pycache__/thing.cpython-313.pyc",
            "processor/inner/thing.py",
            "processor/recipes.json",
        }
        bytecode = archive.read("processor/__pycache__/__init__.cpython-313.pyc")
        # PEP 552: bit 0 is set for a hash-based file, bit 1 if Python must check the source.
        assert int.from_bytes(bytecode[4:8], "little") == 0b01


def test_a_syntax_error_is_named(project: Path) -> None:
    """Code that does not compile is refused; the error has the file and the line."""
    (project / "processor" / "inner" / "thing.py").write_text("x = 1\ndef broken(:\n")
    with pytest.raises(BuildError) as error:
        build_code(project)
    assert 'File "processor/inner/thing.py", line 2' in str(error.value)
