"""The wheel of ``make dist``, installed in an empty environment as by ``pipx install``."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from localstack_init.build import PROJECT
from release.sbom import wheel_in

UV = find_uv_bin()


def build_wheel(folder: Path) -> Path:
    """Build the wheel alone, into a folder."""
    build = [UV, "build", "--quiet", "--wheel", "--python", sys.executable]
    subprocess.run([*build, "--out-dir", folder], cwd=PROJECT, check=True)
    return wheel_in(folder)[0]


def make_dist(folder: Path) -> None:
    """Run ``make dist`` into a folder."""
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    subprocess.run(
        ["make", "--silent", "dist", f"DIST={folder}"], cwd=PROJECT, env=environment, check=True
    )


@dataclass(frozen=True, slots=True)
class Installed:
    """A ``darkroom`` program outside of the checkout, in an environment of its own."""

    root: Path

    @classmethod
    def of(cls, wheel: Path, root: Path, extra: str = "") -> "Installed":
        """Install a wheel with what its metadata requires."""
        environment = root / "environment"
        subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, environment], check=True)
        python = str(environment / "bin" / "python")
        install = [UV, "pip", "install", "--quiet", "--python", python]
        subprocess.run([*install, f"{wheel}{extra}"], check=True)
        (root / "folder").mkdir()
        return cls(root)

    @property
    def folder(self) -> Path:
        """The folder that commands run in."""
        return self.root / "folder"

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command; what it builds goes into a cache of its own."""
        cache = subprocess.run([UV, "cache", "dir"], capture_output=True, text=True, check=True)
        ours = {name for name in os.environ if name.startswith(("PYTHON", "DARKROOM", "VIRTUAL"))}
        environment = {name: value for name, value in os.environ.items() if name not in ours}
        environment |= {
            "COLUMNS": "160",
            "UV_CACHE_DIR": cache.stdout.strip(),
            "XDG_CACHE_HOME": str(self.root / "cache"),
        }
        return subprocess.run(
            [self.root / "environment" / "bin" / "darkroom", *arguments],
            cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, check=False,
        )  # fmt: skip

    def output(self, *arguments: str | Path) -> str:
        """Return what a command prints, which has to succeed."""
        done = self.run(*arguments)
        assert done.returncode == 0, (done.stdout, done.stderr)
        return done.stdout
