"""The emulator as a container: its Docker files, and the handling of Docker's output."""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from darkroom.emulator.compose import ComposeEmulator, has_engine
from darkroom.emulator.endpoint import Endpoint
from darkroom.emulator.modes import choose_mode
from darkroom.errors import EmulatorError
from localstack_init.build import PROJECT

Docker = Callable[..., None]


def container(checkout: Path, *, runs: bool = True) -> str:
    """Return a line of `docker compose ps`."""
    labels = f"com.docker.compose.service=localstack,{WORKING_DIR}={checkout}"
    publishers = [{"PublishedPort": 4566}, {"PublishedPort": 0}] if runs else None
    return json.dumps({"ID": "6412a9be1bbb", "Labels": labels, "Publishers": publishers})


WORKING_DIR = "com.docker.compose.project.working_dir"
OURS = container(PROJECT)


CONFIGURED = json.dumps({"volumes": {"state": {"name": "main_state"}}})


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set a work folder for the test."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("DARKROOM_HOME", str(home))
    return home


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    """Return a function that puts a program named docker on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def make(**lines: str) -> None:
        """Run a line of shell for each word of the command."""
        cases = "".join(f"*' {word} '*) {line} ;;\n" for word, line in lines.items())
        program = folder / "docker"
        program.write_text(f'#!/bin/sh\ncase " $* " in\n{cases}esac\n')
        program.chmod(0o755)

    return make


@pytest.fixture
def service() -> dict[str, Any]:
    """Return the one service of docker-compose.yml."""
    content = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
    assert list(content["services"]) == ["localstack"]
    service: dict[str, Any] = content["services"]["localstack"]
    return service


@pytest.fixture
def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def not_ignored(folder: Path) -> set[str]:
    """Return the paths that a folder's .dockerignore leaves in the build context."""
    lines = (folder / ".dockerignore").read_text().splitlines()
    return {line.removeprefix("!") for line in lines if line.startswith("!")}


def test_the_build_context_is_small_and_complete(service: dict[str, Any]) -> None:
    """It has the emulator's files and those that the project's step reads, and no others."""
    emulator = {f"emulator/{path}" for path in not_ignored(PROJECT / "emulator")}
    step = service["build"]["args"]["PROJECT_STEP"]
    words = (PROJECT / step).read_text().replace("\\\n", "").partition("for name in ")[2]
    project = {step, *words.partition(";")[0].split()}
    assert not_ignored(PROJECT) == emulator | project
    assert all((PROJECT / path).exists() for path in emulator | project)


