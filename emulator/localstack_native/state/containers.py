"""State containers of a service: collection of their content, and restore."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from localstack.services.plugins import Service
from localstack.services.stores import AccountRegionBundle
from localstack.state import AssetDirectory, StateVisitor
from moto.core.base_backend import BackendDict

from localstack_native.state.folder import UnusableSnapshotError
from localstack_native.state.objects import PersistentObjects

SQLITE = b"SQLite format 3\0"


class _Collector(StateVisitor):
    """Collects the state containers of a service."""

    def __init__(self) -> None:
        self.containers: list[Any] = []

    def visit(self, state_container: Any) -> None:
        self.containers.append(state_container)


def containers_of(service: Service) -> list[Any]:
    """Return the containers of a service's state, always in the same order."""
    collector = _Collector()
    service.accept_state_visitor(collector)
    return collector.containers


def collect(service: Service) -> list[Any]:
    """Return the content of the service's containers, to be pickled before it changes."""
    return [_content(container) for container in containers_of(service)]


def restore(service: Service, contents: list[Any]) -> None:
    """Restore collected contents. Raises ``UnusableSnapshotError``."""
    containers = containers_of(service)
    if len(containers) != len(contents):
        raise UnusableSnapshotError(f"{service.name()} has other state containers in this version")
    for container, content in zip(containers, contents, strict=True):
        _restore_container(container, content)


def _content(container: Any) -> Any:
    match container:
        case PersistentObjects():
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


def _restore_container(container: Any, content: Any) -> None:
    match container:
        case PersistentObjects():
            container.load(content)
        case AssetDirectory():
            for name, data in content.items():
                path = Path(container.path) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        case AccountRegionBundle() | BackendDict():
            # In place, because other objects refer to the container.
            dict.clear(container)
            for key, value in dict.items(content):
                dict.__setitem__(container, key, value)
            vars(container).update(vars(content))
        case _:
            raise UnusableSnapshotError(f"{type(container).__name__} is an unknown container")


def _file_content(path: Path) -> bytes:
    data = path.read_bytes()
    if not data.startswith(SQLITE):
        return data
    # A consistent copy of a database that may be written to.
    with closing(sqlite3.connect(path)) as database:
        return database.serialize()
