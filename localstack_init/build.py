"""Reproducible archives named by content, and the layer of dependencies.

Imports nothing of this project: the emulator's image builds the layer with this file alone.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PACKAGES = Path(__file__).parent.parent
"""The folder with this package and the pipeline's: a checkout, or installed packages."""

BUNDLED = Path(__file__).parent / "bundled"
"""The wheel's copies of a checkout's other files (pyproject.toml). In a checkout it is missing."""

IS_CHECKOUT = not BUNDLED.exists()

PROJECT = PACKAGES if IS_CHECKOUT else BUNDLED

Target = Literal["host", "x86_64", "arm64"]
"""Where the layer runs: on this machine, or in Lambda on that instruction set."""

PLATFORMS: dict[Target, list[str]] = {
    "host": [],
    # Lambda's python3.13 runs on Amazon Linux 2023 with glibc 2.34.
    "x86_64": ["--python-platform", "x86_64-manylinux_2_34"],
    "arm64": ["--python-platform", "aarch64-manylinux_2_34"],
}

INSTALLER_TRACES = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json", "uv_cache.json"}
"""Files of an installed package that differ from one installation to the next."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file, and its key in the artifact bucket."""

    path: Path
    key: str


class BuildError(Exception):
    """An artifact cannot be built. The message says why, and what to do."""


def build_layer(target: Target, project: Path = PROJECT) -> Artifact:
    """Install and zip the packages of the group ``layer`` at their locked versions.

    Reuses a layer of the same lock: only the first build needs a network. Raises ``BuildError``.
    """
    builds = builds_of(project)
    requirements = _locked(project)
    inputs = (requirements, target, sys.version, Path(__file__).read_text())
    built = builds / f"layer-{target}-{digest_of(repr(inputs).encode())}.built"
    if built.exists() and (path := builds / built.read_text()).exists():
        return Artifact(path, f"layer/{path.name.removeprefix('layer-')}")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        listed = root / "requirements.txt"
        listed.write_text(requirements)
        _uv(
            root, "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:",
            "--require-hashes", "--python", sys.executable, "--python-version", "3.13",
            *PLATFORMS[target], "--target", str(root / "python"), "--requirements", str(listed),
        )  # fmt: skip
        listed.unlink()
        shutil.rmtree(root / "python" / "bin", ignore_errors=True)
        for file in root.rglob("*"):
            if file.name in INSTALLER_TRACES or file.name == ".lock":
                file.unlink()
        compile_source(root)
        artifact = pack(root, "layer", builds)
    built.write_text(artifact.path.name)
    return artifact


def builds_of(project: Path) -> Path:
    """Return the folder of a checkout's artifacts, or of an installed program's. Creates it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    builds = project / ".darkroom" / "build" if IS_CHECKOUT else cache / "darkroom"
    builds.mkdir(parents=True, exist_ok=True)
    return builds


def _locked(project: Path) -> str:
    """Return the requirements of the layer, with hashes. Raises ``BuildError``."""
    with tempfile.TemporaryDirectory() as folder:
        # A program of `uvx` is in uv's cache, where uv accepts no project.
        for name in ("pyproject.toml", "uv.lock"):
            if (project / name).exists():
                shutil.copy(project / name, folder)
        arguments = ("export", "--frozen", "--only-group", "layer", "--no-header")
        return _uv(Path(folder), *arguments)


def _uv(project: Path, *arguments: str) -> str:
    command = [_uv_program(), "--project", str(project), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(
            f"`{' '.join(command)}` failed. The first build needs a network.\n{done.stderr.strip()}"
        )
    return done.stdout


def _uv_program() -> str:
    """Return the path of uv: the package's, else that on PATH. Raises ``BuildError``."""
    try:
        from uv import find_uv_bin  # noqa: PLC0415  # an extra

        return find_uv_bin()
    except ImportError:
        if found := shutil.which("uv"):
            return found
    raise BuildError(
        "The layer of dependencies is built with uv, which is not installed. Install "
        "`darkroom[deploy]`, or uv itself."
    )


def compile_source(root: Path) -> None:
    """Write bytecode that Python loads without checking the source: imports are 2.5 times faster.

    Runs in a process with a fixed hash seed: bytecode stores sets in hash order.
    """
    command = [
        sys.executable, "-I", "-m", "compileall", "-q", "-j", "0",
        "--invalidation-mode", "unchecked-hash", "-s", str(root), str(root),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"The code does not compile.\n{done.stdout.replace(f'{root}/', '')}")


def pack(root: Path, kind: str, builds: Path) -> Artifact:
    """Zip a folder into ``builds`` with fixed order, times and modes, named by its content.

    The name ignores bytecode, which differs between releases of Python.
    """
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=builds, prefix=f".{kind}-", delete=False) as unfinished:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(root.rglob("*"), key=lambda file: file.as_posix()):
                if file.is_file():
                    name, content = file.relative_to(root).as_posix(), file.read_bytes()
                    add(archive, name, content)
                    if file.suffix != ".pyc":
                        digest.update(f"{name} {len(content)} ".encode() + content)
        path = Path(unfinished.name)
    path = path.rename(builds / f"{kind}-{digest.hexdigest()[:20]}.zip")
    return Artifact(path, f"{kind}/{path.name.removeprefix(f'{kind}-')}")


def add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add a file to a zip file, without time and mode of this machine."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = archive.compression
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def digest_of(content: bytes) -> str:
    """Return the digest that names content in the artifact bucket."""
    return hashlib.sha256(content).hexdigest()[:20]
