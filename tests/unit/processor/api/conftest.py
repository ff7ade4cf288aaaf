"""The API over in-memory services; responses are checked against docs/reference/openapi.yaml."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from processor.api.http.application import Application
from processor.api.routes import application
from processor.settings import ApiSettings
from tests.unit.processor.api.contract import Contract
from tests.unit.processor.api.services import (
    FakeClock,
    FakeLogger,
    Originals,
    Parameters,
    Queues,
    StepFunctions,
)
from tests.unit.processor.api.table import Table

EVENTS = Path(__file__).parents[3] / "events"
SETTINGS = ApiSettings(
    raw_bucket="raw",
    processed_bucket="processed",
    catalog_table="table",
    index_table="index",
    queue_url="https://queue",
    dead_letter_queue_url="https://dead",
    workflow="arn:aws:states:eu-central-1:1:stateMachine:darkroom-workflow",
    site_url="https://site.example",
    originals="on",
    variants="signed",
    signing_key="/darkroom/darkroom/variant-signing-key",
    cors_origins="https://app.example",
    browser_s3_endpoint="",
    function_memory=1769,
    undelete_days=7,
    delete_original="off",
    originals_retention=0,
    feed_wait=20,
)
CONTRACT = Contract()


@dataclass(frozen=True)
class Result:
    """A response with its JSON body decoded."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def code(self) -> str:
        """The code of a problem document."""
        return str(self.body["code"])


@dataclass
class Api:
    """The API and its services."""

    settings: ApiSettings = SETTINGS
    s3: Originals = field(default_factory=Originals)
    sqs: Queues = field(default_factory=Queues)
    table: Table = field(default_factory=Table)
    stepfunctions: StepFunctions = field(default_factory=StepFunctions)
    ssm: Parameters = field(default_factory=Parameters)
    clock: FakeClock = field(default_factory=FakeClock)
    log: FakeLogger = field(default_factory=FakeLogger)

    def with_settings(self, **changed: Any) -> "Api":
        """Return the API with other settings, over the same services."""
        return replace(self, settings=structs.replace(self.settings, **changed))

    @cached_property
    def application(self) -> Application:
        """The application that the function runs."""
        services: Any = (
            self.s3, self.s3, self.sqs, self.table, self.stepfunctions, lambda: self.ssm
        )  # fmt: skip
        logger: Any = self.log
        return application(self.settings, *services, clock=self.clock, logger=logger)

    def send(self, event: dict[str, Any]) -> Result:
        """Return the response to an event; fail unless the contract allows it."""
        output = self.application.handle(event)
        body = json.loads(output["body"]) if output["body"] else None
        result = Result(output["statusCode"], output["headers"], body)
        assert output["isBase64Encoded"] is False
        CONTRACT.check(event["httpMethod"], event["resource"], result.status, result.headers, body)
        return result

    def call(
        self,
        method: str,
        resource: str,
        body: object = None,
        *,
        key: str | None = None,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Result:
        """Send a request; ``key`` is percent-encoded already."""
        content_type = {"content-type": "application/json"} if body is not None else {}
        multiple = {
            name: each if isinstance(each, list) else [str(each)]
            for name, each in (query or {}).items()
        }
        return self.send(
            {
                "resource": resource,
                "httpMethod": method,
                "headers": {**content_type, **(headers or {})},
                "multiValueHeaders": None,
                "queryStringParameters": {n: each[-1] for n, each in multiple.items()} or None,
                "multiValueQueryStringParameters": multiple or None,
                "pathParameters": {"key": key} if key is not None else None,
                "body": body if isinstance(body, str | None) else json.dumps(body),
                "isBase64Encoded": False,
            }
        )


@pytest.fixture
def api() -> Api:
    """Return the API over empty services."""
    return Api()


@pytest.fixture
def event() -> Callable[[str], dict[str, Any]]:
    """Return a function that loads an API Gateway event of tests/events by name."""
    return lambda name: dict(json.loads((EVENTS / f"api-{name}.json").read_text()))
