"""The emulator as a container: what its files promise, and what `up` makes of Docker's answers."""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from darkroom_emulator import settings

from darkroom.emulator.compose import ComposeEmulator, engine_answers
from darkroom.emulator.instance import EmulatorError, Endpoint
from darkroom.emulator.modes import choose_mode
from localstack_init.build import PROJECT

Docker = Callable[..., None]


def container(checkout: Path, *, runs: bool = True) -> str:
    """What `docker compose ps` says of a container."""
    labels = f"com.docker.compose.service=localstack,{WORKING_DIR}={checkout}"
    publishers = [{"PublishedPort": 4566}, {"PublishedPort": 0}] if runs else None
    return json.dumps({"ID": "6412a9be1bbb", "Labels": labels, "Publishers": publishers})


WORKING_DIR = "com.docker.compose.project.working_dir"
OURS = container(PROJECT)


CONFIGURED = json.dumps({"volumes": {"state": {"name": "main_state"}}})


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a work folder of the test's own."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("DARKROOM_HOME", str(home))
    return home


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    """Give a way to put a program named docker on PATH, which answers as it is told."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def make(**answers: str) -> None:
        """Each name is a word of the command; its value a line of shell."""
        cases = "".join(f"*' {word} '*) {line} ;;\n" for word, line in answers.items())
        program = folder / "docker"
        program.write_text(f'#!/bin/sh\ncase " $* " in\n{cases}esac\n')
        program.chmod(0o755)

    return make


@pytest.fixture
def service() -> dict[str, Any]:
    """Give the one service of docker-compose.yml."""
    content = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
    assert list(content["services"]) == ["localstack"]
    service: dict[str, Any] = content["services"]["localstack"]
    return service


@pytest.fixture
def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_image_has_the_settings_of_the_plain_process() -> None:
    """What the Dockerfile sets is what ``darkroom-emulator`` sets, and the places of its own."""
    text = (PROJECT / "emulator" / "Dockerfile").read_text()
    block = text.rpartition("\nENV ")[2].replace("\\\n", " ").split()
    found = dict(line.split("=", 1) for line in block)
    own = {"EMULATOR_LAMBDA_PYTHON", "XDG_CACHE_HOME"}
    assert {name: value for name, value in found.items() if name not in own} == settings.DEFAULTS
    assert own <= found.keys()


def test_nobody_else_on_the_network_reaches_the_container(service: dict[str, Any]) -> None:
    """Every published port is on loopback."""
    assert service["ports"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_the_container_changes_nothing_here(service: dict[str, Any]) -> None:
    """It has no Docker socket, and of this checkout only what exists, to be read."""
    mounts = [each for each in service["volumes"] if not each.startswith("state:")]
    for mount in mounts:
        source, _, how = mount.split(":")
        assert how == "ro", mount
        assert (PROJECT / source).exists(), mount
        assert "sock" not in source


def test_no_engine(docker: Docker, monkeypatch: pytest.MonkeyPatch) -> None:
    """No program, one without Compose, one without an engine, one that hangs: no engine answers."""
    assert not engine_answers()
    docker(compose="exit 1")
    assert not engine_answers()
    docker(info="exit 1")
    assert not engine_answers()
    docker(info="exec /bin/sleep 60")
    monkeypatch.setattr("darkroom.emulator.compose.ENGINE_SECONDS", 0.2)
    assert not engine_answers()


@pytest.mark.parametrize(
    ("wanted", "answers", "chosen"),
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
    wanted: Any,
    answers: dict[str, str],
    chosen: str,
) -> None:
    """What was asked for; else a container where an engine answers, a process where none does."""
    monkeypatch.setenv("DARKROOM_HOME", str(tmp_path))
    docker(**answers)
    assert choose_mode(wanted) == chosen


def test_where_it_runs(docker: Docker) -> None:
    """The published port of Docker's list is the address."""
    docker(ps=f"echo '{OURS}'")
    assert ComposeEmulator().running() == [Endpoint(4566)]
    for none in (f"echo '{container(PROJECT, runs=False)}'", ":"):
        docker(ps=none)
        assert ComposeEmulator().running() == []


def test_another_port(docker: Docker) -> None:
    """A container on another port is not replaced with all that it holds."""
    docker(ps=f"echo '{OURS}'")
    with pytest.raises(EmulatorError, match="runs on port 4566 already"):
        ComposeEmulator().start(4567, print)


def test_another_checkout(docker: Docker, free_port: int, tmp_path: Path) -> None:
    """The container of a checkout in a folder of the same name is neither replaced nor removed."""
    docker(ps=f"echo '{container(tmp_path)}'", down=f"echo down > {tmp_path}/said")
    assert ComposeEmulator().running() == []
    with pytest.raises(EmulatorError, match=f"{tmp_path} has a container of the same name"):
        ComposeEmulator().start(free_port, print)
    assert ComposeEmulator().stop() is False
    assert not (tmp_path / "said").exists()


def test_a_build_that_fails(docker: Docker, free_port: int) -> None:
    """The error leads to Docker's own words, and to the way without Docker."""
    docker(up="exit 17")
    with pytest.raises(EmulatorError, match="MODE=native"):
        ComposeEmulator().start(free_port, print)


