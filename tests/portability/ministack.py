"""A ministack process under test."""

import os
import signal
import ssl
import subprocess
import urllib.request
from pathlib import Path

from tests import guard
from tests.integration.localstack import ENVIRONMENTS, free_port
from tests.integration.waiting import wait_for
from tests.speed import LIMIT

PROGRAM = ENVIRONMENTS / "portability" / "bin" / "ministack"

SETTINGS = {
    # The policies of roles, buckets and queues hold, and the signatures of the roles are looked at.
    "AUTH": "true",
    # Those policies let nobody in without TLS. ministack makes itself a certificate with openssl.
    "USE_SSL": "1",
    "LOG_LEVEL": "INFO",
}


class Ministack:
    """One instance with a folder and a port of its own, on loopback alone."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"https://127.0.0.1:{port}"
        self.certificate = folder / "ministack-tls" / "server.crt"
        self._log = folder / "ministack.log"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            **SETTINGS,
            **guard.mark(),
        }
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [PROGRAM],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=folder,
                start_new_session=True,
            )

    def wait_until_healthy(self) -> None:
        """Return when it answers; fail when it ends instead."""

        def is_healthy() -> bool:
            assert self._process.poll() is None, f"ministack ended:\n{self.log_end()}"
            try:
                trusted = ssl.create_default_context(cafile=self.certificate)
                address = f"{self.url}/_ministack/health"
                with urllib.request.urlopen(address, timeout=LIMIT, context=trusted):
                    return True
            except OSError:
                return False

        wait_for(is_healthy)

    def environment(self) -> dict[str, str]:
        """What leads a process to it: boto3 and the command line, httpx, requests, curl."""
        trust = ("AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            **dict.fromkeys(trust, str(self.certificate)),
        }

    def log_end(self, lines: int = 60) -> str:
        """The last lines that it has written."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self) -> None:
        """End it, and the functions that it has started; it would take its time, and leave them."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
