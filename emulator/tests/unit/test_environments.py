"""The execution environments that LocalStack lists and adds in several threads."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from localstack_native.awslambda.environments import get_environment


def test_an_environment_can_be_added_while_others_are_listed() -> None:
    """An invocation that looks for a free environment allows another to add one meanwhile."""
    service = SimpleNamespace(environments=defaultdict(dict))
    version = SimpleNamespace(id=SimpleNamespace(function_name="function"))

    @contextmanager
    def listed(service: Any, manager: str, *_: Any) -> Iterator[list[Any]]:
        environments = service.environments[manager]
        environments["first"] = 1
        found = []
        for environment in environments.values():
            environments[f"another {environment}"] = 2
            found.append(environment)
        yield found

    with get_environment(listed, service, "manager", version, None) as found:
        assert found == [1]
