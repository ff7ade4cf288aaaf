"""The wheel, installed outside of the checkout: it deploys a stack, and its commands work there."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.wheel import Installed, build_wheel

from .conftest import SAMPLES, new_deployment
from .test_deploy_commands import given

Command = Callable[..., str]


@pytest.fixture(scope="module")
def darkroom(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """Yield a function that runs a command on a stack that the wheel has deployed."""
    assert endpoint
    wheel = build_wheel(tmp_path_factory.mktemp("wheel"))
    program = Installed.of(wheel, tmp_path_factory.mktemp("installed"), "[deploy]")
    deployment = new_deployment()
    stack = ("--stack", deployment.stack)

    def command(name: str, *arguments: str | Path) -> str:
        return program.output(name, *arguments, *stack)

    output = command("deploy", "--yes", "--target", "host", *given(deployment.parameters))
    assert "CREATE_COMPLETE" in output
    yield command
    assert "Deleted stack" in command("destroy", "--yes")


def test_an_image(darkroom: Command, tmp_path: Path) -> None:
    """An image is uploaded, listed, shown, traced, saved, processed again and deleted."""
    assert "done in" in darkroom("upload", SAMPLES / "flower.jpg")
    assert "flower.jpg" in darkroom("ls")
    assert json.loads(darkroom("show", "flower.jpg", "--json"))["status"] == "done"
    assert "render" in darkroom("trace", "flower.jpg")
    assert "done flower.jpg" in darkroom("logs")
    darkroom("get", "flower.jpg", tmp_path)
    names = {file.name for file in (tmp_path / "flower.jpg").iterdir()}
    assert names == {"preview.webp", "thumb.webp", "web.jpg"}
    darkroom("reprocess", "flower.jpg")
    assert "deleted" in darkroom("rm", "--yes", "flower.jpg")


def test_the_stack(darkroom: Command) -> None:
    """The stack's outputs, state, dead letters and consistency are printed."""
    assert "RawBucket" in darkroom("outputs")
    assert "Queue: 0 waiting" in darkroom("status")
    assert "The dead-letter queue is empty." in darkroom("dead")
    darkroom("redrive")
    darkroom("check", "--grace", "0")
