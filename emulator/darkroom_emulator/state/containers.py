"""What a service's state consists of, taken out and put back."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from localstack.services.plugins import Service
from localstack.services.stores import AccountRegionBundle
from localstack.state import AssetDirectory, StateVisitor
from moto.core.base_backend import BackendDict

from darkroom_emulator.state.folder import UnusableError
from darkroom_emulator.state.objects import KeptObjects

SQLITE = b"SQLite format 3\0"


class _Collector(StateVisitor):
    """Learns what a service shows to its visitors."""

    def __init__(self) -> None:
        self.containers: list[Any] = []

    def visit(self, state_container: Any) -> None:
        self.containers.append(state_container)


def containers_of(service: Service) -> list[Any]:
    """Return the containers of a service's state, always in the same order."""
    collector = _Collector()
    service.accept_state_visitor(collector)
    return collector.containers


def take_out(service: Service) -> list[Any]:
    """Return what the service holds, for pickling before anybody changes it."""
    return [_content(container) for container in containers_of(service)]


def put_back(service: Service, contents: list[Any]) -> None:
    """Have the service hold what was taken out. Raises ``UnusableError``."""
    containers = containers_of(service)
    if len(containers) != len(contents):
        raise UnusableError(f"{service.name()} holds something else in this version")
    for container, content in zip(containers, contents, strict=True):
        _restore(container, content)


def _content(container: Any) -> Any:
    match container:
        case KeptObjects():
            return container.save()
        case AssetDirectory():
            root = Path(container.path)
            return {
                str(path.relative_to(root)): _file_content(path)
                for path in sorted(root.rglob("*"))
                if path.is_file()
            }
        case _:
            return container


def _restore(container: Any, content: Any) -> None:
    match container:
        case KeptObjects():
            container.load(content)
        case AssetDirectory():
            for name, data in content.items():
                path = Path(container.path) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        case AccountRegionBundle() | BackendDict():
            # In place: whoever has the container keeps it.
            dict.clear(container)
            for key, value in dict.items(content):
                dict.__setitem__(container, key, value)
            vars(container).update(vars(content))
        case _:
            raise UnusableError(f"nothing is known of a {type(container).__name__}")


def _file_content(path: Path) -> bytes:
    data = path.read_bytes()
    if not data.startswith(SQLITE):
        return data
    # Whatever is being written to it: a database that is whole.
    with closing(sqlite3.connect(path)) as database:
        return database.serialize()
