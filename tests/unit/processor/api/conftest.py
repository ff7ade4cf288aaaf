"""The API over services that are played by memory, and its contract."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from processor.api.http import application as module
from processor.api.http.application import Application
from processor.api.routes import application
from processor.settings import ApiSettings
from tests.unit.processor.api.contract import Contract
from tests.unit.processor.api.services import (
    Originals,
    Queues,
    StepFunctions,
    Table,
)

EVENTS = Path(__file__).parents[3] / "events"
SETTINGS = ApiSettings(
    raw_bucket="raw",
    processed_bucket="processed",
    catalog_table="table",
    queue_url="https://queue",
    dead_letter_queue_url="https://dead",
    workflow="arn:aws:states:eu-central-1:1:stateMachine:darkroom-workflow",
    site_url="https://site.example",
    originals="on",
    cors_origins="https://app.example",
    browser_s3_endpoint="",
    function_memory=1769,
)
CONTRACT = Contract()


@dataclass(frozen=True)
class Said:
    """An answer, read."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def code(self) -> str:
        """That of a problem document."""
        return str(self.body["code"])


@dataclass
class Api:
    """The API, its services, and the contract that each answer is held against."""

    settings: ApiSettings = SETTINGS
    s3: Originals = field(default_factory=Originals)
    sqs: Queues = field(default_factory=Queues)
    table: Table = field(default_factory=Table)
    workflows: StepFunctions = field(default_factory=StepFunctions)

    def with_settings(self, **changed: Any) -> "Api":
        """The same services behind other settings."""
        settings = structs.replace(self.settings, **changed)
        return Api(settings, self.s3, self.sqs, self.table, self.workflows)

    @cached_property
    def application(self) -> Application:
        """What the function runs."""
        services: Any = (self.s3, self.s3, self.sqs, self.table, self.workflows)
        return application(self.settings, *services)

    def send(self, event: dict[str, Any]) -> Said:
        """Hand an event over; the answer has to be one that the document allows."""
        answered = self.application.answer(event)
        body = json.loads(answered["body"]) if answered["body"] else None
        said = Said(answered["statusCode"], answered["headers"], body)
        assert answered["isBase64Encoded"] is False
        CONTRACT.check(event["httpMethod"], event["resource"], said.status, said.headers, body)
        return said

    def call(
        self,
        method: str,
        resource: str,
        body: object = None,
        *,
        key: str | None = None,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Said:
        """Send a request; ``key`` is percent-encoded already."""
        given = {"content-type": "application/json"} if body is not None else {}
        multiple = {
            name: each if isinstance(each, list) else [str(each)]
            for name, each in (query or {}).items()
        }
        return self.send(
            {
                "resource": resource,
                "httpMethod": method,
                "headers": {**given, **(headers or {})},
                "multiValueHeaders": None,
                "queryStringParameters": {n: each[-1] for n, each in multiple.items()} or None,
                "multiValueQueryStringParameters": multiple or None,
                "pathParameters": {"key": key} if key is not None else None,
                "body": body if isinstance(body, str | None) else json.dumps(body),
                "isBase64Encoded": False,
            }
        )


@pytest.fixture(autouse=True, scope="package")
def log() -> Iterator["Log"]:
    """Keep what the API logs."""
    with pytest.MonkeyPatch.context() as patch:
        kept = Log()
        patch.setattr(module, "logger", kept)
        yield kept


@pytest.fixture
def api(log: "Log") -> Api:
    """Give the API with nothing behind it yet."""
    log.lines.clear()
    return Api()


@pytest.fixture
def event() -> Callable[[str], dict[str, Any]]:
    """Give what API Gateway hands over, by the name of its file in tests/events."""
    return lambda name: dict(json.loads((EVENTS / f"api-{name}.json").read_text()))


class Log:
    """A logger that keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, Any]]] = []

    def __getattr__(self, level: str) -> Callable[..., None]:
        return lambda message, **more: self.lines.append((level, message, more))
