"""Fixtures: a stack that analyzes every image, its page, and a held image."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import httpx
import pytest

from darkroom.cloud import Cloud
from localstack_init.deploy import deploy
from tests.browser.conftest import NewDemo, process
from tests.browser.demo import Demo
from tests.browser.files import File
from tests.deployed import new_deployment
from tests.integration.flagged import flagged, patchwork
from tests.integration.localstack import LocalStack
from tests.integration.site import Site
from tests.speed import LIMIT


@dataclass(frozen=True, slots=True)
class ModeratedStack:
    """A stack that analyzes every image."""

    cloud: Cloud
    site: Site

    def process(self, *files: File) -> list[str]:
        """Process files without the page, and return their keys."""
        return process(self.cloud, self.site, *files)


@pytest.fixture(scope="session")
def moderated(own_localstack: LocalStack | None, endpoint: str) -> Iterator[ModeratedStack]:
    """Yield a moderated stack in the session's own emulator, the only one that can flag images."""
    if own_localstack is None:
        pytest.skip("only an emulator of the tests' own can flag images")
    assert endpoint
    usual = new_deployment()
    deployment = replace(usual, parameters={**usual.parameters, "Analyze": "all"})
    log: list[str] = []
    with httpx.Client(timeout=LIMIT) as http:
        outputs = deploy(deployment, log.append)
        yield ModeratedStack(Cloud(outputs), Site(outputs["SiteUrl"], http))


@pytest.fixture
def demo(new_demo: NewDemo, moderated: ModeratedStack) -> Demo:
    """Return the stack's desktop page, which is not open yet."""
    return new_demo(moderated.site)


@contextmanager
def flagged_image() -> Iterator[File]:
    """Yield an image that moderation holds within the context."""
    name = f"{uuid.uuid4().hex[:8]}.jpg"
    image = File(name, patchwork(name))
    with flagged(image.data):
        yield image


@pytest.fixture
def held(moderated: ModeratedStack) -> Iterator[str]:
    """Yield the key of an image that is held for review."""
    with flagged_image() as image:
        yield moderated.process(image)[0]
