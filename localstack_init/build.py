"""Build the code and the layer: the same input gives the same name."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from localstack_init.dashboard import dashboard
from localstack_init.gateway import definition

PROJECT = Path(__file__).parent.parent
BUILDS = PROJECT / ".darkroom" / "build"

Target = Literal["host", "x86_64", "arm64"]
"""Where the layer will run: this machine, or Lambda's processor of that kind."""

PLATFORMS: dict[Target, list[str]] = {
    "host": [],
    # Lambda's python3.13 runs on Amazon Linux 2023, which has glibc 2.34.
    "x86_64": ["--python-platform", "x86_64-manylinux_2_34"],
    "arm64": ["--python-platform", "aarch64-manylinux_2_34"],
}

INSTALLER_TRACES = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json", "uv_cache.json"}
"""Files that tell how a package was installed here, not what it is."""

RECIPES = "processor/recipes.json"

DEFAULT_RECIPE = "default"
"""The recipe that is meant where none is named: ``processor.pipeline.process.DEFAULT``."""

NOT_CODE = (
    "__pycache__", "pyproject.toml",
    ".*", "*~", "*.swp", "*.swx", "*.tmp", "*.bak", "*.orig", "#*#", "4913", "*___jb_*___",
)  # fmt: skip
"""Names that are no part of the code: others' caches, and what editors leave while they save."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A zip file, and the key that it has in the artifact bucket."""

    path: Path
    key: str


class BuildError(Exception):
    """The code or the layer could not be built. Says why, and what to do."""


def build_code() -> Artifact:
    """Zip the pipeline's source with its bytecode. Raises ``BuildError``."""
    recipes = PROJECT / RECIPES
    check_recipes(recipes.read_bytes() if recipes.is_file() else None)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(
            PROJECT / "processor",
            root / "processor",
            ignore=_left_out,
        )
        _compile(root)
        return _pack(root, "code")


def check_recipes(document: bytes | None) -> None:
    """Refuse a recipe file without the recipe of uploads that name none. Raises ``BuildError``.

    ``None`` stands for a file that is not there. Whether the recipes are valid, the pipeline's own
    code says.
    """
    if document is None:
        raise BuildError(
            f"{RECIPES} is not there: it holds the recipe {DEFAULT_RECIPE!r}, at least."
        )
    try:
        recipes = json.loads(document)
    except json.JSONDecodeError as error:
        raise BuildError(f"{RECIPES}:{error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise BuildError(f"{RECIPES}: {error}") from error
    if not isinstance(recipes, dict) or DEFAULT_RECIPE not in recipes:
        raise BuildError(
            f"{RECIPES} has no recipe {DEFAULT_RECIPE!r}: uploads that name none would fail."
        )


def build_definition() -> Artifact:
    """What API Gateway imports for docs/openapi.yaml."""
    document = yaml.safe_load((PROJECT / "docs" / "openapi.yaml").read_text())
    return _included("api", definition(document))


def build_dashboard() -> Artifact:
    """What the template includes as CloudWatch's dashboard."""
    return _included("dashboard", dashboard())


def build_workflow() -> Artifact:
    """The workflow's definition, in Amazon States Language."""
    return _included(
        "workflow", json.loads((PROJECT / "localstack_init" / "workflow.asl.json").read_text())
    )


def build_layer(target: Target) -> Artifact:
    """Install what ``processor/pyproject.toml`` names, at the locked versions, and zip it.

    A layer that was built from the same lock is used again: only the first build needs a network.
    Raises ``BuildError``.
    """
    requirements = _uv(
        "export", "--frozen", "--package", "darkroom-processor",
        "--no-emit-workspace", "--no-dev", "--no-header",
    )  # fmt: skip
    recipe = (requirements, target, sys.version, Path(__file__).read_text())
    known = BUILDS / f"layer-{target}-{_digest(repr(recipe).encode())}.built"
    if known.exists() and (path := BUILDS / known.read_text()).exists():
        return Artifact(path, f"layer/{path.name.removeprefix('layer-')}")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        listed = root / "requirements.txt"
        listed.write_text(requirements)
        _uv(
            "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes",
            "--python", sys.executable, "--python-version", "3.13", *PLATFORMS[target],
            "--target", str(root / "python"), "--requirements", str(listed),
        )  # fmt: skip
        listed.unlink()
        shutil.rmtree(root / "python" / "bin", ignore_errors=True)
        for file in root.rglob("*"):
            if file.name in INSTALLER_TRACES or file.name == ".lock":
                file.unlink()
        _compile(root)
        artifact = _pack(root, "layer")
    known.write_text(artifact.path.name)
    return artifact


def _left_out(folder: str, names: list[str]) -> set[str]:
    """What is no code, and what is no file: who opened a pipe would wait for its writer."""
    there = {name: Path(folder, name) for name in names}
    odd = {name for name, path in there.items() if not path.is_file() and not path.is_dir()}
    return odd | shutil.ignore_patterns(*NOT_CODE)(folder, names)


def _included(kind: str, value: dict[str, Any]) -> Artifact:
    """A part of the template that is a file of its own."""
    BUILDS.mkdir(parents=True, exist_ok=True)
    content = json.dumps(value).encode()
    digest = _digest(content)
    path = BUILDS / f"{kind}-{digest}.json"
    path.write_bytes(content)
    return Artifact(path, f"{kind}/{digest}.json")


def _uv(*arguments: str) -> str:
    # Not in LocalStack's own environment, where a layer is used but never built.
    from uv import find_uv_bin  # noqa: PLC0415

    command = [find_uv_bin(), "--project", str(PROJECT), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(
            f"`{' '.join(command)}` failed. The first build needs a network.\n{done.stderr.strip()}"
        )
    return done.stdout


def _compile(root: Path) -> None:
    """Write bytecode that is loaded without a look at the source: imports are 2.5 times faster.

    In a process of its own with hashing fixed, because sets in bytecode are stored in hash order.
    """
    command = [
        sys.executable, "-I", "-m", "compileall", "-q", "-j", "0",
        "--invalidation-mode", "unchecked-hash", "-s", str(root), str(root),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"The code does not compile.\n{done.stdout.replace(f'{root}/', '')}")


def _pack(root: Path, kind: str) -> Artifact:
    """Zip a folder with fixed order, times and modes, and name it by its content.

    Bytecode does not count: it differs between releases of Python, and does the same in all.
    """
    BUILDS.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=BUILDS, prefix=f".{kind}-", delete=False) as unfinished:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(root.rglob("*")):
                if file.is_file():
                    name, content = file.relative_to(root).as_posix(), file.read_bytes()
                    add(archive, name, content)
                    if file.suffix != ".pyc":
                        digest.update(f"{name} {len(content)} ".encode() + content)
        path = Path(unfinished.name)
    path = path.rename(BUILDS / f"{kind}-{digest.hexdigest()[:20]}.zip")
    return Artifact(path, f"{kind}/{path.name.removeprefix(f'{kind}-')}")


def add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Put a file into a zip file, with nothing in it that depends on when or where."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = archive.compression
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:20]
