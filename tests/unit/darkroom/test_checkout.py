"""Copied and moved checkouts: they are installed again, and never act on the original."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from darkroom import checkout, cli
from darkroom.errors import CommandError
from localstack_init.build import PROJECT

UV = """\
#!/bin/sh
# Installs an environment as uv does: its scripts hold the environment's path.
[ "$1" = sync ] || exit 0
folder="${UV_PROJECT_ENVIRONMENT:-.venv}"
folder="${folder#"$PWD"/}"
mkdir -p "$folder/bin"
for name in darkroom pytest; do
  [ -e "$folder/bin/$name" ] || printf '#!%s/bin/python\\n' "$PWD/$folder" > "$folder/bin/$name"
done
"""
LOCKS = (
    "uv.lock",
    "pyproject.toml",
    "emulator/pyproject.toml",
    "emulator/uv.lock",
)
MORE_LOCKS = ("tests/assurance/pyproject.toml", "tests/assurance/uv.lock")
DARKROOM = ".venv/bin/darkroom"


class Made:
    """A checkout of the Makefile and its prerequisites, with a uv that needs no network."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def make(self, *targets: str, path: str = "") -> subprocess.CompletedProcess[str]:
        """Run make without ``HOME``, as some services do."""
        path = path or f"{self.root.parent}/bin:{os.environ['PATH']}"
        return subprocess.run(
            ["make", *(targets or [DARKROOM])], cwd=self.root,
            env={"PATH": path},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def runs(self, name: str) -> Path:
        """Return the environment that a program runs in."""
        line = (self.root / ".venv" / "bin" / name).read_text().removeprefix("#!")
        return Path(line.strip()).parents[1]

    def copy(self, name: str) -> "Made":
        """Copy it as ``cp -a`` does."""
        target = self.root.with_name(name)
        shutil.copytree(self.root, target, symlinks=True)
        return Made(target)

    def files(self) -> dict[str, bytes]:
        """Return the content of all files by path."""
        paths = (path for path in self.root.rglob("*") if path.is_file())
        return {str(path.relative_to(self.root)): path.read_bytes() for path in paths}


def cloned(root: Path, program: Path) -> Made:
    """Return a checkout that is not installed, with a uv at ``program``."""
    program.parent.mkdir(parents=True)
    program.write_text(UV)
    program.chmod(0o755)
    for name in ("Makefile", *LOCKS, *MORE_LOCKS):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PROJECT / name, root / name)
    return Made(root)


@pytest.fixture
def installed(tmp_path: Path) -> Made:
    """Return an installed checkout with a snapshot."""
    made = cloned(tmp_path / "a", tmp_path / "bin" / "uv")
    done = made.make()
    assert done.returncode == 0, done
    (made.root / ".darkroom" / "state").mkdir()
    (made.root / ".darkroom" / "state" / "image").write_text("a's")
    (made.root / ".darkroom" / "emulator.env").write_text("points at a's emulator")
    return made


def test_it_is_installed_once(installed: Made) -> None:
    """In the checkout that was installed, make has nothing to do; its work folder is private."""
    assert installed.runs("darkroom") == installed.root / ".venv"
    assert "is up to date" in installed.make().stdout
    assert (installed.root / ".darkroom").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("uv", ["my bin/uv", "Jane's/first hour/.darkroom/tools/bin/uv"])
def test_a_path_with_spaces(tmp_path: Path, uv: str) -> None:
    """All environments are installed in a checkout with spaces and quotes in its path, with a uv on
    such a PATH or one in the checkout.
    """
    made = cloned(tmp_path / "Jane's" / "first hour", tmp_path / uv)
    environments = [".darkroom/env/lambda/.installed", ".darkroom/env/assurance/.installed"]
    done = made.make(DARKROOM, *environments, path=f"{tmp_path / 'my bin'}:/usr/bin:/bin")
    assert done.returncode == 0, done
    assert not done.stderr
    assert all((made.root / each).is_file() for each in environments)
    assert made.runs("darkroom") == made.root / ".venv"


