"""Definitions that the template includes: the API, the dashboard, the state machine."""

import json
from pathlib import Path
from typing import Any

import yaml

from localstack_init.build import PROJECT, Artifact, builds_of, digest_of
from localstack_init.dashboard import dashboard
from localstack_init.gateway import definition


def build_definition() -> Artifact:
    """Build API Gateway's definition of docs/reference/openapi.yaml."""
    document = yaml.safe_load((PROJECT / "docs" / "reference" / "openapi.yaml").read_text())
    return _artifact("api", definition(document))


def build_dashboard() -> Artifact:
    """Build the dashboard's body."""
    return _artifact("dashboard", dashboard())


def build_workflow() -> Artifact:
    """Build the state machine's definition, in Amazon States Language."""
    document = Path(__file__).with_name("workflow.asl.json")
    return _artifact("workflow", json.loads(document.read_text()))


def _artifact(kind: str, value: dict[str, Any]) -> Artifact:
    content = json.dumps(value).encode()
    digest = digest_of(content)
    path = builds_of(PROJECT) / f"{kind}-{digest}.json"
    path.write_bytes(content)
    return Artifact(path, f"{kind}/{digest}.json")
