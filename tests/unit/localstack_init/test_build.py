"""Archives, and the layer."""

from pathlib import Path

import pytest

from localstack_init.build import BuildError, build_layer, pack


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
