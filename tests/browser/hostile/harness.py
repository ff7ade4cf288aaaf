"""All that attacks need: an emulator with a deployed pipeline, pages, and a browser."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import boto3
import pytest
from playwright.sync_api import BrowserType

from darkroom.cloud import Cloud
from localstack_init.deploy import deploy, destroy
from tests.browser.chromium import launched
from tests.deployed import new_deployment
from tests.integration.localstack import LocalStack

from .origins import Pages
from .removal import remove
from .stage import Stage
from .visit import Browsers, Visits

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}
"""Credentials for an emulator of our own, and where the environment has none."""

ELSEWHERE = os.environ.get("AWS_ENDPOINT_URL")
"""The emulator that runs already, in Compose mode for instance; tests set the variable later."""


CARELESS = "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets"


@dataclass(frozen=True, slots=True)
class Harness:
    """Visits of hostile pages, and of those of a front end that the pipeline trusts."""

    stage: Stage
    hostile: Visits
    friendly: Visits


@contextmanager
def emulator(folder: Path, endpoint: str | None, port: int | None = None) -> Iterator[str]:
    """Give the endpoint of the running emulator, or of one that is started for the attacks."""
    if endpoint:
        yield endpoint
        return
    state = {"EMULATOR_STATE_DIR": str(folder / "state")}
    with LocalStack.started(folder / "localstack", port, **state) as localstack:
        localstack.wait_until_healthy()
        yield localstack.url


@contextmanager
def set_up(endpoint: str, front_end: str, *, is_own: bool) -> Iterator[Stage]:
    """Deploy a pipeline for the attacks, plant what they are aimed at, and remove all afterwards.

    ``AWS_ENDPOINT_URL`` has to lead to the endpoint.
    """
    usual = new_deployment()
    deployment = replace(usual, parameters={**usual.parameters, "CorsOrigins": front_end})
    said: list[str] = []
    stage = Stage(endpoint, Cloud(deploy(deployment, said.append)), front_end, is_own)
    stage.plant()
    try:
        yield stage
    finally:
        if not is_own:
            destroy(deployment.stack, said.append)
            remove(stage)


@contextmanager
def ready(kind: BrowserType, folder: Path, endpoint: str, *, is_own: bool) -> Iterator[Harness]:
    """Start servers of pages and browsers, and deploy a pipeline that trusts one front end.

    Raises ``NoBrowserError``.
    """
    with (
        pytest.MonkeyPatch.context() as patch,
        Pages(folder).serving() as pages,
        Pages(folder).serving() as front_end,
        launched(kind, arguments=(pages.rules, CARELESS)) as careless,
        launched(kind, arguments=(pages.rules,)) as careful,
    ):
        # boto3's default session keeps the credentials that it found first.
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        patch.setenv("AWS_ENDPOINT_URL", endpoint)
        for name, value in ENVIRONMENT.items():
            if is_own or name not in os.environ:
                patch.setenv(name, value)
        browsers = Browsers(careless, careful)
        with set_up(endpoint, front_end.local_origin, is_own=is_own) as stage:
            yield Harness(stage, Visits(browsers, stage, pages), Visits(browsers, stage, front_end))
