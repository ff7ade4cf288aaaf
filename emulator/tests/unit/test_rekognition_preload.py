"""Which networks are loaded after the start, and when."""

import importlib
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from localstack_native import plugin
from localstack_native.rekognition import preload
from localstack_native.rekognition.errors import missing_extra


@pytest.fixture(autouse=True)
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process be idle, and leave the test's thread its priority."""
    monkeypatch.setattr(preload, "_wait_until_idle", lambda: True)
    monkeypatch.setattr("os.setpriority", lambda *_: None)


def test_every_network_is_named() -> None:
    """The list has each network of each module."""
    for name, networks in preload.NETWORKS.items():
        module = importlib.import_module(f"localstack_native.rekognition.networks.{name}")
        found = [key for key, each in vars(module).items() if type(each).__name__ == "Network"]
        assert found == networks


@pytest.mark.parametrize("error", [ImportError("numpy"), missing_extra("vision"), OSError("file")])
def test_what_is_not_installed_is_skipped(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without an extra, nothing is loaded, imported or said."""
    imported: list[str] = []

    def load() -> None:
        raise error

    def import_module(name: str) -> Any:
        imported.append(name)
        if isinstance(error, ImportError):
            raise error
        network = SimpleNamespace(load=load)
        return SimpleNamespace(NETWORK=network, DETECTOR=network, READER=network)

    monkeypatch.setattr(
        "localstack_native.rekognition.preload.importlib.import_module", import_module
    )
    with caplog.at_level(logging.INFO):
        preload._load()
    assert not any(name.endswith(".provider") for name in imported)
    assert not caplog.records


@pytest.mark.parametrize(
    ("features", "expected"), [("all", True), ("all,-rekognition", False), ("", False)]
)
def test_only_an_enabled_feature_loads(
    features: str, monkeypatch: pytest.MonkeyPatch, *, expected: bool
) -> None:
    """Without the feature, the hook is not called."""
    monkeypatch.setenv("EMULATOR_FEATURES", features)
    assert plugin.is_rekognition_enabled() is expected
