"""The registry of patches, and its check at the start."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from localstack_native import patches
from localstack_native.features import FEATURES
from localstack_native.patches import PatchError
from localstack_native.patches.registry import PATCHES
from localstack_native.patches.source import parameters_of


def test_every_patch_fits_the_installed_versions(tmp_path: Path) -> None:
    """Each target exists with the expected parameters, and the second check reads no source."""
    stamp = tmp_path / "stamp.json"
    patches.check(PATCHES, stamp)
    passed = stamp.stat().st_mtime_ns
    patches.check(PATCHES, stamp)
    assert stamp.stat().st_mtime_ns == passed


LOAD = """
import importlib, sys
for each in sys.argv[1:]:
    module, _, name = each.partition(":")
    getattr(importlib.import_module(module), name)
"""


def test_each_patch_is_complete() -> None:
    """A patch belongs to a feature, has a reason, and its replacement exists."""
    assert {patch.feature for patch in PATCHES} <= FEATURES.keys()
    assert all(patch.reason for patch in PATCHES)
    replacements = {patch.new for patch in PATCHES if patch.new}
    subprocess.run([sys.executable, "-c", LOAD, *replacements], check=True)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"parameters": "self name"}, r"its parameters are \(self hash_key range_key\) instead"),
        ({"target": "moto.dynamodb.models:Tabel.delete_item"}, "it does not exist"),
        ({"target": "moto.dynamodb.moddels:Table.delete_item"}, "it does not exist"),
    ],
)
def test_a_mismatch_is_an_error(change: dict[str, str], sentence: str, tmp_path: Path) -> None:
    """The error names LocalStack's version, the patch and the difference."""
    patch = next(each for each in PATCHES if each.target.endswith("Table.delete_item"))
    wrong = replace(patch, **change)
    with pytest.raises(PatchError, match=f"LocalStack 4.* the patch {wrong.target} .*{sentence}"):
        patches.check([wrong], tmp_path / "stamp.json")


def test_a_changed_file_is_checked_again(tmp_path: Path) -> None:
    """A stamp of other files is not valid."""
    stamp = tmp_path / "stamp.json"
    patches.check(PATCHES[:1], stamp)
    stamp.write_text(stamp.read_text().replace('"files": {', '"files": {"/nowhere": [1, 2], '))
    patches.check(PATCHES[:1], stamp)
    assert "/nowhere" not in stamp.read_text()


def test_a_copied_environment_is_checked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stamp that was copied with its environment names the files of the original."""
    stamp = tmp_path / "stamp.json"
    patches.check(PATCHES[:1], stamp)
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    patches.check(PATCHES[:1], stamp)
    assert f'"environment": "{tmp_path}"' in stamp.read_text()


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("def f(a, /, b: int, *c, d=1, **e): ...", "f", "a / b *c d **e"),
        ("class A:\n    def f(self): ...", "A.f", "self"),
        ("class A(B):\n    x = 1", "A.f", "inherited"),
        ("x: int = 1", "x", None),
        ("if True:\n    def f(a): ...", "f", "a"),
    ],
)
def test_parameters_in_source(
    text: str, path: str, expected: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parameters are read from definitions, wherever a module or a class has them."""
    package = tmp_path / f"package_{abs(hash(text))}"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "module.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    assert parameters_of(f"{package.name}.module", path.split(".")) == expected


def test_the_list_of_patches_for_a_reader_that_ends() -> None:
    """``localstack-native --patches`` ends without an error when its reader does, such as head."""
    run = "from localstack_native.program import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", run, "--patches"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as listing:
        assert listing.stdout
        assert listing.stderr
        listing.stdout.close()
        assert not listing.stderr.read()
