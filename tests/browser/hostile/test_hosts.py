"""Host names that the emulator serves, in requests that no browser sends."""

import http.client

import pytest

from tests.speed import LIMIT

from .harness import Harness

FOREIGN = (
    "attacker.test",
    "attacker.test:{port}",
    "rebind.attacker.test:{port}",
    "localhost.attacker.test:{port}",
    "localhost:{port}.attacker.test",
    "127.0.0.1.attacker.test:{port}",
    "evil.cloudfront.localhost.attacker.test:{port}",
    "evil.s3.localhost:{port}.attacker.test",
    "notlocalhost:{port}",
    "192.168.0.1:{port}",
    "169.254.169.254",
    "[fe80::1]:{port}",
    "[::ffff:192.168.0.1]:{port}",
)

OWN = (
    "localhost:{port}",
    "LOCALHOST:{port}",
    "127.0.0.1:{port}",
    "[::1]:{port}",
    "x.localhost:{port}",
)

PATHS = (
    "/_localstack/health",
    "/2015-03-31/functions/",
    "/{private}/secret.txt",
    "/_aws/execute-api/{api}/api/images",
    "/_aws/cloudfront/{distribution}/api/images",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", FOREIGN)
def test_foreign_hosts_are_refused(harness: Harness, host: str, path: str) -> None:
    """A name that is not the emulator's is refused by a sentence, at every path."""
    status, text = get(harness, host, path)
    assert status == 421
    assert "EMULATOR_HOSTS" in text


@pytest.mark.parametrize("host", OWN)
def test_own_hosts_are_served(harness: Harness, host: str) -> None:
    """Loopback names and addresses, and all names below localhost, are served."""
    status, text = get(harness, host, "/_localstack/health")
    assert status == 200
    assert "services" in text


def get(harness: Harness, host: str, path: str) -> tuple[int, str]:
    """Send a GET with this Host; return the status and the text."""
    stage = harness.stage
    outputs = stage.cloud.outputs
    names = {
        "private": stage.private_bucket,
        "api": outputs["Api"],
        "distribution": outputs["Distribution"],
    }
    connection = http.client.HTTPConnection("127.0.0.1", stage.port, timeout=LIMIT)
    try:
        connection.putrequest("GET", path.format(**names), skip_host=True)
        connection.putheader("Host", host.format(port=stage.port))
        connection.endheaders()
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")
    finally:
        connection.close()
