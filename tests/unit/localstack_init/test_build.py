"""Building the code and the layer."""

import os
import zipfile
from pathlib import Path

import pytest

from localstack_init import build
from processor.pipeline.recipe_book import DEFAULT


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a project of its own, with a pipeline of two files."""
    source = tmp_path / "processor"
    (source / "inner").mkdir(parents=True)
    (source / "__init__.py").write_text("NAMES = {'a', 'b', 'c', 'd'}\n")
    (source / "inner" / "thing.py").write_text("def f(x):\n    return x in {'p', 'q', 'r'}\n")
    (source / "recipes.json").write_text('{"default": {}}')
    (source / "pyproject.toml").write_text("")
    monkeypatch.setattr(build, "PROJECT", tmp_path)
    monkeypatch.setattr(build, "BUILDS", tmp_path / "build")
    return tmp_path


def test_the_same_source_gives_the_same_bytes(project: Path) -> None:
    """Times, caches and hash order leave no trace in the archive."""
    first = build.build_code()
    content = first.path.read_bytes()
    first.path.unlink()
    (project / "processor" / "__init__.py").touch()
    (project / "processor" / "__pycache__").mkdir()
    (project / "processor" / "__pycache__" / "stale.cpython-313.pyc").write_bytes(b"old")
    second = build.build_code()
    assert second.key == first.key
    assert second.path.read_bytes() == content


@pytest.mark.usefixtures("project")
def test_the_name_is_that_of_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another release of Python, which may write other bytecode, makes no other name."""
    first = build.build_code()

    def compile_otherwise(root: Path) -> None:
        (root / "processor" / "__pycache__").mkdir()
        (root / "processor" / "__pycache__" / "__init__.cpython-313.pyc").write_bytes(b"other")

    monkeypatch.setattr(build, "_compile", compile_otherwise)
    assert build.build_code().key == first.key


def test_a_change_gives_another_name(project: Path) -> None:
    """The key in the bucket follows the content."""
    before = build.build_code()
    (project / "processor" / "recipes.json").write_text('{"default": {}, "b": {}}')
    assert build.build_code().key != before.key


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (None, "recipes.json is not there"),
        ("{}", "no recipe 'default'"),
        ('{"mine": {}}', "no recipe 'default'"),
        ("[]", "no recipe 'default'"),
        ('{\n"default": {},}', "recipes.json:2: "),
    ],
)
def test_recipes_without_which_uploads_would_fail(
    project: Path, document: str | None, said: str
) -> None:
    """Nothing is built with a recipe file that lacks the recipe of uploads that name none."""
    file = project / "processor" / "recipes.json"
    file.unlink()
    if document is not None:
        file.write_text(document)
    with pytest.raises(build.BuildError, match=said):
        build.build_code()


def test_the_default_is_the_pipelines() -> None:
    """The recipe that has to be there is the one that the pipeline falls back on."""
    assert build.DEFAULT_RECIPE == DEFAULT


def test_what_is_no_file(project: Path) -> None:
    """A pipe that nobody writes to, and a link to nowhere, are left out."""
    before = build.build_code()
    os.mkfifo(project / "processor" / "pipe.py")
    (project / "processor" / "link.py").symlink_to("nowhere")
    assert build.build_code().key == before.key


@pytest.mark.usefixtures("project")
def test_the_archive_holds_source_and_bytecode() -> None:
    """Bytecode is for this Python and is used without a look at the source's time."""
    with zipfile.ZipFile(build.build_code().path) as archive:
        assert set(archive.namelist()) == {
            "processor/__init__.py",
            "processor/__pycache__/__init__.cpython-313.pyc",
            "processor/inner/__pycache__/thing.cpython-313.pyc",
            "processor/inner/thing.py",
            "processor/recipes.json",
        }
        bytecode = archive.read("processor/__pycache__/__init__.cpython-313.pyc")
        # PEP 552: bit 0 says that the file is named by a hash, bit 1 that it is to be checked.
        assert int.from_bytes(bytecode[4:8], "little") == 0b01


def test_a_syntax_error_is_named(project: Path) -> None:
    """Code that does not compile is not deployed; the message has the file and the line."""
    (project / "processor" / "inner" / "thing.py").write_text("x = 1\ndef broken(:\n")
    with pytest.raises(build.BuildError) as error:
        build.build_code()
    assert 'File "processor/inner/thing.py", line 2' in str(error.value)


@pytest.mark.usefixtures("project")
def test_a_failed_build_says_why() -> None:
    """A folder without a lock file cannot be built from, and uv's own words are passed on."""
    with pytest.raises(build.BuildError, match="uv") as error:
        build.build_layer("host")
    assert "first build needs a network" in str(error.value)