def test_the_container_is_not_reachable_from_the_network(service: dict[str, Any]) -> None:
    """Every published port is on loopback."""
    assert service["ports"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_the_container_cannot_change_the_checkout(service: dict[str, Any]) -> None:
    """It has no Docker socket, and mounts existing files of this checkout read-only."""
    mounts = [each for each in service["volumes"] if not each.startswith("state:")]
    for mount in mounts:
        source, _, how = mount.split(":")
        assert how == "ro", mount
        assert (PROJECT / source).exists(), mount
        assert "sock" not in source


def test_no_engine(docker: Docker) -> None:
    """No program, one without Compose, one without an engine, and one that hangs: no engine."""
    assert not has_engine()
    docker(compose="exit 1")
    assert not has_engine()
    docker(info="exit 1")
    assert not has_engine()
    docker(info="exec /bin/sleep 60")
    assert not has_engine(0.2)


@pytest.mark.parametrize(
    ("requested", "lines", "chosen"),
    [
        (None, {}, "docker"),
        (None, {"info": "exit 1"}, "native"),
        ("native", {}, "native"),
        ("docker", {"info": "exit 1"}, "docker"),
    ],
)
def test_the_mode(
    docker: Docker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    requested: Any,
    lines: dict[str, str],
    chosen: str,
) -> None:
    """The requested mode; else a container if there is an engine, and a process if not."""
    monkeypatch.setenv("DARKROOM_HOME", str(tmp_path))
    docker(**lines)
    assert choose_mode(requested) == chosen


def test_the_endpoint(docker: Docker) -> None:
    """The endpoint's port is the published one of `docker compose ps`."""
    docker(ps=f"echo '{OURS}'")
    assert ComposeEmulator().running() == [Endpoint(4566)]
    for none in (f"echo '{container(PROJECT, runs=False)}'", ":"):
        docker(ps=none)
        assert ComposeEmulator().running() == []


def test_another_port(docker: Docker) -> None:
    """A container on another port is not replaced."""
    docker(ps=f"echo '{OURS}'")
    with pytest.raises(EmulatorError, match="already running on port 4566"):
        ComposeEmulator().start(4567, print)


def test_another_checkout(docker: Docker, free_port: int, tmp_path: Path) -> None:
    """The container of another checkout in a folder of the same name is not changed."""
    docker(ps=f"echo '{container(tmp_path)}'", down=f"echo down > {tmp_path}/recorded")
    assert ComposeEmulator().running() == []
    with pytest.raises(EmulatorError, match=f"{tmp_path} has a container of the same name"):
        ComposeEmulator().start(free_port, print)
    assert ComposeEmulator().stop() is False
    assert not (tmp_path / "recorded").exists()


def test_a_build_that_fails(docker: Docker, free_port: int) -> None:
    """The error refers to Docker's output, and to the mode without Docker."""
    docker(up="exit 17")
    with pytest.raises(EmulatorError, match="MODE=native"):
        ComposeEmulator().start(free_port, print)


def test_a_container_that_ends(docker: Docker, free_port: int) -> None:
    """The error has the end of its log, without waiting for the timeout."""
    docker(logs="echo no space left on device")
    with pytest.raises(EmulatorError, match="no space left on device"):
        ComposeEmulator().start(free_port, print)


def test_progress_of_a_container(docker: Docker) -> None:
    """Progress is the processor time of its processes, and the size of its log."""
    docker(
        top="printf 'UID PID C STIME TTY TIME CMD\\n0 7 1 12:41 ? 00:01:05 python\\n'",
        logs="printf 'Ready.\\n'",
    )
    assert ComposeEmulator._progress() == 65 + len("Ready.\n")


def test_a_snapshot_of_another_port(docker: Docker, free_port: int, tmp_path: Path) -> None:
    """The error names the port that restores it, and the container is removed."""
    log = "The state in /s was saved at localhost:4571, and its URLs contain that address."
    docker(logs=f'echo "{log}"', down=f"echo down > {tmp_path}/recorded")
    with pytest.raises(EmulatorError, match="To restore it, run `make up PORT=4571`"):
        ComposeEmulator().start(free_port, print)
    assert (tmp_path / "recorded").exists()


def test_the_port_and_the_stack_reach_the_file(
    docker: Docker, free_port: int, tmp_path: Path
) -> None:
    """docker-compose.yml gets both from the environment."""
    docker(up=f'echo "$PORT $DARKROOM_STACK" > {tmp_path}/recorded; exit 1')
    with pytest.raises(EmulatorError):
        ComposeEmulator("other").start(free_port, print)
    assert (tmp_path / "recorded").read_text() == f"{free_port} other\n"


@pytest.mark.parametrize(("persist", "folder"), [(True, "unset"), (False, "")])
def test_persistence(
    docker: Docker,
    free_port: int,
    tmp_path: Path,
    persist: bool,  # noqa: FBT001
    folder: str,
) -> None:
    """Only without persistence, docker-compose.yml's folder on the volume is overridden."""
    docker(up=f'echo "${{EMULATOR_STATE_DIR-unset}}" > {tmp_path}/recorded; exit 1')
    with pytest.raises(EmulatorError):
        ComposeEmulator(persist=persist).start(free_port, print)
    assert (tmp_path / "recorded").read_text() == f"{folder}\n"


def test_the_state_is_on_the_volume(service: dict[str, Any]) -> None:
    """The snapshot's folder is on the volume, and the grace period is long enough to save it."""
    (volume,) = (each for each in service["volumes"] if each.startswith("state:"))
    folder = service["environment"]["EMULATOR_STATE_DIR"]
    assert folder.startswith("${EMULATOR_STATE_DIR-" + volume.removeprefix("state:") + "/")
    assert service["stop_grace_period"] == "30s"


@pytest.mark.parametrize("everything", [False, True])
def test_removing(docker: Docker, tmp_path: Path, everything: bool) -> None:  # noqa: FBT001
    """The container is removed with its network, its volume and image only if requested; an error
    of Docker is raised.
    """
    docker(ps=f"echo '{OURS}'", down=f'echo "$@" > {tmp_path}/recorded')
    assert ComposeEmulator().stop(delete_volume=everything, delete_image=everything) is True
    assert ("--volumes" in (tmp_path / "recorded").read_text()) == everything
    assert ("--rmi local" in (tmp_path / "recorded").read_text()) == everything
    docker(down="exit 0")
    assert ComposeEmulator().stop() is False
    docker(down="echo permission denied >&2; exit 1")
    with pytest.raises(EmulatorError, match="permission denied"):
        ComposeEmulator().stop()


def with_volume(made: str, record: Path, **lines: str) -> dict[str, str]:
    """Return Docker's output for a volume that was created at a time."""
    return {
        "config": f"echo '{CONFIGURED}'",
        "inspect": f"echo 'main_state {made}'",
        "down": f'echo "$@" > {record}',
        **lines,
    }


def test_the_volume_of_another_checkout(docker: Docker, free_port: int, tmp_path: Path) -> None:
    """The volume of another checkout in a folder of the same name is neither used nor deleted, also
    if it has no container.
    """
    record = tmp_path / "recorded"
    docker(**with_volume("monday", record, up=f"echo up > {tmp_path}/started"))
    with pytest.raises(EmulatorError, match="main_state may belong to another checkout"):
        ComposeEmulator().start(free_port, print)
    assert not (tmp_path / "started").exists()
    ComposeEmulator().stop(delete_volume=True)
    assert "--volumes" not in record.read_text()


@pytest.mark.parametrize(
    ("checkout", "made", "is_deleted"),
    [(PROJECT, "monday", True), (PROJECT, "tuesday", False), (Path("/a"), "monday", False)],
)
def test_the_own_volume(
    docker: Docker,
    home: Path,
    tmp_path: Path,
    checkout: Path,
    made: str,
    is_deleted: bool,  # noqa: FBT001
) -> None:
    """The volume is recognized without its container; a newer one of the same name, or that of a
    copied work folder, is another checkout's.
    """
    record = tmp_path / "recorded"
    docker(**with_volume("monday", record, ps=f"echo '{OURS}'"))
    ComposeEmulator().stop()
    note = home / "volume"
    note.write_text(note.read_text().replace(str(PROJECT), str(checkout)))
    docker(**with_volume(made, record))
    ComposeEmulator().stop(delete_volume=True)
    assert ("--volumes" in record.read_text()) == is_deleted


@pytest.mark.parametrize(("folder", "persists"), [("/var/lib/localstack/state", True), ("", False)])
def test_whether_the_container_persists(docker: Docker, folder: str, persists: bool) -> None:  # noqa: FBT001
    """The environment of the running container decides."""
    docker(printenv=f"echo '{folder}'")
    assert ComposeEmulator().persists() is persists


def test_an_emulator_that_only_responds_with_errors(
    docker: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wait for the pipeline ends with the emulator's words and the end of its log."""
    docker(logs="echo 'no provider'")
    monkeypatch.setattr("darkroom.emulator.progress.ERROR_SECONDS", 0.0)
    monkeypatch.setattr(Endpoint, "internal", lambda *_: httpx.Response(501, text="not loaded"))
    with pytest.raises(EmulatorError, match=r"status 501 \(not loaded\)[^$]*no provider"):
        ComposeEmulator()._wait(Endpoint(4566))
