"""Archives, and the layer."""

import subprocess
import sys
from pathlib import Path

import pytest

from localstack_init import build
from localstack_init.build import PROJECT, BuildError, build_layer, pack


def test_the_name_ignores_bytecode(project: Path, tmp_path: Path) -> None:
    """Bytecode of another release of Python does not change the archive's name."""
    keys = []
    for bytecode in (b"one", b"other"):
        (project / "processor" / "module.cpython-313.pyc").write_bytes(bytecode)
        keys.append(pack(project / "processor", "code", tmp_path).key)
    assert keys[0] == keys[1]


def test_a_failed_build_of_a_layer(project: Path) -> None:
    """Without a lock file no layer can be built; the error has uv's message."""
    with pytest.raises(BuildError, match="uv") as error:
        build_layer("host", project)
    assert "first build needs a network" in str(error.value)


def test_the_module_needs_no_other(tmp_path: Path) -> None:
    """The emulator's image builds the layer with this module and the package's ``__init__``."""
    package = tmp_path / "localstack_init"
    package.mkdir()
    for name in ("__init__.py", "build.py"):
        (package / name).write_bytes((PROJECT / "localstack_init" / name).read_bytes())
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import localstack_init.build; "
        "sys.exit('processor' in sys.modules)"
    )
    subprocess.run([sys.executable, "-I", "-c", program], check=True)


def test_the_packages_of_a_program_in_uvs_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The layer's packages are found where `uvx` installs a program, as in a checkout."""
    for name in ("pyproject.toml", "uv.lock"):
        (tmp_path / name).write_bytes((PROJECT / name).read_bytes())
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path))
    assert "pillow==" in build._locked(tmp_path)
