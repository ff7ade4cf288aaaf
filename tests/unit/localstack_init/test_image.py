"""The Dockerfile of the released image, without a Docker engine."""

import re

from localstack_init.build import PROJECT
from localstack_init.site import BESIDE

DOCKERFILE = PROJECT / "localstack_init" / "Dockerfile"


def copied() -> set[str]:
    """Return the paths that the Dockerfile copies."""
    lines = re.findall(r"^COPY (.*) \S+$", DOCKERFILE.read_text(), re.MULTILINE)
    return {path for line in lines for path in line.split()}


def test_the_build_context_is_what_is_copied() -> None:
    """The context has the copied files, which exist, and no others."""
    ignored = DOCKERFILE.with_name("Dockerfile.dockerignore").read_text().splitlines()
    context = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert all((PROJECT / path).exists() for path in copied())
    assert {path.removesuffix("/ready.d") for path in copied()} == context


def test_it_has_what_compose_mounts() -> None:
    """The image holds the files that docker-compose.yml mounts from a checkout, but for docs/,
    of which it holds those that the deployment reads.
    """
    compose = (PROJECT / "docker-compose.yml").read_text()
    mounted = set(re.findall(r"- \./([\w./]+):", compose))
    documents = {path.relative_to(PROJECT).as_posix() for path in BESIDE}
    assert copied() == mounted - {"docs"} | documents