def test_a_container_that_ends(docker: Docker, free_port: int) -> None:
    """The end of its log says why, without anybody waiting for the time limit."""
    docker(logs="echo no space left on device")
    with pytest.raises(EmulatorError, match="no space left on device"):
        ComposeEmulator().start(free_port, print)


def test_what_was_kept_on_another_port(docker: Docker, free_port: int, tmp_path: Path) -> None:
    """The reason says which port brings it back, and the container is gone."""
    said = "The state in /s was saved at localhost:4571, and its URLs contain that address."
    docker(logs=f'echo "{said}"', down=f"echo down > {tmp_path}/said")
    with pytest.raises(EmulatorError, match="make up PORT=4571` brings them back"):
        ComposeEmulator().start(free_port, print)
    assert (tmp_path / "said").exists()


def test_the_port_and_the_stack_reach_the_file(
    docker: Docker, free_port: int, tmp_path: Path
) -> None:
    """docker-compose.yml is given what `up` was asked for."""
    docker(up=f'echo "$PORT $DARKROOM_STACK" > {tmp_path}/said; exit 1')
    with pytest.raises(EmulatorError):
        ComposeEmulator("other").start(free_port, print)
    assert (tmp_path / "said").read_text() == f"{free_port} other\n"


@pytest.mark.parametrize(("persist", "folder"), [(True, "unset"), (False, "")])
def test_what_is_kept(
    docker: Docker,
    free_port: int,
    tmp_path: Path,
    persist: bool,  # noqa: FBT001
    folder: str,
) -> None:
    """docker-compose.yml's folder on the volume is left as it is, unless nothing is to be kept."""
    docker(up=f'echo "${{EMULATOR_STATE_DIR-unset}}" > {tmp_path}/said; exit 1')
    with pytest.raises(EmulatorError):
        ComposeEmulator(persist=persist).start(free_port, print)
    assert (tmp_path / "said").read_text() == f"{folder}\n"


def test_the_state_is_on_the_volume(service: dict[str, Any]) -> None:
    """The state's folder is within what the volume keeps, and there is time to save it."""
    (volume,) = (each for each in service["volumes"] if each.startswith("state:"))
    folder = service["environment"]["EMULATOR_STATE_DIR"]
    assert folder.startswith("${EMULATOR_STATE_DIR-" + volume.removeprefix("state:") + "/")
    assert service["stop_grace_period"] == "30s"


@pytest.mark.parametrize("forget", [False, True])
def test_removing(docker: Docker, tmp_path: Path, forget: bool) -> None:  # noqa: FBT001
    """The container goes with its network, its volume and its image if they are to go; what Docker
    refuses is an error.
    """
    docker(ps=f"echo '{OURS}'", down=f'echo "$@" > {tmp_path}/said')
    assert ComposeEmulator().stop(forget=forget, remove_image=forget) is True
    assert ("--volumes" in (tmp_path / "said").read_text()) == forget
    assert ("--rmi local" in (tmp_path / "said").read_text()) == forget
    docker(down="exit 0")
    assert ComposeEmulator().stop() is False
    docker(down="echo permission denied >&2; exit 1")
    with pytest.raises(EmulatorError, match="permission denied"):
        ComposeEmulator().stop()


def with_volume(made: str, said: Path, **answers: str) -> dict[str, str]:
    """What Docker answers where the project's volume was made at a time."""
    return {
        "config": f"echo '{CONFIGURED}'",
        "inspect": f"echo 'main_state {made}'",
        "down": f'echo "$@" > {said}',
        **answers,
    }


def test_the_volume_of_another_checkout(docker: Docker, free_port: int, tmp_path: Path) -> None:
    """A volume that another checkout in a folder of this name has left is neither used nor removed,
    with no container there to say whose it is.
    """
    said = tmp_path / "said"
    docker(**with_volume("monday", said, up=f"echo up > {tmp_path}/started"))
    with pytest.raises(EmulatorError, match="main_state may be another checkout's"):
        ComposeEmulator().start(free_port, print)
    assert not (tmp_path / "started").exists()
    ComposeEmulator().stop(forget=True)
    assert "--volumes" not in said.read_text()


@pytest.mark.parametrize(
    ("checkout", "made", "is_removed"),
    [(PROJECT, "monday", True), (PROJECT, "tuesday", False), (Path("/a"), "monday", False)],
)
def test_the_own_volume(
    docker: Docker,
    home: Path,
    tmp_path: Path,
    checkout: Path,
    made: str,
    is_removed: bool,  # noqa: FBT001
) -> None:
    """The volume of this checkout's container is known after the container is gone; one that was
    made since then under its name, or that a copied work folder knows, is not its own.
    """
    said = tmp_path / "said"
    docker(**with_volume("monday", said, ps=f"echo '{OURS}'"))
    ComposeEmulator().stop()
    note = home / "volume"
    note.write_text(note.read_text().replace(str(PROJECT), str(checkout)))
    docker(**with_volume(made, said))
    ComposeEmulator().stop(forget=True)
    assert ("--volumes" in said.read_text()) == is_removed


@pytest.mark.parametrize(("folder", "keeps"), [("/var/lib/localstack/state", True), ("", False)])
def test_whether_the_container_keeps(docker: Docker, folder: str, keeps: bool) -> None:  # noqa: FBT001
    """What the running container was started with says so."""
    docker(printenv=f"echo '{folder}'")
    assert ComposeEmulator().keeps() is keeps