@pytest.mark.parametrize("is_moved", [True, False])
def test_elsewhere_it_is_installed_by_the_next_target(
    installed: Made,
    is_moved: bool,  # noqa: FBT001
) -> None:
    """All programs then run in the new place, the variables of another emulator are deleted, and
    both snapshots remain.
    """
    before = installed.files()
    other = Made(installed.root.rename(installed.root.with_name("b"))) if is_moved else None
    other = other or installed.copy("b")
    done = other.make()
    assert f"was installed in {installed.root}: installing it here" in done.stdout, done
    assert {other.runs(name) for name in ("darkroom", "pytest")} == {other.root / ".venv"}
    assert (other.root / ".darkroom" / "state" / "image").read_text() == "a's"
    assert not (other.root / ".darkroom" / "emulator.env").exists()
    assert "is up to date" in other.make().stdout
    assert is_moved or installed.files() == before


def test_a_copy_without_its_work_folder(installed: Made) -> None:
    """A copied environment is recognized by its scripts too."""
    other = installed.copy("b")
    shutil.rmtree(other.root / ".darkroom")
    assert other.make().returncode == 0
    assert {other.runs(name) for name in ("darkroom", "pytest")} == {other.root / ".venv"}


def test_a_shared_work_folder(installed: Made, tmp_path: Path) -> None:
    """A copy of a link to the work folder is rejected: the folder is the original's."""
    elsewhere = (installed.root / ".darkroom").rename(tmp_path / "elsewhere")
    (installed.root / ".darkroom").symlink_to(elsewhere)
    other = installed.copy("b")
    before = installed.files()
    done = other.make()
    assert done.returncode != 0
    assert f"is the work folder of the checkout in {installed.root}" in done.stderr
    assert installed.files() == before


@pytest.fixture
def environments(tmp_path: Path) -> tuple[Path, Path]:
    """Return the environments of a checkout and of its copy."""
    for name in ("a", "b"):
        (tmp_path / name / ".venv" / "bin").mkdir(parents=True)
        (tmp_path / name / ".venv" / "pyvenv.cfg").touch()
        (tmp_path / name / ".darkroom").mkdir()
        (tmp_path / name / ".darkroom" / "checkout").write_text(f"{tmp_path / 'a'}\n")
        (tmp_path / name / ".venv" / "bin" / "darkroom").touch()
    return tmp_path / "a" / ".venv", tmp_path / "b" / ".venv"


def test_a_copied_program_is_rejected(environments: tuple[Path, Path]) -> None:
    """A copied script runs the original's interpreter, a copied interpreter the original's code:
    the error names both checkouts, and what to do.
    """
    original, copy = environments
    for prefix, called in ((original, copy / "bin" / "darkroom"), (copy, Path("-c"))):
        with pytest.raises(CommandError) as error:
            checkout.check(str(prefix), [str(called)])
        assert f"{copy.parent} was copied from {original.parent}" in str(error.value)
        assert f"`make -C {copy.parent} install`" in str(error.value)


def test_commands_without_a_checkout() -> None:
    """What runs the emulator needs a checkout; an installed package has none."""
    assert {"up", "down", "reset", "dev", "mode", "attach"} == cli.LOCAL
    with pytest.raises(CommandError, match="`darkroom dev` needs a checkout"):
        checkout.require("dev", is_checkout=False)
    checkout.require("dev", is_checkout=True)


def test_the_original_and_a_link_to_it_run(environments: tuple[Path, Path], tmp_path: Path) -> None:
    """A program in the place of its installation is accepted, by whichever path."""
    original, _ = environments
    link = tmp_path / "darkroom"
    link.symlink_to(original / "bin" / "darkroom")
    for called in (original / "bin" / "darkroom", link, Path("pytest")):
        checkout.check(str(original), [str(called)])
