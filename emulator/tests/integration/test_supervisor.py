"""The supervisor process, without LocalStack."""

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.speed import LIMIT

from .localstack import PROJECT
from .waiting import wait_for

PROGRAM = PROJECT / "localstack_native" / "awslambda" / "supervisor.py"
# The right to read is for the interpreter's sake, which may lie in root's home folder.
NOBODY = [
    *("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
]
ON_NOSUID = [
    *("unshare", "--mount", "sh", "-c"),
    'mount --bind /var/tmp /var/tmp && mount -o remount,bind,nosuid /var/tmp && exec "$@"',
    "sh",
]
WITHOUT_MOUNTS = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"]
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="changes its user or its rights")


@contextmanager
def supervised(
    folder: Path, *shell: str, prefix: list[str] | None = None, code: Path | None = None
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Run a shell command in a supervisor; return its process and its first report."""
    (folder / "tmp").mkdir(parents=True)
    (folder / "log").touch()
    trees = [str(code)] if code else []
    if prefix and set(NOBODY) <= set(prefix):
        for path in (folder, *folder.rglob("*")):
            os.chown(path, 65534, 65534)
    order = {
        "argv": ["/bin/sh", "-c", *shell],
        "env": {"PATH": os.environ["PATH"]},
        "cwd": "/",
        "log": str(folder / "log"),
        "folder": str(folder),
        "tmp": str(folder / "tmp"),
        "visible": [],
        "read_only": trees,
        "cached": trees,
    }
    process = subprocess.Popen(
        [*(prefix or []), getattr(sys, "_base_executable", sys.executable), "-I", "-S", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(order).encode() + b"\n")
    process.stdin.flush()
    with process:
        yield process, json.loads(process.stdout.readline())
        process.kill()


@pytest.mark.parametrize(("command", "status"), [("exit 3", 3 << 8), ("kill -9 $$", 9)])
def test_status_is_reported(tmp_path: Path, command: str, status: int) -> None:
    """The runtime's end is reported, and the folder remains while LocalStack holds the lifeline."""
    with supervised(tmp_path / "environment", command) as (process, _):
        assert json.loads(process.stdout.readline()) == {"status": status}
        assert process.poll() is None
        assert (tmp_path / "environment").exists()


@pytest.mark.parametrize(("words", "is_kept"), [(b"", False), (b"k", True)])
def test_the_end_of_the_lifeline_ends_all_processes(
    tmp_path: Path,
    words: bytes,
    is_kept: bool,  # noqa: FBT001
) -> None:
    """When the lifeline ends, all processes are killed, and the folder is removed unless it is
    needed.
    """
    folder = tmp_path / "environment"
    orphan = "setsid sh -c 'sleep 600 & echo started' & sleep 600"
    with supervised(folder, orphan) as (process, report):
        wait_for(lambda: "started" in (folder / "log").read_text())
        below = psutil.Process(process.pid).children(recursive=True)
        assert report["pid"] in {child.pid for child in below}
        process.stdin.write(words)
        process.stdin.close()
        assert process.wait(LIMIT) == 0
        assert not any(child.is_running() for child in below)
        assert folder.exists() == is_kept


def test_a_killed_supervisor_ends_the_runtime(tmp_path: Path) -> None:
    """A supervisor that is killed takes the runtime with it."""
    with supervised(tmp_path / "environment", "exec sleep 600") as (process, report):
        runtime = psutil.Process(report["pid"])
        process.kill()
        wait_for(lambda: not runtime.is_running() or runtime.status() == psutil.STATUS_ZOMBIE)


@needs_root
@pytest.mark.parametrize(
    ("prefix", "is_private"), [([], True), (NOBODY, True), (WITHOUT_MOUNTS, False)]
)
def test_tmp_is_in_the_environments_folder(
    prefix: list[str],
    is_private: bool,  # noqa: FBT001
    tmp_path_factory: Any,
) -> None:
    """Root and, where user namespaces are allowed, other users get a private /tmp; without the
    right to mount, TMPDIR is set. In both cases the file is in the environment's folder.
    """
    folder = Path("/var/tmp") / f"{tmp_path_factory.mktemp('environment').name}-{os.getpid()}"
    command = "echo x > ${TMPDIR:-/tmp}/file; echo $HOME; ls /tmp; exit 0"
    try:
        with supervised(folder, command, prefix=prefix) as (process, _):
            assert json.loads(process.stdout.readline()) == {"status": 0}
        log = (folder / "log").read_text(errors="replace").split()  # /tmp may hold any names
        if prefix == NOBODY and log[0] != "/tmp":
            pytest.skip("this kernel allows no user namespaces")
        assert log[0] == ("/tmp" if is_private else str(folder / "tmp"))
        assert (log[1:] == ["file"]) == is_private
        assert (folder / "tmp" / "file").read_text() == "x\n"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@needs_root
@pytest.mark.parametrize(
    ("prefix", "parent"),
    [
        *itertools.product(([], NOBODY, WITHOUT_MOUNTS), ("/var/tmp", "/tmp")),
        ([*ON_NOSUID, *NOBODY], "/var/tmp"),
    ],
)
def test_code_is_read_only(prefix: list[str], parent: str, tmp_path_factory: Any) -> None:
    """A function can read its code, and not write, delete or add a file in it, with and without
    the right to mount, also where a file system's own flags must stay.
    """
    folder = Path(parent) / f"{tmp_path_factory.mktemp('environment').name}-{os.getpid()}"
    code = folder / "code"
    (code / "below").mkdir(parents=True)
    (code / "below" / "app.py").write_text("pass\n")
    command = f"cd {code}; echo x >> below/app.py; echo x > new; rm -f below/app.py; cat */app.py"
    try:
        with supervised(folder, command, prefix=prefix, code=code) as (process, _):
            assert json.loads(process.stdout.readline()) == {"status": 0}
        log = (folder / "log").read_text().splitlines()
        assert len(log) == 4, log
        assert log[3] == "pass"
        reason = "Permission denied" if prefix == WITHOUT_MOUNTS else "Read-only file system"
        if set(NOBODY) <= set(prefix) and reason not in log[0]:
            reason = "Permission denied"  # this kernel allows no user namespaces
        assert all(reason in line for line in log[:3]), log
        assert [file.name for file in code.rglob("*")] == ["below", "app.py"]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
